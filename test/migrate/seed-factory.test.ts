import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigint,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  index,
  integer,
  list,
  object,
  objectId,
  real,
  serial,
  text,
  timestamp,
  timestamps,
  uuid,
  ValidationError,
  versioned,
} from '../../src/index.js';
import { factory } from '../../src/migrate/index.js';
import { modelOf } from '../../src/schema/entity.js';
import type { AnyField } from '../../src/schema/field.js';
import { parseDraft } from '../../src/schema/parse.js';

const User = entity('users', {
  id: uuid().primaryKey(),
  email: text().email().unique(),
  name: text().min(2).max(40),
  role: enumOf('reader', 'author').default('reader'),
  bio: text().max(100).optional(),
  home: text().url().optional(),
  ...timestamps(),
  ...versioned(),
});

function issuesOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ValidationError) return error.issues.map(({ path, message }) => `${path} ${message}`);
    throw error;
  }
  return [];
}

describe('a factory', () => {
  it('makes a row of its seed and its number alone, whatever was made before', () => {
    const users = () => factory(User, ({ random }) => ({ name: `Ann ${random.below(1_000)}` }));
    const all = users().make(20);
    expect(users().make(5, { from: 15 })).toEqual(all.slice(15));
    expect(users().one(7)).toEqual(all[7]);
    expect(users().key(7)).toBe(all[7]!.id);
    expect(factory(User, () => ({}), { seed: 2 }).key(7)).not.toBe(all[7]!.id);
    expect(factory(User, () => ({}), { series: 'others' }).key(7)).not.toBe(all[7]!.id);
  });

  it('makes the same rows in the next version, too', () => {
    const row = factory(User, ({ random }) => ({ role: random.pick(['reader', 'author']) })).one(3);
    expect(row).toMatchInlineSnapshot(`
      {
        "bio": null,
        "createdAt": 2026-01-01T00:03:00.000Z,
        "email": "user4@example.org",
        "home": null,
        "id": "36957de6-f835-82bf-be1f-df844147b72c",
        "name": "harbor slate walnut north crickets",
        "role": "reader",
        "updatedAt": 2026-01-01T00:03:00.000Z,
      }
    `);
  });

  it('fills in what the draft leaves out: defaults, null for what may be missing, times from the base on', () => {
    const base = new Date('2020-02-02T00:00:00.000Z');
    const [first, second] = factory(User, () => ({}), { base }).make(2);
    expect(first).toMatchObject({ role: 'reader', bio: null, home: null, createdAt: base, updatedAt: base });
    expect(second!.createdAt).toEqual(new Date(base.getTime() + 60_000));
    expect(Object.keys(first!)).not.toContain('version');
    const at = new Date('2021-01-01T00:00:00.000Z');
    expect(factory(User, () => ({ createdAt: at })).one(4).updatedAt).toEqual(at);
  });

  it('gives a field the same value, whatever the draft takes of its own numbers', () => {
    const plain = factory(User, () => ({})).one(1).name;
    expect(factory(User, ({ random }) => ({ bio: `${random.bits()}` })).one(1).name).toBe(plain);
  });

  it('relates rows by their keys, and gives no combination twice', () => {
    const Like = entity(
      'likes',
      { userId: uuid().references('users'), postId: uuid().references('posts') },
      { primaryKey: ['userId', 'postId'] },
    );
    const users = factory(User, () => ({}));
    const likes = factory(Like, ({ combination, keyOf }) => {
      const [user] = combination(7, 5);
      return { userId: users.key(user), postId: keyOf(users, 5) };
    });
    const keys = new Set(users.make(7).map(({ id }) => id));
    expect(likes.make(35).every(({ userId, postId }) => keys.has(userId) && keys.has(postId))).toBe(true);
    expect(likes.key(3)).toEqual({ userId: likes.one(3).userId, postId: likes.one(3).postId });
    expect(() => likes.one(35)).toThrow('below the 35 combinations of 7 and 5');
    const picked = factory(User, ({ keysOf }) => ({ home: `https://x.example/${keysOf(users, 7, 3).join()}` })).one(0);
    const some = picked.home!.slice('https://x.example/'.length).split(',');
    expect(new Set(some).size).toBe(3);
  });

  it('goes through every combination once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.string(), (a, b, seed) => {
        const pairs = new Set<string>();
        const one = factory(
          User,
          ({ combination }) => {
            pairs.add(combination(a, b).join());
            return {};
          },
          { seed: seed || 's' },
        );
        one.make(a * b);
        expect(pairs.size).toBe(a * b);
      }),
      { numRuns: 30 },
    );
  });

  it('takes keys of the user, and refuses one in the draft', () => {
    const users = factory(User, () => ({}), { key: (number) => `00000000-0000-4000-8000-00000000000${number}` });
    expect(users.one(3).id).toBe('00000000-0000-4000-8000-000000000003');
    const wrong = factory(User, () => ({ id: 'x' }) as never);
    expect(issuesOf(() => wrong.one(0))).toEqual(['[0].id is made by the factory: give its option `key`']);
  });

  it('says what has to be given, all at once', () => {
    const Order = entity('orders', {
      id: uuid().primaryKey(),
      userId: uuid().references('users'),
      code: text().max(20).matches(/^X/),
      kind: enumOf('a', 'b').unique(),
      inner: object({ even: integer().check((value) => value % 2 === 0) }),
    });
    expect(issuesOf(() => factory(Order, () => ({})).one(2))).toEqual([
      '[2].userId must be given by the draft of the factory: it refers to `users`: take a key of its factory',
      '[2].code must be given by the draft of the factory: it has rules of its own, which do not say how such a value looks',
      '[2].kind must be given by the draft of the factory: it must be different in each row, and there are only few values',
      '[2].inner must be given by the draft of the factory: it has `even`, which has rules of its own, which do not say how such a value looks',
    ]);
  });

  it('refuses what the entity refuses, by the number of the row', () => {
    const wrong = factory(User, ({ number }) => ({ name: number === 1 ? 'x' : 'xy' }));
    expect(issuesOf(() => wrong.make(3))).toEqual(['[1].name must have at least 2 characters']);
  });

  it('leaves a key out that the database counts up, and does not know it', () => {
    const Line = entity('lines', { id: serial().primaryKey(), code: text().max(20).unique() });
    const lines = factory(Line, () => ({}));
    expect(lines.one(0)).not.toHaveProperty('id');
    expect(() => lines.key(0)).toThrow('is counted up by the database');
    expect(new Set(lines.make(200).map(({ code }) => code)).size).toBe(200);
  });

  it.each([
    ['number', () => factory(User, () => ({})).one(-1)],
    ['count', () => factory(User, () => ({})).make(1.5)],
    ['seed', () => factory(User, () => ({}), { seed: Number.NaN })],
    ['base', () => factory(User, () => ({}), { base: new Date(Number.NaN) })],
    ['series', () => factory(User, () => ({}), { series: '' })],
    ['key', () => factory(User, () => ({}), { key: 'x' as never })],
    ['draft', () => factory(User, {} as never)],
  ])('refuses a wrong `%s`', (option, work) => {
    expect(work).toThrow(TypeError);
    expect(work).toThrow(`Expected \`${option}\` to be`);
  });
});

