import assert from 'node:assert/strict';
import type { Middleware } from '../../core/middleware.js';
import { narrow } from '../../core/narrow.js';
import { scopedBy } from '../../core/scoped-by.js';
import { modelOf } from '../../schema/entity.js';
import type { AnyEntity } from '../../schema/types.js';
import { Sample } from './entities.js';
import { Crate, Parcel } from './guarded-entities.js';
import { type ContractCase, type Given, law, type Row, refuses, type Verbs, verbsOf } from './kit.js';
import { gte, hasMany, hasOne, increment } from './loose.js';
import { type Scoped, scopedVerbs } from './scoped-verbs.js';
import { verbNames } from './verb-names.js';

const ME: Middleware = scopedBy('tenant', () => 'me');
const spot = { type: 'Point', coordinates: [13, 52] };
const THEIR: readonly Row[] = [
  { tenant: 'they', code: 'a', label: 'their a', weight: 1, spot },
  { tenant: 'they', code: 'c', label: 'their c', weight: 3 },
];

/** Rows of two tenants, in a table of either kind, and what must be left of theirs. */
export async function scopedRows(
  given: Given,
  entity: AnyEntity,
  use: readonly Middleware[],
): Promise<Scoped & { readonly left: () => Promise<readonly Row[]> }> {
  const all = await (entity === Parcel ? given.parcels() : given.crates());
  const mine = await all.insertMany([
    { tenant: 'me', code: 'a', weight: 1 },
    { tenant: 'me', code: 'b', weight: 2, spot: { type: 'Point', coordinates: [14, 53] } },
  ]);
  const theirs = await all.insertMany(THEIR);
  const isSoft = modelOf(entity).deletedAt !== null;
  const gone = isSoft ? await all.delete((await all.insert({ tenant: 'they', code: 'gone' }))['id']) : null;
  const left = () => all.find({ tenant: 'they' }, { orderBy: { code: 'asc' }, ...(isSoft && { deleted: 'with' }) });
  return { verbs: verbsOf(given.database, entity, { use }), mine, theirs, gone, left };
}

const perVerb: readonly ContractCase[] = Object.entries(scopedVerbs).map(([verb, attempt]) =>
  law(
    `\`${verb}\` of a repository with \`scopedBy\` neither gives nor changes a row of another scope`,
    async (given) => {
      for (const entity of [Parcel, Crate]) {
        const scoped = await scopedRows(given, entity, [ME]);
        const before = await scoped.left();
        await attempt(scoped);
        assert.deepEqual(await scoped.left(), before);
      }
    },
  ),
);

