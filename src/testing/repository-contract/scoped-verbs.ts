import assert from 'node:assert/strict';
import { DuplicateKeyError, NotFoundError } from '../../errors/data.js';
import { fails, type Row, type Verbs } from './kit.js';
import { count } from './loose.js';

/** What a case of a scope starts from: rows of two tenants, and verbs that may see those of one. */
export interface Scoped {
  /** Verbs within the tenant `me`. */
  readonly verbs: Verbs;
  /** Rows of the tenant `me`, with the codes `a` and `b`. */
  readonly mine: readonly Row[];
  /** Rows of the tenant `they`, with the codes `a` and `c`, the labels `their a` and `their c`. */
  readonly theirs: readonly Row[];
  /** A row of theirs, with the code `gone`, that is deleted softly; null where rows are not. */
  readonly gone: Row | null;
}

const codes = (rows: readonly Row[]): string =>
  rows
    .map((row) => row['code'])
    .sort()
    .join(' ');

/**
 * Tries to reach the rows of `they` by each verb, and expects that it cannot. Every verb has its case: one that lets a row of
 * others through fails it.
 */
export const scopedVerbs: Readonly<Record<string, (scoped: Scoped) => Promise<void>>> = {
  findById: async ({ verbs, mine, theirs }) => {
    assert.equal(await verbs.findById(theirs[0]!['id']), null);
    assert.deepEqual(await verbs.findById(mine[0]!['id']), mine[0]);
  },
  get: async ({ verbs, theirs }) => fails(() => verbs.get(theirs[0]!['id']), NotFoundError),
  findOne: async ({ verbs }) => {
    assert.equal(await verbs.findOne({ label: 'their a' }), null);
    assert.equal(await verbs.findOne({ tenant: 'they' }), null);
  },
  find: async ({ verbs }) => {
    assert.equal(codes(await verbs.find()), 'a b');
    assert.equal(codes(await verbs.find({ code: 'c' })), '');
    assert.equal(codes(await verbs.find({}, { limit: 10, orderBy: { weight: 'desc' } })), 'a b');
  },
  stream: async ({ verbs }) => {
    const rows: Row[] = [];
    for await (const row of verbs.stream({}, { batch: 1 })) rows.push(row);
    assert.equal(codes(rows), 'a b');
  },
  paginate: async ({ verbs }) => {
    for (const mode of ['exact', 'capped', 'estimated', 'none']) {
      const { rows, total, hasNext } = await verbs.paginate({}, { limit: 1, count: mode, orderBy: { code: 'asc' } });
      assert.equal(codes(rows), 'a');
      assert.equal(total, mode === 'none' ? null : 2, mode);
      assert.equal(hasNext, true);
    }
    assert.equal((await verbs.paginate({}, { limit: 1, page: 3 })).rows.length, 0);
  },
  paginateByCursor: async ({ verbs }) => {
    for (const orderBy of [{ weight: 'asc' }, { label: 'desc', weight: 'asc' }]) {
      const first = await verbs.paginateByCursor({}, { limit: 1, orderBy });
      const second = await verbs.paginateByCursor({}, { limit: 5, orderBy, after: first.next });
      assert.equal(codes([...first.rows, ...second.rows]), 'a b');
      assert.equal(second.next, null);
    }
  },
  count: async ({ verbs }) => {
    assert.equal(await verbs.count(), 2);
    assert.equal(await verbs.count({ code: 'c' }), 0);
  },
  exists: async ({ verbs }) => assert.equal(await verbs.exists({ label: 'their a' }), false),
  distinct: async ({ verbs }) => {
    assert.deepEqual(await verbs.distinct('label'), [null]);
    assert.deepEqual(await verbs.distinct('tenant'), ['me']);
  },
  groupBy: async ({ verbs }) => {
    assert.deepEqual(await verbs.groupBy(['tenant'], { n: count() }), [{ tenant: 'me', n: 2 }]);
    assert.deepEqual(await verbs.groupBy([], { n: count() }, { where: { code: 'c' } }), [{ n: 0 }]);
  },
  search: async ({ verbs }) => {
    assert.equal(codes(await verbs.search('a')), 'a');
    assert.equal(codes(await verbs.search('their')), '');
  },
  near: async ({ verbs }) => {
    assert.equal(codes(await verbs.near('spot', { type: 'Point', coordinates: [13, 52] })), 'b');
  },
  insert: async ({ verbs }) => {
    assert.equal((await verbs.insert({ code: 'c' }))['tenant'], 'me');
    assert.equal((await verbs.insert({ code: 'd', tenant: 'me' }))['tenant'], 'me');
    assert.equal(await verbs.count(), 4);
    await fails(() => verbs.insert({ code: 'e', label: 'their a' }), DuplicateKeyError);
  },
  insertMany: async ({ verbs }) => {
    const rows = await verbs.insertMany([{ code: 'c' }, { code: 'd', tenant: 'me' }]);
    assert.deepEqual(
      rows.map((row) => row['tenant']),
      ['me', 'me'],
    );
  },
  update: async ({ verbs, theirs }) => {
    await fails(() => verbs.update(theirs[0]!['id'], { weight: 9 }), NotFoundError);
    await fails(() => verbs.update(theirs[0]!['id'], {}), NotFoundError);
  },
  updateOne: async ({ verbs }) => {
    assert.equal(await verbs.updateOne({ label: 'their a' }, { weight: 9 }), null);
    assert.equal(await verbs.updateOne({ label: 'their a' }, {}), null);
  },
  updateMany: async ({ verbs }) => {
    assert.equal(await verbs.updateMany({}, { weight: 9 }, { all: true }), 2);
    assert.equal(await verbs.updateMany({ code: 'c' }, {}), 0);
  },
  upsert: async ({ verbs, theirs }) => {
    await fails(() => verbs.upsert({ id: theirs[0]!['id'], code: 'x', weight: 9 }, { on: 'id' }), DuplicateKeyError);
    await fails(() => verbs.upsert({ label: 'their a', code: 'x', weight: 9 }, { on: 'label' }), DuplicateKeyError);
    await fails(() => verbs.upsert({ label: 'their a', code: 'x' }, { on: 'label' }), DuplicateKeyError);
    const draft = { code: 'c', weight: 9 };
    for (const action of ['inserted', 'updated']) {
      const done = await verbs.upsert(draft, { on: ['tenant', 'code'] });
      assert.equal(done.action, action);
      assert.equal(done.row['tenant'], 'me');
    }
    assert.equal((await verbs.upsert({ ...draft, tenant: 'me' }, { on: ['tenant', 'code'] })).action, 'updated');
  },
  getOrInsert: async ({ verbs, theirs }) => {
    await fails(() => verbs.getOrInsert({ id: theirs[0]!['id'], code: 'x' }, { on: 'id' }), DuplicateKeyError);
    await fails(() => verbs.getOrInsert({ label: 'their a', code: 'x' }, { on: 'label' }), DuplicateKeyError);
    for (const action of ['inserted', 'found']) {
      const done = await verbs.getOrInsert({ code: 'c' }, { on: ['tenant', 'code'] });
      assert.equal(done.action, action);
      assert.equal(done.row['tenant'], 'me');
    }
    assert.equal((await verbs.getOrInsert({ label: 'my', code: 'm' }, { on: 'label' })).action, 'inserted');
    assert.equal((await verbs.getOrInsert({ label: 'my', code: 'm' }, { on: 'label' })).action, 'found');
  },
  upsertMany: async ({ verbs, theirs }) => {
    const id = theirs[0]!['id'];
    const mine = { label: 'mine', code: 'z' };
    await fails(() => verbs.upsertMany([{ id, code: 'x', weight: 9 }], { on: 'id' }), DuplicateKeyError);
    await fails(() => verbs.upsertMany([mine, { label: 'their a', code: 'x' }], { on: 'label' }), DuplicateKeyError);
    assert.equal(await verbs.count(), 2);
    const drafts = [
      { code: 'c', weight: 9 },
      { code: 'a', tenant: 'me', weight: 9 },
    ];
    assert.deepEqual(await verbs.upsertMany(drafts, { on: ['tenant', 'code'] }), {
      inserted: 1,
      matched: 1,
      deleted: 0,
    });
    assert.equal(await verbs.count({ weight: 9 }), 2);
  },
  updateEach: async ({ verbs, mine, theirs }) => {
    const rows = [theirs[0]!, mine[0]!, theirs[1]!].map(({ id }) => ({ id, weight: 9 }));
    assert.equal((await verbs.updateEach(rows)).matched, 1);
    assert.equal(await verbs.count({ weight: 9 }), 1);
  },
  bulk: async ({ verbs, mine, theirs }) => {
    const id = theirs[0]!['id'];
    const counts = await verbs.bulk([
      { insert: { code: 'c' } },
      { update: id, set: { weight: 9 } },
      { update: mine[0]!['id'], set: { weight: 9 } },
      { delete: id },
      { delete: mine[1]!['id'] },
    ]);
    assert.deepEqual(counts, { inserted: 1, matched: 1, deleted: 1 });
    await fails(() => verbs.bulk([{ upsert: { id, code: 'x', weight: 9 }, on: 'id' }]), DuplicateKeyError);
  },
  delete: async ({ verbs, theirs }) => fails(() => verbs.delete(theirs[0]!['id']), NotFoundError),
  deleteMany: async ({ verbs }) => {
    assert.equal(await verbs.deleteMany({ code: 'c' }), 0);
    assert.equal(await verbs.deleteMany({}, { all: true }), 2);
  },
  restore: async ({ verbs, gone }) => {
    if (gone !== null) await fails(() => verbs.restore(gone['id']), NotFoundError);
  },
  purge: async ({ verbs, theirs, gone }) => {
    if (gone === null) return;
    for (const row of [theirs[0]!, gone]) await fails(() => verbs.purge(row['id']), NotFoundError);
  },
  ensureSchema: async ({ verbs }) => assert.deepEqual((await verbs.ensureSchema()).created, []),
};
