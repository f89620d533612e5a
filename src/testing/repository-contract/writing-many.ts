import assert from 'node:assert/strict';
import { DuplicateKeyError, StaleVersionError } from '../../errors/data.js';
import { Account, Sample, Slot } from './entities.js';
import { type ContractCase, fails, type Given, law, type Row, refuses, type Verbs, verbsOf } from './kit.js';
import { addToSet, increment, maximum, pull, push } from './loose.js';

const CLOCK = { clock: { now: () => 1_700_000_000_000 } };
const ids = Array.from({ length: 9 }, (_, i) => `${i}0000000-0000-4000-8000-000000000000`);

/** The rows as they are after `work`, which starts from these. */
async function after(
  given: Given,
  name: 'accounts' | 'samples' | 'slots',
  drafts: readonly object[],
  work: (verbs: Verbs) => Promise<unknown>,
): Promise<Row[]> {
  await given[name]();
  const verbs = verbsOf(given.database, { accounts: Account, samples: Sample, slots: Slot }[name], CLOCK);
  await verbs.insertMany(drafts);
  await work(verbs);
  return verbs.find({}, { orderBy: { id: 'asc' }, ...(name === 'accounts' ? { deleted: 'with' } : {}) });
}

const accounts = [
  { id: ids[0], email: 'a@x.y', balance: 1 },
  { id: ids[1], email: 'b@x.y', nickname: 'b', balance: 2, roles: ['x', 'y'] },
  { id: ids[2], email: 'c@x.y', nickname: 'c', balance: 3 },
];

