import { beforeEach, describe, expect, test } from 'vitest';
import { ConstraintError, DuplicateKeyError } from '../../../src/errors/data.js';
import { AbortedError, ClosedError, SchemaError, TimeoutError } from '../../../src/errors/runtime.js';
import { MemoryDatabase } from '../../../src/memory/database.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { Bench, makeEntity } from './kit.js';

const Thing = makeEntity(
  'things',
  {
    id: { kind: 'integer' },
    code: { kind: 'text' },
    n: { kind: 'integer', bounds: { max: 100 } },
    s: { kind: 'text' },
    t: { kind: 'timestamp' },
    tags: { kind: 'list', item: { kind: 'text' } },
    settings: { kind: 'json' },
    o: {
      kind: 'object',
      fields: {
        x: { kind: 'integer' },
        at: { kind: 'timestamp' },
        p: { kind: 'object', fields: { q: { kind: 'text' } } },
      },
    },
  },
  { unique: [['code'], ['n', 's']] },
);

const Soft = makeEntity(
  'softs',
  { id: { kind: 'uuid' }, email: { kind: 'text' }, deletedAt: { kind: 'timestamp' } },
  { unique: [['email']] },
);

let database: MemoryDatabase;
let things: Bench;
let softs: Bench;

beforeEach(() => {
  database = new MemoryDatabase();
  things = new Bench(database, Thing);
  softs = new Bench(database, Soft);
});

describe('find', () => {
  beforeEach(() => things.insert({ id: 3, n: 1 }, { id: 1, n: 2 }, { id: 2, n: null }, { id: 4, n: 1 }));

  test('gives rows in the order of insertion when none is asked for, also after updates', async () => {
    await things.update({ n: ['set', 9] }, { where: ['eq', 'id', 1] });
    expect(await things.ids()).toEqual([3, 1, 2, 4]);
    expect(await things.ids({ where: ['anyOf', 'id', [4, 2, 3, 9]] })).toEqual([3, 2, 4]);
  });

  test('limits and skips after ordering', async () => {
    const orderBy = { n: 'asc', id: 'asc' } as const;
    expect(await things.ids({ orderBy })).toEqual([2, 3, 4, 1]);
    expect(await things.ids({ orderBy, limit: 2 })).toEqual([2, 3]);
    expect(await things.ids({ orderBy, limit: 2, offset: 1 })).toEqual([3, 4]);
    expect(await things.ids({ orderBy, offset: 3 })).toEqual([1]);
    expect(await things.ids({ limit: 1, offset: 2 })).toEqual([2]);
    expect(await things.ids({ offset: 9 })).toEqual([]);
    expect(await things.ids({ limit: 0 })).toEqual([]);
  });

  test('gives the selected fields only', async () => {
    await things.insert({ id: 5, s: 'a', o: { x: 1, p: { q: 'z' } } });
    const where = ['eq', 'id', 5] as const;
    expect(await things.find({ where, select: ['id', 's'] })).toEqual([{ id: 5, s: 'a' }]);
    expect(await things.find({ where, select: ['o', 'n'] })).toEqual([
      { n: null, o: { x: 1, at: null, p: { q: 'z' } } },
    ]);
  });

  test('finds by key or unique set what a scan would find', async () => {
    await things.insert({ id: 5, code: 'a', n: 7, s: 'x' });
    expect(await things.ids({ where: ['eq', 'id', 5] })).toEqual([5]);
    expect(await things.ids({ where: ['eq', 'id', 6] })).toEqual([]);
    expect(await things.ids({ where: ['and', ['eq', 'id', 5], ['eq', 'code', 'b']] })).toEqual([]);
    expect(await things.ids({ where: ['eq', 'code', 'a'] })).toEqual([5]);
    expect(await things.ids({ where: ['anyOf', 'code', ['b', 'a', 'a']] })).toEqual([5]);
    expect(await things.ids({ where: ['and', ['eq', 's', 'x'], ['eq', 'n', 7]] })).toEqual([5]);
    expect(await things.ids({ where: ['or', ['eq', 'id', 5], ['eq', 'id', 3]] })).toEqual([3, 5]);
  });

  test('finds soft-deleted rows by a unique field', async () => {
    await softs.insert({ id: 'a', email: 'e', deletedAt: new Date(1) }, { id: 'b', email: 'e' });
    expect(await softs.ids({ where: ['eq', 'email', 'e'] })).toEqual(['a', 'b']);
    expect(await softs.ids({ where: ['and', ['eq', 'email', 'e'], ['isNull', 'deletedAt']] })).toEqual(['b']);
    expect(await softs.ids({ where: ['and', ['eq', 'email', 'e'], ['isNotNull', 'deletedAt']] })).toEqual(['a']);
  });

  test('count and exists look at the filter', async () => {
    expect(await things.count()).toBe(4);
    expect(await things.count({ where: ['eq', 'n', 1] })).toBe(2);
    expect(await things.exists({ where: ['eq', 'n', 1] })).toBe(true);
    expect(await things.exists({ where: ['eq', 'n', 50] })).toBe(false);
  });

  test('distinct ascends, with null as the first of the values', async () => {
    expect(await things.distinct('n')).toEqual([null, 1, 2]);
    expect(await things.distinct('n', { where: ['isNotNull', 'n'] })).toEqual([1, 2]);
    await things.insert({ id: 8, o: { at: new Date(5) } }, { id: 9, o: { at: new Date(5) } });
    expect(await things.distinct('o.at')).toEqual([null, new Date(5)]);
  });
});