export const scoping: readonly ContractCase[] = [
  law('every verb is among those that are tried against a scope', async () => {
    assert.deepEqual(verbNames().sort(), Object.keys(scopedVerbs).sort());
  }),
  ...perVerb,
  law('a value of another scope is refused in drafts and patches, and nothing is written', async (given) => {
    for (const entity of [Parcel, Crate]) {
      const { verbs, mine, left } = await scopedRows(given, entity, [ME]);
      const before = [await verbs.find(), await left()];
      const id = mine[0]!['id'];
      await refuses(() => verbs.insert({ code: 'x', tenant: 'they' }), 'tenant');
      await refuses(() => verbs.insertMany([{ code: 'x' }, { code: 'y', tenant: 'they' }]), '[1].tenant');
      await refuses(() => verbs.update(id, { tenant: 'they' }), 'tenant');
      await refuses(() => verbs.updateOne({ code: 'a' }, { tenant: 'they' }), 'tenant');
      await refuses(() => verbs.updateMany({ code: 'a' }, { tenant: 'they' }), 'tenant');
      await refuses(() => verbs.upsert({ code: 'a', tenant: 'they' }, { on: ['tenant', 'code'] }), 'tenant');
      await refuses(() => verbs.getOrInsert({ code: 'z', tenant: 'they' }, { on: ['tenant', 'code'] }), 'tenant');
      assert.deepEqual([await verbs.find(), await left()], before);
      assert.equal((await verbs.update(id, { tenant: 'me', weight: 5 }))['weight'], 5);
    }
  }),
  law('without a value, or with one that its field cannot have, a scope sends nothing', async (given) => {
    const parcels = await given.parcels({ tenant: 'me', code: 'a' });
    for (const value of [undefined, null, 1, {}, Promise.resolve('me')]) {
      const verbs = verbsOf(given.database, Parcel, { use: [scopedBy('tenant', () => value)] });
      await refuses(() => verbs.find(), 'tenant');
      await refuses(() => verbs.stream()[Symbol.asyncIterator]().next() as Promise<unknown>, 'tenant');
      await refuses(() => verbs.insert({ code: 'a' }), 'tenant');
      await refuses(() => verbs.deleteMany({}, { all: true }), 'tenant');
      await refuses(() => verbs.upsert({ code: 'a', weight: 9 }, { on: ['tenant', 'code'] }), 'tenant');
    }
    assert.equal(await parcels.count({ weight: 0 }), 1);
    assert.equal(await parcels.count(), 1);
  }),
  law('a field that is none, or that holds no scalar of the caller, is no scope', async (given) => {
    for (const [entity, field] of [
      [Parcel, 'tenat'],
      [Parcel, 'version'],
      [Sample, 'detail'],
      [Sample, 'detail.count'],
      [Sample, 'tags'],
    ] as const) {
      await refuses(() => verbsOf(given.database, entity, { use: [scopedBy(field, () => 1)] }).find(), field);
    }
  }),
  law('the value of a scope is canonical, as in a draft', async (given) => {
    const parcels = await given.parcels({ tenant: 'me', code: 'a' }, { tenant: 'they', code: 'b' });
    const scoped = verbsOf(given.database, Parcel, { use: [scopedBy('tenant', () => '  me ')] });
    assert.equal(await scoped.count(), 1);
    assert.equal((await scoped.insert({ code: 'c' }))['tenant'], 'me');
    assert.equal(await parcels.count({ tenant: 'me' }), 2);
  }),
  law(
    'a `generated()` field that neither the draft nor middleware gives is missed, after the middleware',
    async (given) => {
      const { verbs: bare } = given.watched('Parcel');
      await refuses(() => bare.insert({ code: 'a' }), 'tenant');
      const idle: Middleware = async (command, next) => next(command);
      const parcels = await given.parcels();
      const verbs = verbsOf(given.database, Parcel, { use: [idle] });
      await refuses(() => verbs.insert({ code: 'a' }), 'tenant');
      await refuses(() => verbs.insertMany([{ code: 'a', tenant: 'me' }, { code: 'b' }]), '[1].tenant');
      await refuses(() => verbs.upsert({ code: 'a' }, { on: ['tenant', 'code'] }), 'tenant');
      await refuses(() => verbs.getOrInsert({ code: 'a' }, { on: 'id' }), 'id');
      assert.equal(await parcels.count(), 0);
    },
  ),
  law('rows of another scope do not come along by a relation, nor are they counted', async (given) => {
    const tickets = await given.tickets({ code: 't' });
    await given.parcels(
      { tenant: 'me', code: 'a', holder: 't' },
      { tenant: 'they', code: 'b', holder: 't' },
      { tenant: 'they', code: 'c', holder: 't' },
    );
    const parcels = verbsOf(given.database, Parcel, { use: [scopedBy('tenant', () => 'me')] });
    const related = (way: object) => tickets.findOne({ code: 't' }, { include: { parcels: way } });
    for (const options of [{}, { limit: 2, orderBy: { code: 'desc' } }, { where: { code: gte('a') } }]) {
      const ticket = await related(hasMany(parcels, 'holder', options));
      assert.deepEqual(
        ticket!['parcels'].map((row: Row) => row['code']),
        ['a'],
      );
    }
    assert.equal((await related(hasMany(parcels, 'holder', { count: true })))!['parcels'], 1);
    assert.equal((await related(hasOne(parcels, 'holder')))!['parcels']['code'], 'a');
    const others = verbsOf(given.database, Parcel, { use: [scopedBy('tenant', () => 'nobody')] });
    assert.equal((await related(hasOne(others, 'holder')))!['parcels'], null);
  }),
  law('calls of two scopes at once, and one shape after the other, see their own rows', async (given) => {
    await given.parcels({ tenant: 'me', code: 'a' }, { tenant: 'they', code: 'b' }, { tenant: 'they', code: 'c' });
    let tenant = 'me';
    const parcels = verbsOf(given.database, Parcel, { use: [scopedBy('tenant', () => tenant)] });
    const calls = [];
    for (const name of ['me', 'they', 'nobody', 'me']) {
      tenant = name;
      calls.push(parcels.count(), parcels.count({ weight: 0 }));
    }
    assert.deepEqual(await Promise.all(calls), [1, 1, 2, 2, 0, 0, 1, 1]);
    assert.equal(await verbsOf(given.database, Parcel).count({ weight: 0 }), 3);
  }),
  law('`narrow` keeps a command within a filter of any kind, an upsert too', async (given) => {
    const all: Middleware = async (command, next) => next(narrow(command, {}));
    const light: Middleware = async (command, next) => next(narrow(command, { weight: gte(5), label: null }));
    const parcels = await given.crates(
      { code: 'a', weight: 9 },
      { code: 'b', weight: 1 },
      { code: 'c', weight: 9, label: 'x' },
    );
    const narrowed: Verbs = verbsOf(given.database, Crate, {
      use: [light, all],
    });
    assert.deepEqual(
      (await narrowed.find()).map(({ code }) => code),
      ['a'],
    );
    assert.equal((await narrowed.paginate({}, { limit: 1, page: 2, count: 'estimated' })).total, 1);
    assert.equal(await narrowed.updateMany({}, { weight: increment(1) }, { all: true }), 1);
    const [a, b, c] = await parcels.find({}, { orderBy: { code: 'asc' } });
    assert.equal((await narrowed.upsert({ id: a!['id'], code: 'z' }, { on: 'id' })).row['code'], 'z');
    for (const other of [b, c])
      await refusesDuplicate(() => narrowed.upsert({ id: other!['id'], code: 'z' }, { on: 'id' }));
    const made = await narrowed.upsert(
      { id: '0190a5f2-7c3e-7d11-9b1e-0123456789ab', code: 'n', weight: 7 },
      { on: 'id' },
    );
    assert.equal(made.action, 'inserted');
    assert.deepEqual(await parcels.get(made.row['id']), made.row);
    assert.equal(await parcels.count({ label: null }), 3);
    const wrong: Middleware = async (command, next) => next(narrow(command, { wieght: 1 }));
    await refuses(() => verbsOf(given.database, Crate, { use: [wrong] }).find(), 'wieght');
  }),
];

async function refusesDuplicate(work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, { name: 'DuplicateKeyError' });
}