/** A field that a factory can make, with rules of every sort. */
const range = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const field: fc.Arbitrary<AnyField> = fc.oneof(
  range(60).map(([min, max]) => text().min(min).max(max)),
  range(60).map(([min, max]) => text().trim().uppercase().min(min).max(max)),
  fc.nat(90).map((min) => text().min(min)),
  fc.constant(text().email()),
  fc.nat(70).map((min) => text().url().min(min)),
  range(1_000).map(([min, max]) =>
    integer()
      .min(min - 500)
      .max(max - 500),
  ),
  fc.constantFrom(-5, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER).map((min) => integer().min(min)),
  fc.constantFrom(-5, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER).map((max) => integer().max(max)),
  fc
    .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map(([a, b]) => real().min(Math.min(a, b)).max(Math.max(a, b))),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((min) => real().min(min)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((max) => real().max(max)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((min) => bigint().min(min)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((max) => bigint().max(max)),
  range(20).chain(([scale, precision]) => fc.constant(decimal(precision + 1, scale))),
  range(999).map(([min, max]) => decimal(6, 3).min(`${min}.5`).max(`${max}.5`)),
  fc.integer({ min: -999, max: 999 }).map((max) => decimal().max(max)),
  range(4e9).map(([min, max]) =>
    timestamp()
      .min(new Date(min * 1e3))
      .max(new Date(max * 1e3)),
  ),
  fc.constantFrom(boolean(), date(), timestamp(), uuid(), objectId(), enumOf('a', 'b')),
  range(6).map(([min, max]) => list(text().max(5)).min(min).max(max)),
  fc.constant(object({ a: text().min(1).max(3), b: integer().default(1), c: list(object({ d: date() })) })),
);

it('a draft of a factory is valid, whatever the rules of the entity are', () => {
  fc.assert(
    fc.property(
      fc.array(field, { minLength: 1, maxLength: 5 }),
      fc.string({ minLength: 1 }),
      fc.nat(5_000),
      (fields, seed, number) => {
        const Any = entity('any', {
          id: uuid().primaryKey(),
          ...Object.fromEntries(fields.map((each, i) => [`f${i}`, each])),
        });
        const draft = factory(Any, () => ({}), { seed }).one(number);
        expect(() => parseDraft(modelOf(Any), draft, 0)).not.toThrow();
        expect(factory(Any, () => ({}), { seed }).one(number)).toEqual(draft);
      },
    ),
    { numRuns: 400 },
  );
});

it('what must be different is, for a thousand rows', () => {
  const Each = entity(
    'each',
    {
      id: integer().primaryKey(),
      a: text().max(10).unique(),
      b: text().email().unique(),
      c: integer().min(-5).unique(),
      d: decimal(8, 2).unique(),
      e: timestamp().unique(),
      f: date().unique(),
      g: bigint().unique(),
      h: text().max(12),
      i: enumOf('x', 'y'),
      j: uuid().unique(),
    },
    { unique: [['h', 'i']], indexes: [index('i')] },
  );
  const rows = factory(Each, () => ({})).make(1_000);
  for (const name of ['id', 'a', 'b', 'c', 'd', 'f', 'g', 'h', 'j'] as const)
    expect(new Set(rows.map((row) => row[name])).size, name).toBe(1_000);
  expect(new Set(rows.map(({ e }) => e!.getTime())).size).toBe(1_000);
});