describe('rows', () => {
  test('are copied on their way in and out', async () => {
    const given = {
      id: 1,
      t: new Date(1),
      tags: ['a'],
      settings: { deep: [{ on: true }] },
      o: { x: 1, at: new Date(2) },
    };
    const [stored] = (await things.insert(given)) as [any];
    const spoil = (row: any) => {
      row.t.setTime(9);
      row.tags.push('b');
      row.settings.deep[0].on = false;
      row.o.x = 2;
      row.o.at.setTime(9);
    };
    const expected = structuredClone(stored);
    spoil(given);
    spoil(stored);
    for (let i = 0; i < 2; i++) {
      const [row] = await things.find();
      expect(row).toEqual(expected);
      spoil(row);
    }
    const updated = await things.update<any>({ n: ['set', 1] }, { many: false });
    spoil(updated);
    const { row } = await things.upsert(given, ['id'], { s: ['set', 'x'] });
    spoil(row);
    expect(await things.find()).toEqual([{ ...expected, n: 1, s: 'x' }]);
  });

  test('have every field, null where there is none, and no other', async () => {
    await things.insert({ id: 1, o: { x: 1, stray: 2 }, stray: 3 });
    expect(await things.find()).toEqual([
      { id: 1, code: null, n: null, s: null, t: null, tags: null, settings: null, o: { x: 1, at: null, p: null } },
    ]);
    await things.update({ 'o.p.q': ['set', 'z'] });
    expect((await things.find())[0]!['o']).toEqual({ x: 1, at: null, p: { q: 'z' } });
  });

  test('keep JSON as it is, hostile keys too', async () => {
    const settings = JSON.parse('{"__proto__":{"admin":true},"a":null,"b":[null]}');
    await things.insert({ id: 1, settings });
    const [row] = await things.find();
    expect(JSON.stringify(row!['settings'])).toBe('{"__proto__":{"admin":true},"a":null,"b":[null]}');
    expect((row!['settings'] as any).admin).toBeUndefined();
  });
});

