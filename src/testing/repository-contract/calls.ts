import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { AbortedError } from '../../errors/runtime.js';
import { type ContractCase, fails, law, type Verbs } from './kit.js';
import { count, increment } from './loose.js';
import { verbNames } from './verb-names.js';

const PARCELS: readonly object[] = [
  { tenant: 'me', code: 'a', spot: { type: 'Point', coordinates: [13, 52] } },
  { tenant: 'me', code: 'b' },
];

/** Every verb, with the options of a call beside its own. */
const limited: Readonly<Record<string, (verbs: Verbs, id: unknown, limits: object) => Promise<unknown>>> = {
  findById: (verbs, id, limits) => verbs.findById(id, limits),
  get: (verbs, id, limits) => verbs.get(id, limits),
  findOne: (verbs, _id, limits) => verbs.findOne({}, limits),
  find: (verbs, _id, limits) => verbs.find({}, limits),
  stream: async (verbs, _id, limits) => {
    for await (const row of verbs.stream({}, limits)) assert.ok(row['id']);
  },
  paginate: (verbs, _id, limits) => verbs.paginate({}, { limit: 1, ...limits }),
  paginateByCursor: (verbs, _id, limits) => verbs.paginateByCursor({}, { limit: 1, ...limits }),
  count: (verbs, _id, limits) => verbs.count({}, limits),
  exists: (verbs, _id, limits) => verbs.exists({}, limits),
  distinct: (verbs, _id, limits) => verbs.distinct('code', {}, limits),
  groupBy: (verbs, _id, limits) => verbs.groupBy(['code'], { n: count() }, limits),
  search: (verbs, _id, limits) => verbs.search('a', limits),
  near: (verbs, _id, limits) => verbs.near('spot', { type: 'Point', coordinates: [13, 52] }, limits),
  insert: (verbs, _id, limits) => verbs.insert({ tenant: 'me', code: 'c' }, limits),
  insertMany: (verbs, _id, limits) =>
    verbs.insertMany(
      [
        { tenant: 'me', code: 'd' },
        { tenant: 'me', code: 'e' },
      ],
      limits,
    ),
  update: (verbs, id, limits) => verbs.update(id, { weight: 2 }, limits),
  updateOne: (verbs, _id, limits) => verbs.updateOne({ code: 'a' }, { weight: 2 }, limits),
  updateMany: (verbs, _id, limits) => verbs.updateMany({ code: 'a' }, { weight: 2 }, limits),
  updateEach: (verbs, id, limits) => verbs.updateEach([{ id, weight: 2 }], limits),
  upsert: (verbs, _id, limits) =>
    verbs.upsert({ tenant: 'me', code: 'a', weight: 2 }, { on: ['tenant', 'code'], ...limits }),
  getOrInsert: (verbs, _id, limits) =>
    verbs.getOrInsert({ tenant: 'me', code: 'f' }, { on: ['tenant', 'code'], ...limits }),
  upsertMany: (verbs, _id, limits) =>
    verbs.upsertMany([{ tenant: 'me', code: 'g' }], { on: ['tenant', 'code'], ...limits }),
  bulk: (verbs, id, limits) => verbs.bulk([{ insert: { tenant: 'me', code: 'h' } }, { delete: id }], limits),
  delete: (verbs, id, limits) => verbs.delete(id, limits),
  deleteMany: (verbs, _id, limits) => verbs.deleteMany({ code: 'a' }, limits),
  restore: (verbs, id, limits) => verbs.restore(id, limits),
  purge: (verbs, id, limits) => verbs.purge(id, limits),
  ensureSchema: (verbs, _id, limits) => verbs.ensureSchema(limits),
};

export const calls: readonly ContractCase[] = [
  law('a call whose signal is aborted already throws AbortedError and changes nothing', async (given) => {
    const parcels = await given.parcels(...PARCELS);
    const before = await parcels.find({}, { orderBy: { code: 'asc' }, deleted: 'with' });
    const id = before[0]!['id'];
    const signal = AbortSignal.abort();
    for (const [verb, call] of Object.entries(limited)) {
      await fails(
        () => call(parcels, id, { signal }),
        AbortedError,
        (error) => {
          assert.equal(error.code, 'ABORTED', verb);
          assert.equal(error.outcome, 'not-executed', verb);
        },
      );
    }
    assert.deepEqual(await parcels.find({}, { orderBy: { code: 'asc' }, deleted: 'with' }), before);
  }),
  law('every verb is among those that are tried with a signal', async () => {
    assert.deepEqual(verbNames().sort(), Object.keys(limited).sort());
  }),
  law(
    'a signal that is never aborted and a long timeout change nothing, and leave nothing on the signal',
    async (given) => {
      const { signal } = new AbortController();
      for (const [verb, call] of Object.entries(limited)) {
        const parcels = await given.parcels(...PARCELS);
        const [first] = await parcels.find({}, { orderBy: { code: 'asc' } });
        if (verb === 'restore') await parcels.delete(first!['id']);
        await call(parcels, first!['id'], { signal, timeout: '1h' });
        assert.equal(getEventListeners(signal, 'abort').length, 0, verb);
        await parcels.deleteMany({}, { all: true });
        for (const { id } of await parcels.find({}, { deleted: 'with' })) await parcels.purge(id);
      }
    },
  ),
  law('many calls at once, more than any pool has connections, are all answered with their own rows', async (given) => {
    const tickets = await given.tickets(
      ...Array.from({ length: 60 }, (_, i) => ({ code: String(i), title: `title ${i}` })),
    );
    const found = await Promise.all(Array.from({ length: 60 }, (_, i) => tickets.get(String(i))));
    assert.deepEqual(
      found.map((row) => row['title']),
      found.map((_, i) => `title ${i}`),
    );
  }),
  law('many `updateMany` at once change every row each', async (given) => {
    const samples = await given.samples(...Array.from({ length: 10 }, (_, i) => ({ label: String(i) })));
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => samples.updateMany({}, { count: increment(1) }, { all: true })),
    );
    assert.deepEqual(counts, [10, 10, 10, 10, 10]);
    assert.deepEqual(await samples.distinct('count'), [5]);
  }),
  law('a call that fails disturbs no other call made at the same time', async (given) => {
    const slots = await given.slots({ code: 'a' });
    const settled = await Promise.allSettled([
      slots.insert({ code: 'a' }),
      slots.insert({ code: 'b' }),
      slots.get(null),
    ]);
    assert.deepEqual(
      settled.map((each) => each.status),
      ['rejected', 'fulfilled', 'rejected'],
    );
  }),
];
