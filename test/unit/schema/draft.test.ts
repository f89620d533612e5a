import {
  bigserial,
  boolean,
  entity,
  integer,
  json,
  list,
  object,
  objectId,
  serial,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from 'trivet';
import { describe, expect, test } from 'vitest';
import { parseDraft } from '../../../src/schema/parse.js';
import { modelOf, NOW, row, thrown } from './kit.js';

const model = modelOf({
  id: uuid().primaryKey(),
  name: text().trim().min(2),
  age: integer().optional(),
  role: text().default('user'),
  ...timestamps(),
  ...softDelete(),
  ...versioned(),
});
const ID = '0190a5f2-7c3e-7d11-9b1e-0123456789ab';

describe('a draft', () => {
  test('becomes a row with every field, in the order of declaration', () => {
    const stored = row(model, { age: 5, name: ' Ann ', id: ID });
    expect(stored).toEqual({
      id: ID,
      name: 'Ann',
      age: 5,
      role: 'user',
      createdAt: new Date(NOW),
      updatedAt: new Date(NOW),
      deletedAt: null,
      version: 1,
    });
    expect(Object.keys(stored)).toEqual([
      'id',
      'name',
      'age',
      'role',
      'createdAt',
      'updatedAt',
      'deletedAt',
      'version',
    ]);
    expect(stored.createdAt).not.toBe(stored.updatedAt);
  });

  test('names what the caller gave', () => {
    expect(parseDraft(model, { role: 'x', age: null, name: 'Ann' }, NOW).given).toEqual(['name', 'age', 'role']);
  });

  test('may bring what the library would make', () => {
    const brought = {
      id: ID.toUpperCase(),
      name: 'Ann',
      createdAt: new Date(1),
      updatedAt: new Date(2),
      deletedAt: new Date(3),
      version: 7,
    };
    expect(row(model, brought)).toEqual({ ...brought, id: ID, age: null, role: 'user' });
  });

  test('missing and null are one thing for an optional field', () => {
    expect(row(model, { name: 'Ann' }).age).toBeNull();
    expect(row(model, { name: 'Ann', age: null }).age).toBeNull();
  });

  test('tells every problem at once, by path', () => {
    expect(thrown(model, { nane: 'x', age: '5', role: null, version: 0, deletedAt: undefined })).toEqual([
      'name: is required',
      'age: must be an integer',
      'role: must not be null',
      'version: must be an integer from 1',
      'nane: is no field; did you mean `name`?',
      'deletedAt: must not be undefined: leave it out, or give null for no value',
    ]);
  });

  test('of a list tells its place', () => {
    expect(thrown(model, { name: 5, x: 1 }, 'drafts[3]')).toEqual([
      'drafts[3].name: must be text',
      'drafts[3].x: is no field',
    ]);
    expect(thrown(model, 'x', '[3]')).toEqual(['[3]: must be an object with the fields of the entity, got a string']);
    expect(thrown(model, {}, '[3]')).toEqual(['[3].name: is required']);
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['x', 'a string'],
    [5, 'a number'],
    [[], 'a list'],
    [new Date(), 'an instance of Date'],
    [() => 1, 'a function'],
  ])('refuses what is no object, and says what it is (%#)', (draft, what) => {
    expect(thrown(model, draft)).toEqual([`must be an object with the fields of the entity, got ${what}`]);
  });

  test('cannot reach a prototype', () => {
    expect(thrown(model, JSON.parse('{"name":"Ann","__proto__":{"role":"admin"}}'))).toEqual([
      '__proto__: is no field',
    ]);
    const inherited = Object.assign(Object.create({ role: 'admin' }), { name: 'Ann' });
    expect(row(model, inherited).role).toBe('user');
    const polluted = Object.prototype as { role?: string };
    polluted.role = 'admin';
    try {
      expect(row(model, { name: 'Ann' }).role).toBe('user');
    } finally {
      delete polluted.role;
    }
  });

  test('with a great many wrong keys ends', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
    expect(thrown(model, { name: 'Ann', ...wide }).length).toBeLessThanOrEqual(1_000);
  });

  test('that points at itself ends', () => {
    const self: Record<string, unknown> = { name: 'Ann' };
    self['age'] = self;
    expect(thrown(model, self)).toEqual(['age: must be an integer']);
  });
});