describe('insert', () => {
  test('is all or nothing, and names fields, constraint and position of a duplicate', async () => {
    await things.insert({ id: 1, code: 'a', n: 1, s: 'x' });
    const duplicate = (fields: string[], constraint: string, position: number | undefined) =>
      expect.objectContaining({ code: 'DUPLICATE_KEY', entity: 'things', fields, constraint, position });
    await expect(things.insert({ id: 2 }, { id: 3, code: 'a' })).rejects.toThrow(
      duplicate(['code'], 'things_code_key', 1),
    );
    await expect(things.insert({ id: 2 }, { id: 3 }, { id: 2 })).rejects.toThrow(duplicate(['id'], 'things_pkey', 2));
    await expect(things.insert({ id: 2, n: 1, s: 'x' })).rejects.toThrow(
      duplicate(['n', 's'], 'things_n_s_key', undefined),
    );
    await expect(things.insert({ id: 2, code: 'b' }, { id: 3, code: 'b' })).rejects.toThrow(
      duplicate(['code'], 'things_code_key', 1),
    );
    expect(await things.ids()).toEqual([1]);
  });

  test('takes any number of nulls in unique fields and sets', async () => {
    await things.insert({ id: 1, n: 1 }, { id: 2, n: 1 }, { id: 3, s: 'a' }, { id: 4, s: 'a' });
    expect(await things.count()).toBe(4);
  });

  test('keeps the bounds, and says where they broke', async () => {
    await expect(things.insert({ id: 1 }, { id: 2, n: 101 })).rejects.toThrow(
      expect.objectContaining({ code: 'CONSTRAINT', fields: ['n'], position: 1 }),
    );
    expect(await things.count()).toBe(0);
  });

  test('serial fields count from 1, also past explicit values and failed statements', async () => {
    const Row = makeEntity('rows', {
      id: { kind: 'integer', serial: true },
      big: { kind: 'bigint', serial: true },
      s: { kind: 'text' },
    });
    const rows = new Bench(database, Row);
    expect(await rows.insert({ s: 'a' }, { s: 'b' })).toEqual([
      { id: 1, big: 1n, s: 'a' },
      { id: 2, big: 2n, s: 'b' },
    ]);
    await rows.insert({ id: 50, s: 'c' });
    expect(await rows.insert({ s: 'd' })).toEqual([{ id: 3, big: 4n, s: 'd' }]);
    database.clear();
    expect(await rows.insert({ s: 'e' })).toEqual([{ id: 1, big: 1n, s: 'e' }]);
  });
});

describe('update', () => {
  beforeEach(() => things.insert({ id: 1, code: 'a', n: 1 }, { id: 2, code: 'b', n: 98 }, { id: 3, code: 'c', n: 3 }));

  test('of many counts the rows that match, changed or not', async () => {
    expect(await things.update({ n: ['set', 1] }, { where: ['lt', 'n', 50] })).toBe(2);
    expect(await things.update({ n: ['set', 1] }, { where: ['eq', 'n', 7] })).toBe(0);
    expect(await things.update({})).toBe(3);
  });

  test('is all or nothing when a bound breaks', async () => {
    await expect(things.update({ n: ['increment', 5] })).rejects.toThrow(ConstraintError);
    expect((await things.find()).map((row) => row['n'])).toEqual([1, 98, 3]);
  });

  test('looks at uniqueness after the whole statement', async () => {
    const Seat = makeEntity('seats', { id: { kind: 'integer' }, place: { kind: 'integer' } }, { unique: [['place']] });
    const seats = new Bench(database, Seat);
    await seats.insert({ id: 1, place: 1 }, { id: 2, place: 2 }, { id: 3, place: 3 });
    expect(await seats.update({ place: ['increment', 1] })).toBe(3);
    expect((await seats.find()).map((row) => row['place'])).toEqual([2, 3, 4]);
    expect(await seats.ids({ where: ['eq', 'place', 2] })).toEqual([1]);
    await expect(seats.update({ place: ['set', 9] })).rejects.toThrow(DuplicateKeyError);
    await expect(seats.update({ place: ['set', 3] }, { where: ['eq', 'id', 1] })).rejects.toThrow(DuplicateKeyError);
    expect((await seats.find()).map((row) => row['place'])).toEqual([2, 3, 4]);
    await seats.update({ place: ['set', 2] }, { where: ['eq', 'id', 1] });
    await seats.update({ place: ['clear'] }, { where: ['anyOf', 'id', [1, 2]] });
    expect(await seats.ids({ where: ['isNull', 'place'] })).toEqual([1, 2]);
    await seats.insert({ id: 4, place: 2 });
    expect(await seats.ids({ where: ['eq', 'place', 2] })).toEqual([4]);
  });

  test('of one changes the first in the order and gives it as changed, or null', async () => {
    const row = await things.update<StoredRow>(
      { s: ['set', 'x'] },
      { many: false, orderBy: { n: 'desc' }, select: ['id', 's'] },
    );
    expect(row).toEqual({ id: 2, s: 'x' });
    expect(await things.ids({ where: ['eq', 's', 'x'] })).toEqual([2]);
    expect(await things.update({ s: ['set', 'x'] }, { many: false, where: ['eq', 'id', 9] })).toBeNull();
  });
});

