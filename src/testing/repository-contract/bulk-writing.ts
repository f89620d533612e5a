import assert from 'node:assert/strict';
import { DuplicateKeyError, StaleVersionError } from '../../errors/data.js';
import { type ContractCase, fails, law, refuses } from './kit.js';
import { increment } from './loose.js';

const ids = Array.from({ length: 9 }, (_, i) => `${i}0000000-0000-4000-8000-000000000000`);

export const bulkWriting: readonly ContractCase[] = [
  law('`bulk` does writes of every kind, in their order', async (given) => {
    const accounts = await given.accounts(
      { id: ids[0], email: 'a@x.y', balance: 1 },
      { id: ids[1], email: 'b@x.y', balance: 2 },
    );
    const counts = await accounts.bulk([
      { insert: { id: ids[2], email: 'c@x.y' } },
      { update: ids[2], set: { balance: increment(5) } },
      { update: ids[2], set: { balance: increment(5) } },
      { upsert: { email: 'c@x.y', nickname: 'cee' }, on: 'email' },
      { upsert: { id: ids[3], email: 'd@x.y' }, on: 'email' },
      { delete: ids[0] },
      { insert: { id: ids[4], email: 'a@x.y' } },
      { delete: ids[1] },
      { delete: ids[7] },
      { update: ids[7], set: { balance: 1 } },
    ]);
    assert.deepEqual(counts, { matched: 3, inserted: 3, deleted: 2 });
    const rows = await accounts.find({}, { orderBy: { id: 'asc' } });
    assert.deepEqual(
      rows.map((row) => [row['email'], row['balance'], row['nickname'], row['version']]),
      [
        ['c@x.y', 10, 'cee', 4],
        ['d@x.y', 0, null, 1],
        ['a@x.y', 0, null, 1],
      ],
    );
    assert.equal(await accounts.count({}, { deleted: 'only' }), 2);
  }),
  law('`bulk` deletes for good where nothing is deleted softly, by composite keys too', async (given) => {
    const slots = await given.slots({ id: ids[0], code: 'a' }, { id: ids[1], code: 'b' }, { id: ids[2], code: 'c' });
    assert.equal((await slots.bulk([{ delete: ids[0] }, { delete: ids[2] }, { delete: ids[8] }])).deleted, 2);
    assert.deepEqual(await slots.distinct('code'), ['b']);
    const members = await given.members({ group: 1, user: 1 }, { group: 1, user: 2 }, { group: 2, user: 1 });
    const gone = [
      { delete: { group: 1, user: 1 } },
      { delete: { group: 2, user: 1 } },
      { delete: { group: 2, user: 2 } },
    ];
    assert.equal((await members.bulk(gone)).deleted, 2);
    assert.deepEqual(await members.find(), [{ group: 1, user: 2, role: null }]);
  }),
  law('`bulk` that fails writes nothing, and tells the place of the draft', async (given) => {
    const slots = await given.slots({ id: ids[0], code: 'a', rank: 1 });
    await fails(
      () =>
        slots.bulk([
          { update: ids[0], set: { rank: 2 } },
          { insert: { code: 'b' } },
          { insert: { code: 'c' } },
          { insert: { code: 'a' } },
        ]),
      DuplicateKeyError,
      (error) => {
        assert.deepEqual(error.fields, ['code']);
        assert.ok(error.position === undefined || error.position === 3);
      },
    );
    assert.deepEqual(
      (await slots.find()).map((row) => [row['code'], row['rank']]),
      [['a', 1]],
    );
  }),
  law('`bulk` writes nothing when a version is stale', async (given) => {
    const accounts = await given.accounts({ id: ids[0], email: 'a@x.y' }, { id: ids[1], email: 'b@x.y' });
    const writes = (version: number) => [{ delete: ids[1] }, { update: ids[0], set: { balance: 5 }, version }];
    await fails(() => accounts.bulk(writes(7)), StaleVersionError);
    assert.equal(await accounts.count({ balance: 0 }), 2);
    assert.deepEqual(await accounts.bulk(writes(1)), { matched: 1, inserted: 0, deleted: 1 });
  }),
  law('`bulk` refuses what is wrong in any element, before a byte is sent', async (given) => {
    const { verbs, sent } = given.watched('Account');
    await refuses(
      () =>
        verbs.bulk([
          { insert: { email: 'x' } },
          { update: ids[0], set: { balance: 'x' } },
          { update: 'x', set: { balance: 1 }, wrong: 1 },
          { upsert: { email: 'a@x.y' }, on: 'balance' },
          { upsert: { balance: -1 }, on: 'email' },
          { delete: 7 },
          { insert: { email: 'a@x.y' }, delete: ids[0] },
          {},
          null,
          { update: ids[0] },
          { update: ids[0], set: {} },
        ]),
      '[0].insert.email',
      '[1].set.balance',
      '[2].update.id',
      '[2].wrong',
      '[3].on',
      '[4].upsert.email',
      '[4].upsert.balance',
      '[5].delete.id',
      '[6]',
      '[7]',
      '[8]',
      '[9].set',
      '[10].set',
    );
    assert.equal(sent.length, 0);
  }),
  law('`bulk` joins the transaction that it is called in', async (given) => {
    const slots = await given.slots({ id: ids[0], code: 'a' });
    const undone = given.database.transaction(async () => {
      await slots.bulk([{ delete: ids[0] }, { insert: { code: 'b' } }]);
      assert.deepEqual(await slots.distinct('code'), ['b']);
      throw new RangeError('undo');
    });
    await fails(() => undone, RangeError);
    assert.deepEqual(await slots.distinct('code'), ['a']);
  }),
];
