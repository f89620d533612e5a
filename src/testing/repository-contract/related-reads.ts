import assert from 'node:assert/strict';
import { AbortedError } from '../../errors/runtime.js';
import { type ContractCase, fails, labels, law, type Row, verbsOf } from './kit.js';
import { belongsTo, belongsToMany, gt, gte, hasMany, hasOne, manyToMany } from './loose.js';
import { noting } from './noting.js';
import { Memo } from './related-entities.js';
import { BY_ID, told, type World, world } from './related-world.js';

class Undone extends Error {}

/** Every kind of relation, with the commands of each. */
function everyRelation({ people, memos, likings }: World): Record<string, unknown> {
  return {
    boss: belongsTo(people, 'bossId'),
    memo: hasOne(memos, 'personId', { orderBy: { id: 'desc' } }),
    memos: hasMany(memos, 'personId'),
    latest: hasMany(memos, 'personId', { orderBy: { id: 'desc' }, limit: 1 }),
    written: hasMany(memos, 'personId', { count: true }),
    friends: belongsToMany(people, 'friendIds'),
    liked: manyToMany(memos, likings, 'personId', 'memoId'),
  };
}

/** Relations of pages, of transactions, of streams. */
export const relatedReads: readonly ContractCase[] = [
  law('`paginate` includes as `find` does, and for the rows of its page alone', async (given) => {
    const { memos } = await world(given);
    const people = given.counted('Person');
    const options = { ...BY_ID, include: { by: belongsTo(people.verbs, 'personId') } };
    const page = await memos.paginate({}, { ...options, page: 2, limit: 2 });
    assert.equal(told(page.rows, 'by'), 'a3:ann b1:bob');
    assert.deepEqual([page.total, page.pages, page.hasNext], [7, 4, true]);
    assert.equal(people.sent.length, 1);
    assert.deepEqual((people.sent[0] as unknown as { values: unknown[] }).values[0], [1, 2]);
    const narrow = await memos.paginate({ id: 4 }, { ...options, select: ['label'], count: 'none' });
    assert.deepEqual(Object.keys(narrow.rows[0]!).sort(), ['by', 'label']);
    assert.deepEqual((await memos.paginate({ id: 100 }, options)).rows, []);
  }),
  law('relations read inside a `transaction` see what it wrote, and what it wrote is undone with it', async (given) => {
    const all = await world(given);
    const { people, memos, likings } = all;
    const include = everyRelation(all);
    const before = await people.find({}, { ...BY_ID, include });
    const work = async () => {
      await people.insert({ id: 6, label: 'fay', bossId: 4, friendIds: [6, 1] });
      await memos.insert({ id: 8, label: 'f1', personId: 6n });
      await memos.insert({ id: 9, label: 'f2', personId: 6n });
      await likings.insert({ id: 10, memoId: 9, personId: 6 });
      const read = async (rows: Promise<Row[]>) => {
        const row = (await rows)[0]!;
        for (const name of ['memos', 'latest', 'friends', 'liked'])
          row[name] = row[name].map((each: Row) => each['label']);
        const { boss, memo, memos: own, latest, written, friends, liked } = row;
        assert.deepEqual([boss.label, memo.label, own, latest], ['dan', 'f2', ['f1', 'f2'], ['f2']]);
        assert.deepEqual([written, friends, liked], [2, ['fay', 'ann'], ['f2']]);
      };
      await read(people.find({ label: 'fay' }, { include }));
      await read(people.get(6, { include }).then((row) => [row]));
      await read(people.paginate({ label: 'fay' }, { include }).then(({ rows }) => rows));
      await read(people.paginateByCursor({ label: 'fay' }, { include }).then(({ rows }) => rows));
      for await (const row of people.stream({ id: gt(5) }, { include, batch: 1 })) await read(Promise.resolve([row]));
      throw new Undone();
    };
    await fails(() => given.database.transaction(work), Undone);
    assert.deepEqual(await people.find({}, { ...BY_ID, include }), before);
  }),
  law('a `transaction` that is read-only reads relations of every kind', async (given) => {
    const all = await world(given);
    const options = { ...BY_ID, include: everyRelation(all) };
    const outside = await all.people.find({}, options);
    const inside = await given.database.transaction(() => all.people.find({}, options), { readOnly: true });
    assert.deepEqual(inside, outside);
  }),
  law(
    '`limit` of a relation gives the beginning of what comes without it, also where many rows are equal',
    async (given) => {
      const people = await given.people(...[3, 1, 2].map((id) => ({ id, label: `p${id}` })));
      const drafts = Array.from({ length: 40 }, (_, i) => {
        const id = (i * 7) % 40;
        return { id, label: `m${id}`, personId: BigInt(1 + (id % 3)), rank: id % 5 === 0 ? null : id % 2 };
      });
      const memos = await given.memos(...drafts);
      const read = async (options: object) => {
        const rows = await people.find({}, { ...BY_ID, include: { memos: hasMany(memos, 'personId', options) } });
        return rows.map((row) => labels(row['memos']));
      };
      for (const orderBy of [{}, { rank: 'asc' }, { rank: 'desc' }, { rank: 'asc', id: 'desc' }]) {
        for (const where of [{}, { rank: gte(0) }]) {
          const whole = await read({ orderBy, where });
          assert.ok(whole.every((own) => own.length > 9));
          for (const limit of [1, 2, 9, 100]) {
            const expected = whole.map((own) => own.slice(0, limit));
            assert.deepEqual(await read({ orderBy, where, limit }), expected);
          }
          const first = await people.find(
            {},
            { ...BY_ID, include: { memo: hasOne(memos, 'personId', { orderBy, where }) } },
          );
          assert.deepEqual(
            first.map((row) => row['memo'].label),
            whole.map((own) => own[0]),
          );
        }
      }
    },
  ),
  law('a thread of rows of one entity comes in one query a level, with a limit and a count at each', async (given) => {
    const drafts = Array.from({ length: 30 }, (_, i) => ({
      id: i + 1,
      label: `c${i + 1}`,
      bossId: i < 3 ? null : 1 + Math.floor((i - 3) / 3),
    }));
    const people = await given.people(...drafts);
    await people.delete(5);
    const { verbs, sent } = given.counted('Person');
    const replies = (level: number): unknown =>
      hasMany(verbs, 'bossId', {
        limit: 2,
        include: {
          count: hasMany(verbs, 'bossId', { count: true }),
          ...(level > 1 ? { replies: replies(level - 1) } : {}),
        },
      });
    const roots = await verbs.find({ id: 1 }, { include: { replies: replies(3) } });
    const told = (row: Row): string => {
      const below = ((row['replies'] ?? []) as Row[]).map((each) => `${told(each)}#${each['count']}`);
      return `${row['label']}[${below}]`;
    };
    assert.equal(told(roots[0]!), 'c1[c4[c13[]#0,c14[]#0]#3,c6[c19[]#0,c20[]#0]#3]');
    // The root, then rows and counts of two levels; on the third level nobody has replies, but that must be asked.
    assert.equal(sent.length, 1 + 2 + 2 + 1);
  }),
  law('a deleted row that is asked for has its relations too', async (given) => {
    const { people, memos } = await world(given);
    const include = { memos: hasMany(memos, 'personId'), boss: belongsTo(people, 'bossId') };
    const [eve] = await people.find({}, { deleted: 'only', include });
    assert.equal(told([eve!], 'memos'), 'eve:[e1]');
    assert.equal(told([eve!], 'boss'), 'eve:ann');
  }),
  law('a signal that aborts between a read and its relations ends the call', async (given) => {
    const { people } = await world(given);
    const controller = new AbortController();
    const { database: own } = given;
    const memos = verbsOf(
      {
        ...noting(own, () => {}),
        run: async <T>(...call: Parameters<typeof own.run>) => {
          const result = await own.run<T>(...call);
          controller.abort(new Error('enough'));
          return result;
        },
      },
      Memo,
    );
    const find = (include: object) => memos.find({}, { include, signal: controller.signal });
    await fails(() => find({ by: belongsTo(people, 'personId') }), AbortedError);
  }),
];