describe('upsert', () => {
  test('inserts, then updates, and says which', async () => {
    expect(await things.upsert({ id: 1, code: 'a', n: 1 }, ['code'], { n: ['set', 2] })).toMatchObject({
      action: 'inserted',
      row: { id: 1, code: 'a', n: 1 },
    });
    expect(await things.upsert({ id: 2, code: 'a', n: 1 }, ['code'], { n: ['increment', 2] })).toMatchObject({
      action: 'updated',
      row: { id: 1, code: 'a', n: 3 },
    });
    expect(await things.upsert({ id: 1, code: 'z' }, ['id'], { code: ['set', 'y'] })).toMatchObject({
      action: 'updated',
    });
    expect(await things.ids({ where: ['eq', 'code', 'y'] })).toEqual([1]);
    await things.insert({ id: 5, n: 5, s: 'x' });
    expect(await things.upsert({ id: 6, n: 5, s: 'x' }, ['n', 's'], {})).toMatchObject({
      action: 'updated',
      row: { id: 5 },
    });
  });

  test('a duplicate in another unique field is an error', async () => {
    await things.insert({ id: 1, code: 'a' });
    await expect(things.upsert({ id: 1, code: 'b' }, ['code'], {})).rejects.toThrow(DuplicateKeyError);
    expect(await things.count()).toBe(1);
  });

  test('does not see soft-deleted rows', async () => {
    await softs.insert({ id: 'a', email: 'e', deletedAt: new Date(1) });
    const draft = { id: 'b', email: 'e', deletedAt: null };
    expect(await softs.upsert(draft, ['email'], {})).toMatchObject({ action: 'inserted', row: { id: 'b' } });
    expect(await softs.upsert(draft, ['email'], {})).toMatchObject({ action: 'updated', row: { id: 'b' } });
    expect(await softs.ids()).toEqual(['a', 'b']);
  });
});

describe('delete', () => {
  test('gives the number of rows, or the row', async () => {
    await things.insert({ id: 1, code: 'a' }, { id: 2, code: 'b' }, { id: 3 });
    expect(await things.delete({ where: ['eq', 'code', 'a'], many: false })).toMatchObject({ id: 1, code: 'a' });
    expect(await things.delete({ where: ['eq', 'code', 'a'], many: false })).toBeNull();
    expect(await things.delete({ where: ['gt', 'id', 1] })).toBe(2);
    expect(await things.delete()).toBe(0);
    await things.insert({ id: 1, code: 'a' });
    expect(await things.ids({ where: ['eq', 'code', 'a'] })).toEqual([1]);
  });
});

