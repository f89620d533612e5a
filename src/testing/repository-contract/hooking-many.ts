import assert from 'node:assert/strict';
import { DuplicateKeyError } from '../../errors/data.js';
import { hooked, no, throwing } from './hooked-kit.js';
import { type ContractCase, fails, type Given, law, type Row, refuses } from './kit.js';
import { increment } from './loose.js';

const hashing = (change: Row): Row =>
  change['password'] === undefined ? change : { ...change, password: `hash of ${change['password']}` };
const slugging = (draft: Row): Row => ({ slug: `by-${draft['name']}`, ...draft });
const draft = (name: string): Row => ({ name, password: `secret ${name}` });

/** Names, hashes and levels. */
async function told(given: Given): Promise<unknown[]> {
  const rows = await hooked(given, {}).find({}, { reveal: ['password'], orderBy: { name: 'asc' } });
  return rows.map((row) => [row['name'], row['password'], row['level']]);
}

export const hookingMany: readonly ContractCase[] = [
  law(
    '`upsertMany`, `updateEach` and `bulk` run the hooks for each row, with the change that concerns it',
    async (given) => {
      await given.writers();
      const seen: unknown[] = [];
      const beforeSave = (change: Row, { verb, part }: Row) => {
        seen.push([verb, part, Object.keys(change).sort().join()]);
        return hashing(change);
      };
      const writers = hooked(given, { beforeInsert: slugging, beforeSave });
      assert.deepEqual(await writers.upsertMany([draft('ann'), draft('bob')], { on: 'name' }), {
        matched: 0,
        inserted: 2,
        deleted: 0,
      });
      const [ann, bob] = (await writers.find({}, { orderBy: { name: 'asc' } })) as [Row, Row];
      seen.length = 0;
      const patches = [
        { id: ann['id'], level: increment(1) },
        { id: bob['id'], password: 'another one', level: 3 },
      ];
      assert.equal((await writers.updateEach(patches)).matched, 2);
      assert.deepEqual(seen, [
        ['updateEach', 'update', ''],
        ['updateEach', 'update', 'level,password'],
      ]);
      const counts = await writers.bulk([
        { insert: draft('cid') },
        { update: ann['id'], set: { level: 5 } },
        { upsert: { ...draft('bob'), slug: 'b' }, on: 'name' },
        { delete: bob['id'] },
        { delete: bob['id'] },
      ]);
      assert.deepEqual(counts, { matched: 2, inserted: 1, deleted: 1 });
      assert.deepEqual(await told(given), [
        ['ann', 'hash of secret ann', 5],
        ['cid', 'hash of secret cid', 1],
      ]);
    },
  ),
  law('hooks of many rows are one transaction with them, in which no row stays when one fails', async (given) => {
    await given.writers({ ...draft('ann'), slug: 'a' });
    const before = await told(given);
    let written = 0;
    const afterWrite = () => {
      written++;
    };
    const writers = hooked(given, { beforeInsert: slugging, beforeSave: hashing, afterWrite });
    const [ann] = (await writers.find()) as [Row];
    await fails(
      () => writers.bulk([{ insert: draft('bob') }, { insert: { ...draft('ann'), slug: 'x' } }]),
      DuplicateKeyError,
      (error) => assert.equal(error.position, 1),
    );
    assert.equal(written, 1);
    const failing = hooked(given, { beforeInsert: slugging, afterWrite: throwing });
    await fails(
      () => failing.upsertMany([draft('bob')], { on: 'name' }),
      Error,
      (error) => assert.equal(error, no),
    );
    await fails(
      () => failing.updateEach([{ id: ann['id'], level: 4 }]),
      Error,
      (error) => assert.equal(error, no),
    );
    assert.deepEqual(await told(given), before);
  }),
  law('no hook of many rows sees anything of a call that is refused', async (given) => {
    await given.writers();
    const writers = hooked(given, { beforeInsert: throwing, beforeSave: throwing, beforeDelete: throwing });
    await refuses(
      () => writers.upsertMany([draft('ann'), { name: 'bob', password: 'short' }], { on: 'name' }),
      '[1].password',
    );
    await refuses(() => writers.bulk([{ insert: draft('ann') }, { insert: { name: 'bob' } }]), '[1].insert.password');
    await refuses(() => writers.updateEach([{ level: 1 }]), '[0].id');
    assert.deepEqual(await told(given), []);
  }),
];