export const writingMany: readonly ContractCase[] = [
  law('`updateEach` does to each row what `update` does', async (given) => {
    const patches = [
      { id: ids[0], balance: increment(5), nickname: 'it\'s \\ "x", {NULL}' },
      { id: ids[1], nickname: null, roles: addToSet('y', 'z') },
      { id: ids[2], balance: maximum(9), roles: pull('user'), number: 4 },
    ];
    const each = await after(given, 'accounts', accounts, async (verbs) => {
      assert.deepEqual(await verbs.updateEach(patches), { matched: 3, inserted: 0, deleted: 0 });
    });
    const alone = await after(given, 'accounts', accounts, async (verbs) => {
      for (const { id, ...patch } of patches) await verbs.update(id, patch);
    });
    assert.deepEqual(each, alone);
    assert.equal(each[0]!['version'], 2);
  }),
  law('`updateEach` takes values of every kind, lists and paths into objects', async (given) => {
    const drafts = [0, 1, 2].map((i) => ({ id: ids[i], label: `${i}` }));
    const full = {
      note: '',
      color: 'blue',
      done: true,
      amount: -7,
      ratio: 0.5,
      big: 2n ** 60n,
      price: '12.5',
      at: new Date(5),
      day: '2024-02-29',
      ref: ids[5],
      bytes: new Uint8Array([0, 255, 92, 34]),
    };
    const known = new Set(Sample['~model'].fields.map(({ name }) => name));
    const patch = Object.fromEntries(Object.entries(full).filter(([name]) => known.has(name)));
    const patches = drafts.map(({ id }, i) => ({ id, ...patch, note: `n${i}` }));
    const each = await after(given, 'samples', drafts, (verbs) => verbs.updateEach(patches));
    const alone = await after(given, 'samples', drafts, async (verbs) => {
      for (const { id, ...rest } of patches) await verbs.update(id, rest);
    });
    assert.ok(Object.keys(patch).length > 5);
    assert.deepEqual(each, alone);
  }),
  law('`updateEach` leaves out rows that are not there, or deleted', async (given) => {
    const rows = await after(given, 'accounts', accounts, async (verbs) => {
      await verbs.delete(ids[1]);
      const patches = [0, 1, 7].map((i) => ({ id: ids[i], balance: 50 + i }));
      assert.equal((await verbs.updateEach(patches)).matched, 1);
    });
    assert.deepEqual(
      rows.map((row) => row['balance']),
      [50, 2, 3],
    );
  }),
  law('`updateEach` writes nothing when a version is stale, and counts versions on', async (given) => {
    const rows = await after(given, 'accounts', accounts, async (verbs) => {
      await verbs.update(ids[2], { balance: 30 });
      const stale = [0, 1, 2].map((i) => ({ id: ids[i], balance: 99, version: 1 }));
      await fails(() => verbs.updateEach(stale), StaleVersionError);
      await fails(
        () =>
          verbs.updateEach([
            { id: ids[0], balance: 98 },
            { id: ids[2], balance: 97, version: 1 },
          ]),
        StaleVersionError,
      );
      assert.equal((await verbs.updateEach([{ id: ids[2], balance: 31, version: 2 }])).matched, 1);
    });
    assert.deepEqual(
      rows.map((row) => [row['balance'], row['version']]),
      [
        [1, 1],
        [2, 1],
        [31, 3],
      ],
    );
  }),
  law('`updateEach` that breaks a unique value changes nothing', async (given) => {
    const rows = await after(given, 'accounts', accounts, async (verbs) => {
      const patches = [
        { id: ids[0], email: 'z@x.y', balance: 77 },
        { id: ids[1], email: 'c@x.y', balance: 78 },
      ];
      await fails(() => verbs.updateEach(patches), DuplicateKeyError);
    });
    assert.deepEqual(
      rows.map((row) => [row['email'], row['balance']]),
      [
        ['a@x.y', 1],
        ['b@x.y', 2],
        ['c@x.y', 3],
      ],
    );
  }),
  law('`updateEach` works by a composite key', async (given) => {
    const members = await given.members({ group: 1, user: 1, role: 'a' }, { group: 1, user: 2 }, { group: 2, user: 1 });
    const patches = [
      { group: 1, user: 2, role: 'b' },
      { group: 2, user: 1, role: 'c' },
      { group: 2, user: 2, role: 'd' },
    ];
    assert.equal((await members.updateEach(patches)).matched, 2);
    const rows = await members.find({}, { orderBy: { group: 'asc', user: 'asc' } });
    assert.deepEqual(
      rows.map((row) => row['role']),
      ['a', 'b', 'c'],
    );
  }),
  law('`upsertMany` does with each draft what `upsert` does', async (given) => {
    const drafts = [
      { email: ' B@x.y', nickname: null, balance: 20 },
      { id: ids[5], email: 'new@x.y', handle: 'new', balance: 7 },
      { email: 'a@x.y', handle: 'h', roles: ['q'] },
      { id: ids[6], email: 'd@x.y', balance: 21, nickname: 'dee' },
    ];
    const many = await after(given, 'accounts', accounts, async (verbs) => {
      assert.deepEqual(await verbs.upsertMany(drafts, { on: 'email' }), { matched: 2, inserted: 2, deleted: 0 });
    });
    const alone = await after(given, 'accounts', accounts, async (verbs) => {
      for (const draft of drafts) await verbs.upsert(draft, { on: 'email' });
    });
    assert.deepEqual(many, alone);
    assert.equal(many[1]!['nickname'], null);
    assert.equal(many[1]!['version'], 2);
  }),
  law('`upsertMany` has no part in deleted rows', async (given) => {
    const rows = await after(given, 'accounts', accounts, async (verbs) => {
      await verbs.delete(ids[0]);
      const counts = await verbs.upsertMany(
        [
          { id: ids[5], email: 'a@x.y' },
          { email: 'b@x.y', balance: 5 },
        ],
        { on: 'email' },
      );
      assert.deepEqual(counts, { matched: 1, inserted: 1, deleted: 0 });
      await fails(
        () =>
          verbs.upsertMany(
            [
              { id: ids[1], email: 'z@x.y' },
              { id: ids[0], email: 'y@x.y' },
            ],
            { on: 'id' },
          ),
        DuplicateKeyError,
      );
    });
    assert.deepEqual(
      rows.map((row) => [row['email'], row['balance'], row['deletedAt'] === null]),
      [
        ['a@x.y', 1, false],
        ['b@x.y', 5, true],
        ['c@x.y', 3, true],
        ['a@x.y', 0, true],
      ],
    );
  }),
  law('`upsertMany` of many at once makes each row once', async (given) => {
    const slots = await given.slots();
    const drafts = (rank: number) => Array.from({ length: 20 }, (_, i) => ({ code: `${(i * 7 + rank) % 20}`, rank }));
    const counts = await Promise.all([1, 2, 3, 4].map((rank) => slots.upsertMany(drafts(rank), { on: 'code' })));
    assert.equal(
      counts.reduce((sum, each) => sum + each.inserted, 0),
      20,
    );
    assert.equal(await slots.count(), 20);
  }),
  law('`upsertMany` works by a unique set', async (given) => {
    const slots = await given.slots({ code: 'a', room: 'r', seat: 1 }, { code: 'b', room: 'r', seat: 2 });
    const drafts = [
      { code: 'c', room: 'r', seat: 2, rank: 5 },
      { code: 'd', room: 's', seat: 1 },
    ];
    assert.deepEqual(await slots.upsertMany(drafts, { on: ['room', 'seat'] }), { matched: 1, inserted: 1, deleted: 0 });
    assert.deepEqual(await slots.distinct('code'), ['a', 'c', 'd']);
  }),
  law(
    '`updateEach` and `upsertMany` refuse two elements of one row, and what is wrong in any, before a byte is sent',
    async (given) => {
      const { verbs, sent } = given.watched('Account');
      const upper = ids[1]!.toUpperCase();
      await refuses(
        () =>
          verbs.updateEach([
            { id: ids[1], balance: 1 },
            { id: upper, balance: 2 },
          ]),
        '[1]',
      );
      await refuses(
        () => verbs.upsertMany([{ email: 'a@x.y' }, { email: 'b@x.y' }, { email: ' A@x.y' }], { on: 'email' }),
        '[2]',
      );
      await refuses(
        () => verbs.updateEach([{ id: ids[1] }, { balance: 1 }, 7, { id: ids[2], wrong: 1 }]),
        '[0]',
        '[1].id',
        '[2]',
        '[3].wrong',
      );
      await refuses(() => verbs.updateEach([{ id: ids[1], balance: 'x', version: 'y' }]), '[0].balance', '[0].version');
      await refuses(() => verbs.upsertMany([{ email: 'a@x.y' }, { balance: 1 }], { on: 'email' }), '[1].email');
      await refuses(() => verbs.upsertMany([{ email: 'a@x.y' }], { on: 'balance' }), 'on');
      await refuses(() => verbs.upsertMany([{ email: 'a@x.y' }], {}), 'on');
      for (const wrong of [undefined, null, {}, 'x']) {
        await refuses(() => verbs.updateEach(wrong), '');
        await refuses(() => verbs.upsertMany(wrong, { on: 'email' }), '');
        await refuses(() => verbs.bulk(wrong), '');
      }
      await refuses(() => verbs.updateEach([], { all: true }), 'all');
      assert.equal(sent.length, 0);
    },
  ),
  law('a write of no rows sends nothing', async (given) => {
    const { verbs, sent } = given.watched('Account');
    const nothing = { matched: 0, inserted: 0, deleted: 0 };
    assert.deepEqual(await verbs.updateEach([]), nothing);
    assert.deepEqual(await verbs.upsertMany([], { on: 'email' }), nothing);
    assert.deepEqual(await verbs.bulk([]), nothing);
    assert.equal(sent.length, 0);
  }),
  law("what is pushed by `updateEach` is each row's own", async (given) => {
    const rows = await after(given, 'accounts', accounts, (verbs) =>
      verbs.updateEach([0, 1, 2].map((i) => ({ id: ids[i], roles: push(`p${i}`, 'x') }))),
    );
    assert.deepEqual(
      rows.map((row) => row['roles']),
      [
        ['user', 'p0', 'x'],
        ['x', 'y', 'p1', 'x'],
        ['user', 'p2', 'x'],
      ],
    );
  }),
];