describe('soft delete', () => {
  test('frees the unique values of the row, and reviving it takes them again', async () => {
    await softs.insert({ id: 'a', email: 'e' });
    await softs.update({ deletedAt: ['set', new Date(1)] });
    await softs.insert({ id: 'b', email: 'e' });
    await expect(softs.update({ deletedAt: ['clear'] }, { where: ['eq', 'id', 'a'] })).rejects.toThrow(
      DuplicateKeyError,
    );
    await softs.delete({ where: ['eq', 'id', 'b'] });
    expect(await softs.update({ deletedAt: ['clear'] })).toBe(1);
    await expect(softs.insert({ id: 'c', email: 'e' })).rejects.toThrow(DuplicateKeyError);
    await expect(softs.insert({ id: 'a', email: 'f' })).rejects.toThrow(DuplicateKeyError);
  });
});

describe('stream', () => {
  const collect = async (rows: AsyncIterable<StoredRow>) => {
    const ids: unknown[] = [];
    for await (const row of rows) ids.push(row['id']);
    return ids;
  };

  test('gives every row of the snapshot at its start', async () => {
    await things.insert({ id: 1 }, { id: 2 }, { id: 3 });
    const command = { kind: 'find', ...things.command({ orderBy: { id: 'desc' } }), limit: null, offset: 1 } as const;
    expect(await collect(database.stream(command, { batch: 2 }))).toEqual([2, 1]);
    const seen: unknown[] = [];
    for await (const row of database.stream(command, { batch: 1 })) {
      seen.push(row['id']);
      await things.delete();
      await things.insert({ id: 9 });
    }
    expect(seen).toEqual([2, 1]);
  });

  test('stops at an abort, at a deadline and at a close', async () => {
    let now = 0;
    database = new MemoryDatabase({ clock: { now: () => now } });
    things = new Bench(database, Thing);
    await things.insert({ id: 1 }, { id: 2 });
    const command = { kind: 'find', ...things.command(), limit: null, offset: 0 } as const;
    const read = async (options: object, act: () => unknown) => {
      for await (const _ of database.stream(command, options)) await act();
    };
    const controller = new AbortController();
    await expect(read({ signal: controller.signal }, () => controller.abort())).rejects.toThrow(AbortedError);
    await expect(read({ timeoutMs: 10 }, () => (now += 9))).resolves.toBeUndefined();
    await expect(read({ timeoutMs: 10 }, () => (now += 10))).rejects.toThrow(TimeoutError);
    await expect(read({}, () => database.close())).rejects.toThrow(ClosedError);
  });
});

describe('ensureSchema', () => {
  test('names what it made, once', async () => {
    const command = { kind: 'ensureSchema', entities: [Thing, Soft] } as const;
    expect(await database.run(command)).toEqual({
      created: [
        'table things',
        'index things_code_key',
        'index things_n_s_key',
        'table softs',
        'index softs_email_key',
      ],
      drift: [],
    });
    expect(await database.run(command)).toEqual({ created: [], drift: [] });
    database.clear();
    expect(await database.run(command)).toEqual({ created: [], drift: [] });
  });

  test('adds a unique set to rows that are there, unless they break it', async () => {
    await softs.insert({ id: 'a', email: 'x' }, { id: 'b', email: 'y' });
    const specs = {
      id: { kind: 'uuid' },
      email: { kind: 'text' },
      name: { kind: 'text' },
      deletedAt: { kind: 'timestamp' },
    } as const;
    const Wider = makeEntity('softs', specs, { unique: [['email'], ['name']] });
    expect(await database.run({ kind: 'ensureSchema', entities: [Wider] })).toEqual({
      created: ['index softs_name_key'],
      drift: [],
    });
    const wider = new Bench(database, Wider);
    expect(await wider.find({ where: ['eq', 'id', 'a'] })).toEqual([
      { id: 'a', email: 'x', name: null, deletedAt: null },
    ]);
    await wider.update({ name: ['set', 'n'] }, { where: ['eq', 'id', 'a'] });
    expect(await softs.ids({ where: ['eq', 'email', 'x'] })).toEqual(['a']);
    await expect(wider.update({ name: ['set', 'n'] })).rejects.toThrow(DuplicateKeyError);

    const Plain = makeEntity(
      'softs',
      { id: { kind: 'uuid' }, deletedAt: { kind: 'timestamp' } },
      { unique: [['deletedAt']] },
    );
    await expect(database.run({ kind: 'ensureSchema', entities: [Plain] })).resolves.toMatchObject({ drift: [] });
    const Other = makeEntity('softs', { email: { kind: 'text' } }, { key: ['email'] });
    await expect(database.run({ kind: 'ensureSchema', entities: [Other] })).rejects.toThrow(SchemaError);
  });

  test('changes nothing when rows break a new unique set', async () => {
    await things.insert({ id: 1, t: new Date(1) }, { id: 2, t: new Date(1) });
    const Unique = makeEntity('things', { id: { kind: 'integer' }, t: { kind: 'timestamp' } }, { unique: [['t']] });
    await expect(database.run({ kind: 'ensureSchema', entities: [Unique] })).rejects.toThrow(DuplicateKeyError);
    await things.insert({ id: 3, t: new Date(1) });
    expect(await things.count()).toBe(3);
  });
});

