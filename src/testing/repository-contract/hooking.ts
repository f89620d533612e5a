import assert from 'node:assert/strict';
import type { Middleware } from '../../core/middleware.js';
import { DuplicateKeyError } from '../../errors/data.js';
import { QueryError } from '../../errors/runtime.js';
import { Parcel, Writer } from './guarded-entities.js';
import { ANN, type Hook, hooked, no, throwing } from './hooked-kit.js';
import { type ContractCase, fails, law, type Row, refuses } from './kit.js';
import { increment } from './loose.js';

const _ID = '0190a5f2-7c3e-7d11-9b1e-0123456789ab';
const HASH = 'hash of a password, longer than a password may be: ';
const hash = async (text: string) => HASH + text;
const hashing = async (change: Row) =>
  change['password'] === undefined ? change : { ...change, password: await hash(change['password']) };
const slugging = (draft: Row) => ({ slug: `by-${draft['name']}`, ...draft });

export const hooking: readonly ContractCase[] = [
  law('a password is hashed once, not again while it is unchanged, and never given', async (given) => {
    const plain = await given.writers();
    let hashed = 0;
    const beforeSave = (change: Row) => {
      if (change['password'] !== undefined) hashed++;
      return hashing(change);
    };
    const writers = hooked(given, { beforeInsert: slugging, beforeSave });
    const stored = async () => (await plain.findOne({ name: 'ann' }, { reveal: ['password'] }))!['password'];
    const row = await writers.insert(ANN);
    assert.equal('password' in row, false);
    assert.equal(row['slug'], 'by-ann');
    assert.equal(await stored(), `${HASH}secret word`);
    await writers.update(row['id'], { level: 2 });
    await writers.updateMany({ name: 'ann' }, { level: 3 });
    assert.equal(
      'password' in (await writers.upsert({ name: 'ann', slug: 's', password: 'another one' }, { on: 'name' })).row,
      false,
    );
    assert.equal(await stored(), `${HASH}another one`);
    assert.equal(hashed, 3);
    await writers.update(row['id'], { password: 'a third one' });
    assert.equal(await stored(), `${HASH}a third one`);
    assert.equal(hashed, 4);
  }),
  law(
    'rules are for what the caller gives: a hook sees nothing of a draft or a patch that they refuse',
    async (given) => {
      let ran = 0;
      const counting = (change: Row) => {
        ran++;
        return change;
      };
      const plain = await given.writers({ ...ANN, slug: 's' });
      const writers = hooked(given, { beforeInsert: counting, beforeUpdate: counting, beforeSave: counting });
      const [row] = await plain.find();
      await refuses(() => writers.insert({ name: 'Bob', password: 'short' }), 'password');
      await refuses(
        () => writers.insertMany([{ ...ANN, slug: 'x' }, { password: 'short' }]),
        '[1].name',
        '[1].password',
      );
      await refuses(() => writers.update(row!['id'], { password: 'short' }), 'password');
      await refuses(() => writers.updateMany({ level: 1 }, { password: 'short' }), 'password');
      await refuses(() => writers.upsert({ name: 'ann', password: 'short' }, { on: 'name' }), 'password');
      assert.equal(ran, 0);
      assert.deepEqual(await plain.find(), [row]);
    },
  ),
  law('a `generated()` field that no hook fills is missed behind the hooks', async (given) => {
    const plain = await given.writers();
    const writers = hooked(given, { beforeSave: hashing });
    await refuses(() => writers.insert(ANN), 'slug');
    await refuses(
      () =>
        writers.insertMany([
          { ...ANN, slug: 'a' },
          { ...ANN, name: 'Bob' },
        ]),
      '[1].slug',
    );
    await refuses(() => writers.upsert(ANN, { on: 'name' }), 'slug');
    await refuses(() => writers.upsert(ANN, { on: 'slug' }), 'slug');
    await refuses(() => writers.getOrInsert(ANN, { on: 'slug' }), 'slug');
    assert.equal(await plain.count(), 0);
    const filling = hooked(given, { beforeInsert: slugging });
    assert.equal((await filling.getOrInsert(ANN, { on: 'slug' })).action, 'inserted');
    assert.equal((await filling.getOrInsert(ANN, { on: 'slug' })).action, 'found');
    assert.equal((await filling.upsert(ANN, { on: 'slug' })).action, 'updated');
  }),
  law('hooks see what the call names, canonical, and the operators beside it; in their order, once', async (given) => {
    const plain = await given.writers();
    const seen: unknown[] = [];
    const noting = (name: string) => (change: Row, context: Row) => {
      seen.push([name, { ...change }, context['verb'], context['part'], { ...context['operators'] }]);
      return change;
    };
    const writers = hooked(given, {
      beforeInsert: noting('insert'),
      beforeUpdate: noting('update'),
      beforeSave: noting('save'),
    });
    const told = async (work: () => Promise<unknown>) => {
      seen.length = 0;
      await work();
      return [...seen];
    };
    const draft = { name: 'ann', slug: 's', password: 'secret word' };
    assert.deepEqual(await told(() => writers.insert({ ...ANN, slug: 's' })), [
      ['insert', draft, 'insert', 'insert', {}],
      ['save', draft, 'insert', 'insert', {}],
    ]);
    const [row] = await plain.find();
    const operators = { level: { op: 'increment', value: 1 } };
    assert.deepEqual(await told(() => writers.update(row!['id'], { name: ' BEN ', pin: null, level: increment(1) })), [
      ['update', { name: 'ben', pin: null }, 'update', 'update', operators],
      ['save', { name: 'ben', pin: null }, 'update', 'update', operators],
    ]);
    assert.equal((await plain.get(row!['id']))['level'], 2);
    assert.equal((await told(() => writers.updateOne({ name: 'ben' }, { pin: '1' }))).length, 2);
    assert.equal((await told(() => writers.updateMany({ name: 'ben' }, { pin: '2' }))).length, 2);
    const upserted = { ...draft, name: 'ben' };
    const { name: _, ...patch } = upserted;
    assert.deepEqual(await told(() => writers.upsert(upserted, { on: 'name' })), [
      ['insert', upserted, 'upsert', 'insert', {}],
      ['save', upserted, 'upsert', 'insert', {}],
      ['update', patch, 'upsert', 'update', {}],
      ['save', patch, 'upsert', 'update', {}],
    ]);
    assert.deepEqual(await told(() => writers.getOrInsert({ ...draft, name: 'ben' }, { on: 'name' })), []);
    assert.deepEqual(await told(() => writers.update(row!['id'], {})), []);
    assert.deepEqual(await told(() => writers.updateMany({ name: 'ben' }, {})), []);
    assert.deepEqual(await told(() => writers.insertMany([])), []);
    assert.deepEqual(await told(() => writers.delete(row!['id'])), []);
    assert.deepEqual(await told(() => writers.restore(row!['id'])), []);
    const many = [1, 2, 3].map((i) => ({ name: `n${i}`, slug: `s${i}`, password: 'secret word' }));
    const names = (await told(() => writers.insertMany(many))).map((each) => (each as [string, Row])[1]['name']);
    assert.deepEqual(names, ['n1', 'n1', 'n2', 'n2', 'n3', 'n3']);
  }),
  law(
    'a hook may add, change and take away; what it sets is canonical, and no rule but its type is asked',
    async (given) => {
      const plain = await given.writers();
      const writers = hooked(given, {
        beforeInsert: ({ level: _, ...draft }: Row) => ({
          ...draft,
          name: ` ${draft['name']} THE FIRST `,
          slug: 's',
        }),
        beforeUpdate: ({ pin: _, ...patch }: Row) => ({ ...patch, slug: 'other' }),
      });
      const row = await writers.insert({ ...ANN, level: 4 });
      assert.equal(row['name'], 'ann the first');
      assert.equal(row['level'], 1);
      const changed = await writers.update(row['id'], { pin: '1' }, { reveal: ['pin'] });
      assert.equal(changed['slug'], 'other');
      assert.equal(changed['pin'], null);
      const clearing = hooked(given, { beforeUpdate: () => ({}) });
      assert.deepEqual(await clearing.update(row['id'], { level: 2 }), await plain.get(row['id']));
      assert.equal(await clearing.updateMany({}, { level: 2 }, { all: true }), 1);
      assert.equal((await plain.get(row['id']))['level'], 1);
    },
  ),
  law(
    'what a hook gives that is no change is refused by the name of the hook, and nothing is written',
    async (given) => {
      const plain = await given.writers({ ...ANN, slug: 's' });
      const [row] = await plain.find();
      const wrong: readonly [Hook, RegExp][] = [
        [() => undefined, /`beforeSave`.*undefined/],
        [() => null, /`beforeSave`.*null/],
        [() => [], /`beforeSave`/],
        [() => 'x', /`beforeSave`/],
        [(change) => ({ ...change, nmae: 'x' }), /`beforeSave`.*`nmae`/],
        [(change) => ({ ...change, level: increment(1) }), /`beforeSave`.*`level`/],
      ];
      for (const [beforeSave, message] of wrong) {
        const writers = hooked(given, { beforeSave });
        const told = (error: Error) => assert.match(error.message, message);
        await fails(() => writers.insert({ ...ANN, name: 'Bob', slug: 'b' }), TypeError, told);
        await fails(() => writers.update(row!['id'], { level: 2 }), TypeError, told);
        await fails(() => writers.upsert({ ...ANN, slug: 'b' }, { on: 'name' }), TypeError, told);
      }
      for (const value of [1, {}, { $inc: 1 }, null, undefined]) {
        const writers = hooked(given, { beforeSave: (change) => ({ ...change, slug: value }) });
        for (const work of [
          () => writers.insert({ ...ANN, name: 'Bob' }),
          () => writers.update(row!['id'], { level: 2 }),
          () => writers.updateMany({}, { level: 2 }, { all: true }),
        ])
          await refuses(work, 'slug');
      }
      for (const patch of [{ id: row!['id'] }, { 'profile.x': 1 }]) {
        const writers = hooked(given, { beforeUpdate: (change) => ({ ...change, ...patch }) });
        await fails(() => writers.update(row!['id'], { level: 2 }), TypeError);
      }
      const twice = hooked(given, { beforeUpdate: (change) => ({ ...change, level: 5 }) });
      await refuses(() => twice.update(row!['id'], { level: increment(1) }), 'level');
      assert.deepEqual(await plain.find(), [row]);
    },
  ),
  law('a hook that throws before a write lets nothing be written', async (given) => {
    const plain = await given.writers({ ...ANN, slug: 's' });
    const [row] = await plain.find();
    const writers = hooked(given, { beforeSave: throwing, beforeDelete: throwing });
    for (const work of [
      () => writers.insert({ ...ANN, name: 'Bob', slug: 'b' }),
      () => writers.update(row!['id'], { level: 2 }),
      () => writers.upsert({ ...ANN, slug: 'b' }, { on: 'name' }),
      () => writers.delete(row!['id']),
      () => writers.purge(row!['id']),
      () => writers.deleteMany({}, { all: true }),
    ])
      await fails(work, QueryError, (error) => assert.equal(error, no));
    assert.deepEqual(await plain.find(), [row]);
  }),
  law('middleware behind hooks sees the hash and never the password', async (given) => {
    await given.writers();
    const seen: string[] = [];
    const watching: Middleware = async (command, next) => {
      const { entity: _, ...rest } = command as unknown as Row;
      seen.push(JSON.stringify([rest['values'], rest['row'], rest['rows']]));
      return next(command);
    };
    const hidden = async (change: Row) => (change['password'] === undefined ? change : { ...change, password: '#' });
    const writers = hooked(given, { beforeInsert: slugging, beforeSave: hidden }, Writer, [watching]);
    const { id } = await writers.insert(ANN);
    await writers.update(id, { password: ANN.password });
    await writers.upsert(ANN, { on: 'name' });
    assert.equal(seen.length, 3);
    assert.deepEqual(
      seen.filter((each) => each.includes(ANN.password) || !each.includes('#')),
      [],
    );
  }),
  law('a hook may fill what middleware does not, and middleware what hooks do not', async (given) => {
    await given.parcels();
    const tenant: Middleware = async (command, next) =>
      next(
        command.kind === 'insert'
          ? { ...command, rows: command.rows.map((row) => ({ ...row, tenant: row['tenant'] ?? 'filled' })) }
          : command,
      );
    const parcels = hooked(given, { beforeInsert: (draft) => ({ ...draft, weight: 7 }) }, Parcel, [tenant]);
    const row = await parcels.insert({ code: 'a' });
    assert.deepEqual([row['tenant'], row['weight']], ['filled', 7]);
    await fails(() => parcels.insertMany([{ code: 'b' }, { code: 'a' }]), DuplicateKeyError);
  }),
];