describe('a default', () => {
  test('that is mutable is a new one for each row', () => {
    const fallback = [['a']];
    const own = modelOf({
      id: uuid().primaryKey(),
      tags: list(text()).default(['x']),
      at: timestamp().default(new Date(1)),
      place: object({ city: text(), zip: text().optional() }).default({ city: 'Paris' }),
      extra: json().default(fallback),
    });
    const [a, b] = [row(own, {}), row(own, {})];
    expect(a).toEqual({ ...b, id: a.id });
    for (const name of ['tags', 'at', 'place', 'extra']) expect(a[name]).not.toBe(b[name]);
    expect(a.place).toEqual({ city: 'Paris', zip: null });
    expect(a.extra[0]).not.toBe(fallback[0]);
  });

  test('by a function is made for each row that needs it, and checked', () => {
    let calls = 0;
    const own = modelOf({
      id: uuid().primaryKey(),
      n: integer().default(() => ++calls),
      s: text().default((() => 5) as never),
    });
    expect(row(own, { s: 'x' }).n).toBe(1);
    expect(row(own, { s: 'x', n: 9 }).n).toBe(9);
    expect(row(own, { s: 'x' }).n).toBe(2);
    expect(row(own, {})).toEqual(['s: must be text']);
    const absent = modelOf({ id: uuid().primaryKey(), s: text().default((() => undefined) as never) });
    expect(row(absent, {})).toEqual(['s: must not be undefined']);
  });

  test('of an object lies in its fields, too', () => {
    const own = modelOf({
      id: uuid().primaryKey(),
      prefs: object({ theme: text().default('light'), mail: object({ on: boolean().default(true) }) }),
      maybe: object({ theme: text().default('light') }).optional(),
      strict: object({ theme: text() }).optional(),
    });
    expect(row(own, {})).toMatchObject({ prefs: { theme: 'light', mail: { on: true } }, maybe: null, strict: null });
    expect(row(own, { prefs: { mail: {} }, maybe: {} })).toMatchObject({
      prefs: { theme: 'light', mail: { on: true } },
      maybe: { theme: 'light' },
    });
  });

  test('of an optional field yields to an explicit null', () => {
    const own = modelOf({ id: uuid().primaryKey(), n: integer().optional().default(5) });
    expect(row(own, {}).n).toBe(5);
    expect(row(own, { n: null }).n).toBeNull();
  });
});

describe('a key', () => {
  test('of uuid sorts by the time of its making', () => {
    const ids = Array.from({ length: 50 }, () => row(model, { name: 'Ann' }).id as string);
    expect(ids).toEqual([...ids].sort());
    expect(ids[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  test('of objectId holds the seconds of its making and is never made twice', () => {
    const own = modelOf({ id: objectId().primaryKey() });
    const ids = Array.from({ length: 50 }, () => row(own, {}).id as string);
    expect(new Set(ids).size).toBe(50);
    for (const id of ids) expect(Number.parseInt(id.slice(0, 8), 16)).toBe(NOW / 1_000);
    expect(ids[0]).toMatch(/^[\da-f]{24}$/);
  });

  test('that is another row’s key, or of another kind, is never made up', () => {
    expect(row(modelOf({ userId: uuid().primaryKey().references('users') }), {})).toEqual(['userId: is required']);
    expect(row(modelOf({ a: uuid(), b: integer() }, { primaryKey: ['a', 'b'] }), {})).toEqual([
      'a: is required',
      'b: is required',
    ]);
    expect(row(modelOf({ code: text().max(9).primaryKey() }), {})).toEqual(['code: is required']);
  });

  test('may be made by a function', () => {
    expect(
      row(
        modelOf({
          code: text()
            .max(9)
            .primaryKey()
            .default(() => 'x'),
        }),
        {},
      ),
    ).toEqual({ code: 'x' });
  });
});

describe('a serial field', () => {
  const own = modelOf({ a: text(), id: serial().primaryKey(), b: bigserial() });

  test('is absent from the row when the draft leaves it out', () => {
    expect(Object.keys(row(own, { a: 'x' }))).toEqual(['a']);
    expect(Object.keys(row(own, { a: 'x', b: 1n }))).toEqual(['a', 'b']);
    expect(Object.keys(row(own, { b: 1n, id: 5, a: 'x' }))).toEqual(['a', 'id', 'b']);
  });

  test('is never null or undefined', () => {
    expect(row(own, { a: 'x', id: null })).toEqual(['id: must not be null']);
    expect(row(own, { a: 'x', id: undefined })).toEqual(['id: must not be undefined']);
  });
});

describe('a generated field', () => {
  const own = modelOf({ id: uuid().primaryKey(), slug: text().min(3).generated() });

  test('may be left to whoever makes it, and is checked when it is given', () => {
    expect(row(own, { id: ID })).toEqual({ id: ID, slug: null });
    expect(row(own, { slug: 'x' })).toEqual(['slug: must have at least 3 characters']);
  });
});

test('a parsed draft shares nothing mutable with the draft', () => {
  const own = entity('x', {
    id: uuid().primaryKey(),
    at: timestamp(),
    tags: list(text()),
    place: object({ at: timestamp() }),
    lines: list(object({ n: integer() })),
  })['~model'];
  const draft = { at: new Date(1), tags: ['a'], place: { at: new Date(2) }, lines: [{ n: 1 }] };
  const stored = row(own, draft);
  draft.at.setTime(9);
  draft.tags.push('b');
  draft.place.at.setTime(9);
  draft.lines[0]!.n = 9;
  expect(stored).toMatchObject({ at: new Date(1), tags: ['a'], place: { at: new Date(2) }, lines: [{ n: 1 }] });
});