describe('a call', () => {
  test('does nothing when its signal is aborted or its time is over', async () => {
    const signal = AbortSignal.abort('enough');
    await things.insert({ id: 1 });
    await expect(things.delete({ signal })).rejects.toThrow(AbortedError);
    await expect(things.delete({ signal })).rejects.toMatchObject({ outcome: 'not-executed', cause: 'enough' });
    await expect(things.delete({ timeoutMs: 0 })).rejects.toThrow(TimeoutError);
    await expect(database.ping(signal)).rejects.toThrow(AbortedError);
    expect(await things.delete({ timeoutMs: 60_000, signal: new AbortController().signal })).toBe(1);
  });

  test('has no effect before its caller goes on, and never interleaves', async () => {
    const inserted = things.insert({ id: 1, n: 0 });
    const counted = things.count();
    const increments = Array.from({ length: 50 }, () => things.update({ n: ['increment', 1] }));
    expect(await counted).toBe(1);
    await Promise.all([inserted, ...increments]);
    expect((await things.find())[0]!['n']).toBe(50);
  });

  test('fails after close, which may be called again', async () => {
    await database.connect();
    await database.ping();
    expect(database.stats()).toEqual({ max: 1, min: 0, total: 1, active: 0, idle: 1, waiting: 0, timeouts: 0 });
    await database.close();
    await database.close();
    expect(database.stats()).toEqual({ max: 1, min: 0, total: 0, active: 0, idle: 0, waiting: 0, timeouts: 0 });
    await expect(things.count()).rejects.toThrow(ClosedError);
    await expect(database.ping()).rejects.toThrow(ClosedError);
    await expect(database.connect()).rejects.toThrow(ClosedError);
  });
});

test('rows under a composite key are found by it', async () => {
  const Member = makeEntity(
    'members',
    { team: { kind: 'text' }, no: { kind: 'bigint' }, role: { kind: 'text' } },
    { key: ['team', 'no'] },
  );
  const members = new Bench(database, Member);
  await members.insert({ team: 'a', no: 1n, role: 'x' }, { team: 'a', no: 2n, role: 'y' });
  expect(await members.find({ where: ['and', ['eq', 'no', 2n], ['eq', 'team', 'a']], select: ['role'] })).toEqual([
    { role: 'y' },
  ]);
  await expect(members.insert({ team: 'a', no: 1n })).rejects.toThrow(
    expect.objectContaining({ fields: ['team', 'no'], constraint: 'members_pkey' }),
  );
});

test('a clock without `now` is refused', () => {
  expect(() => new MemoryDatabase({ clock: {} as never })).toThrow(TypeError);
});
