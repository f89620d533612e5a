import {
  type AnyField,
  bigint,
  bigserial,
  binary,
  boolean,
  contains,
  date,
  decimal,
  entity,
  enumOf,
  fenced,
  geoPoint,
  gte,
  index,
  integer,
  isNotNull,
  json,
  list,
  lt,
  object,
  objectId,
  real,
  serial,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  ValidationError,
  versioned,
} from 'trivet';
import { describe, expect, test } from 'vitest';
import { modelOf, problems } from './kit.js';

const id = uuid().primaryKey();

describe('a builder', () => {
  test('never changes: each method gives a new one', () => {
    const plain = text();
    plain.min(3).optional().unique();
    expect(problems({ id, plain })).toEqual([]);
    expect(modelOf({ id, plain }).paths.get('plain')).toMatchObject({ optional: false, unique: false, bounds: {} });
    expect(Object.isFrozen(plain)).toBe(true);
  });

  const absent: readonly (readonly [string, AnyField, readonly string[]])[] = [
    ['text', text(), ['geo', 'keys']],
    ['uuid', uuid(), ['min', 'max', 'trim', 'email']],
    ['boolean', boolean(), ['min', 'primaryKey', 'references', 'trim']],
    ['integer', integer(), ['trim', 'length', 'matches']],
    ['real', real(), ['primaryKey', 'references']],
    ['enum', enumOf('a'), ['min', 'max']],
    ['date', date(), ['min', 'max']],
    ['binary', binary(), ['unique', 'primaryKey', 'references', 'min', 'max']],
    ['geoPoint', geoPoint(), ['unique', 'primaryKey', 'references', 'min']],
    ['json', json(), ['unique', 'primaryKey', 'references', 'min']],
    ['list', list(text()), ['unique', 'primaryKey', 'references', 'trim']],
    ['object', object({ a: text() }), ['unique', 'primaryKey', 'references', 'min']],
  ];

  test.each(absent)('%s has no methods of other families', (_kind, builder, methods) => {
    for (const method of methods) expect(method in builder, method).toBe(false);
  });

  test.each<readonly [AnyField, string]>([
    [text().min(-1), 'must have an integer from 0 as its `min`'],
    [text().max(1.5), 'must have an integer from 0 as its `max`'],
    [text().length('3' as never), 'must have an integer from 0 as its `length`'],
    [text().matches('x' as never), 'must have a regular expression in `matches()`'],
    [text().default(null as never), 'must not have null as its default: say `optional()`'],
    [text().check('x' as never), 'must have a function or a Standard Schema in `check()`'],
    [integer().min(0.5), 'must have an integer as its `min`'],
    [integer().max(Number.NaN), 'must have an integer as its `max`'],
    [real().min(Number.NaN), 'must have a finite number as its `min`'],
    [real().max('5' as never), 'must have a finite number as its `max`'],
    [bigint().min(1 as never), 'must have a signed 64 bit bigint as its `min`'],
    [bigint().max(2n ** 63n), 'must have a signed 64 bit bigint as its `max`'],
    [decimal(35), 'must have a precision from 1 to 34'],
    [decimal(0), 'must have a precision from 1 to 34'],
    [decimal(5, 6), 'must have a scale from 0 to its precision'],
    [decimal(undefined, 2), 'must have a scale from 0 to its precision'],
    [decimal().min('x'), 'must have a decimal as its `min`'],
    [decimal().max(0.5), 'must have a decimal as its `max`'],
    [timestamp().min(new Date(Number.NaN)), 'must have a valid Date as its `min`'],
    [timestamp().max('x' as never), 'must have a valid Date as its `max`'],
    [enumOf(), 'must have at least one choice'],
    [enumOf('a', 'a'), 'must have different choices'],
    [enumOf('a', ''), 'must have texts as its choices, none empty'],
    [enumOf('a\0'), 'must have well-formed choices without NUL'],
    [list(text()).min(-1), 'must have an integer from 0 as its `min`'],
    [list(text()).max(-1), 'must have an integer from 0 as its `max`'],
    [list(5 as never), 'must have a field in `list()`'],
    [object({}), 'must have at least one field in `object()`'],
    [object({ a: 5 as never, b: text() }), 'must have a field, such as `text()`, as `a`'],
    [json({} as never), 'must have a Standard Schema in `json()`'],
    [uuid().references(5 as never), "must name the entity that it refers to: `references('users')`"],
    [uuid().references('users', { field: 5 as never }), 'must name the field that it refers to'],
    [
      uuid().references('users', { onDelete: 'explode' as never }),
      "must have 'cascade', 'restrict' or 'set null' as `onDelete`",
    ],
    [integer().min(3).max(2), 'must have a `min` that is not greater than its `max`'],
    [decimal().min('10').max('9'), 'must have a `min` that is not greater than its `max`'],
    [timestamp().min(new Date(2)).max(new Date(1)), 'must have a `min` that is not greater than its `max`'],
  ])('tells wrong arguments with the path of its field (%#)', (builder, message) => {
    expect(problems({ id, it: builder })).toEqual([`it: ${message}`]);
  });

  test.each<readonly [AnyField, string[]]>([
    [integer().min(5).default(1), ['it: must be an integer from 5 (its default does not fit)']],
    [integer().default('x' as never), ['it: must be an integer (its default does not fit)']],
    [list(integer()).default([1, 'x' as never]), ['it[1]: must be an integer (its default does not fit)']],
    [object({ a: text().default(5 as never) }), ['it.a: must be text (its default does not fit)']],
    [json().default({ a: new Date() as never }), [expect.stringMatching(/^it\.a: must be plain JSON/)]],
  ])('tells a default that does not fit (%#)', (builder, messages) => {
    expect(problems({ id, it: builder })).toEqual(messages);
  });
});

describe('names', () => {
  const NAMES: readonly (readonly [string, string])[] = [
    ['', 'must have a name that is a text, not empty'],
    ['~x', 'must not begin with ~: such names are reserved'],
    ['$x', 'must not begin with $: MongoDB keeps such names for operators'],
    ['a.b', 'must not contain a point: it separates the segments of paths'],
    ['7', 'must not be a number: MongoDB takes it for a position in a list'],
    ['a[]', 'must not contain brackets: they mark the items of lists in paths'],
    ['constructor', 'must not be named `__proto__`, `constructor` or `prototype`'],
    ['prototype', 'must not be named `__proto__`, `constructor` or `prototype`'],
    ['a\0', 'must have a well-formed name without NUL'],
    ['x'.repeat(64), 'must have a name of at most 63 bytes'],
    ['é'.repeat(32), 'must have a name of at most 63 bytes'],
  ];

  test.each(NAMES)('%j is no name of a field, at the top or inside an object', (name, message) => {
    expect(problems({ id, [name]: text() }).join('; ')).toContain(message);
    expect(problems({ id, o: object({ [name]: text() }) }).join('; ')).toContain(message);
  });

  test('`__proto__` is no name of a field, however it is written', () => {
    const fields = Object.assign(Object.create(null), { id }, JSON.parse('{"__proto__":1}'));
    Object.defineProperty(fields, '__proto__', { value: text(), enumerable: true });
    expect(problems(fields)).toEqual(['__proto__: must not be named `__proto__`, `constructor` or `prototype`']);
  });

  test('names that are inherited by every object are ordinary names', () => {
    const model = modelOf({ id, toString: text(), hasOwnProperty: integer().optional() });
    expect(model.fields.map((field) => field.name)).toEqual(['id', 'toString', 'hasOwnProperty']);
  });

  test.each([
    ['', 'must have a name that is a text, not empty'],
    ['a.b.c', 'must be named `table` or `schema.table`, with one point at most'],
    ['.a', 'must have a name that is a text, not empty'],
    ['$a', 'must not contain $ nor begin with `system.`: MongoDB keeps such names'],
    ['system.users', 'must not contain $ nor begin with `system.`: MongoDB keeps such names'],
    ['a\0', 'must have a well-formed name without NUL'],
    [`${'x'.repeat(64)}`, 'must have a name of at most 63 bytes'],
    [5 as never, 'must have a text as its name'],
  ])('%j is no name of an entity', (name, message) => {
    expect(problems({ id }, {}, name)).toEqual([message]);
  });

  test('a name with a point is a schema and a table', () => {
    expect(modelOf({ id }, {}, 'blog.posts')).toMatchObject({ name: 'blog.posts', schema: 'blog', table: 'posts' });
    expect(modelOf({ id }, {}, 'posts')).toMatchObject({ name: 'posts', schema: null, table: 'posts' });
  });

  test('two fields never share a column', () => {
    const told = (name: string, other: string, column: string) => [
      `${name}: must not have the column of \`${other}\`, \`${column}\``,
    ];
    expect(problems({ id, createdAt: text(), created_at: text() })).toEqual(
      told('created_at', 'createdAt', 'created_at'),
    );
    expect(problems({ id, a: text().column('x'), b: text().column('x') })).toEqual(told('b', 'a', 'x'));
    expect(problems({ id, a: text().column('b'), b: text() })).toEqual(told('b', 'a', 'b'));
    expect(problems({ id, createdAt: text(), created_at: text() }, { naming: 'as-written' })).toEqual([]);
  });

  test('a column has a sound name, too', () => {
    expect(problems({ id, a: text().column('') })).toEqual([
      'a: must have a name that is a text, not empty (its column)',
    ]);
    expect(problems({ id, a: text().column('a.b') })).toEqual([
      'a: must have a column that has no point and does not begin with $ or ~',
    ]);
    expect(problems({ id, a: text().column('_id') })).toEqual([
      'a: must not have the column `_id`, which is the key of a document',
    ]);
    const long = `${'aB'.repeat(31)}`;
    expect(problems({ id, [long]: text() })).toEqual([
      expect.stringContaining('must have a name of at most 63 bytes (its column'),
    ]);
  });

  test('`_id` is the key or nothing', () => {
    expect(problems({ _id: objectId().primaryKey() })).toEqual([]);
    expect(problems({ id, _id: text() })).toEqual([
      '_id: must not be named `_id`, which is the key of a document, unless it is the primary key',
    ]);
  });
});

describe('what stands at the top only', () => {
  test.each<readonly [string, AnyField]>([
    ['hidden', text().hidden()],
    ['unique', text().max(9).unique()],
    ['a primary key', text().max(9).primaryKey()],
    ['generated', text().generated()],
    ['counted up by the database', serial()],
    ['counted up by the database', bigserial()],
    ['a reference', uuid().references('users')],
    ['given a column', text().column('x')],
    ["the entity's `createdAt`", timestamps().createdAt],
    ["the entity's `deletedAt`", softDelete().deletedAt],
    ["the entity's `version`", versioned().version],
    ["the entity's `fence`", fenced().fence],
  ])('%s is refused inside an object and inside a list', (what, builder) => {
    const message = `must not be ${what} here: only fields at the top of an entity can be`;
    expect(problems({ id, o: object({ a: builder as never }) })).toEqual([`o.a: ${message}`]);
    expect(problems({ id, l: list(object({ a: builder as never })) })).toEqual([`l[].a: ${message}`]);
  });

  test('a list holds scalars or objects, which are never missing', () => {
    expect(problems({ id, l: list(text().optional() as never) })).toEqual([
      'l[]: must not be optional: a list holds no nulls',
    ]);
    expect(problems({ id, l: list(text().default('x') as never) })).toEqual([
      'l[]: must not have a default: items are never left out',
    ]);
    for (const item of [json(), geoPoint(), binary(), list(text())]) {
      expect(problems({ id, l: list(item as never) })).toEqual([expect.stringMatching(/^l\[\]: must not be of kind/)]);
    }
  });

  test('paths have at most three levels; below a list there are none', () => {
    const levels = (deepest: AnyField) => object({ b: object({ c: deepest as never }) });
    expect(problems({ id, a: levels(text()) })).toEqual([]);
    expect(problems({ id, a: levels(object({ d: text() })) })).toEqual([
      'a.b.c.d: must lie at most 3 levels deep: put the rest into a list or json()',
    ]);
    expect(problems({ id, a: list(levels(levels(levels(text()) as never) as never)) })).toEqual([]);
  });

  test('a role is taken once', () => {
    expect(problems({ id, ...softDelete(), goneAt: softDelete().deletedAt })).toEqual([
      'goneAt: must not be a second `deletedAt`, beside `deletedAt`',
    ]);
    expect(problems({ id, version: versioned().version.optional() })).toEqual([
      "version: must not be optional: it is the entity's `version`",
    ]);
    expect(problems({ id, fence: fenced().fence.optional() })).toEqual([
      "fence: must not be optional: it is the entity's `fence`",
    ]);
    expect(problems({ id, ...fenced(), other: fenced().fence })).toEqual([
      'other: must not be a second `fence`, beside `fence`',
    ]);
    const renamed = modelOf({
      id,
      goneAt: softDelete().deletedAt,
      n: versioned().version,
      f: fenced().fence,
      ...timestamps(),
    });
    expect(renamed.deletedAt?.path).toBe('goneAt');
    expect(renamed.version?.path).toBe('n');
    expect(renamed.fence?.path).toBe('f');
    expect(renamed.createdAt?.path).toBe('createdAt');
    expect(renamed.updatedAt?.path).toBe('updatedAt');
  });

  test('a reference that is set null must be optional', () => {
    const reference = uuid().references('users', { onDelete: 'set null' });
    expect(problems({ id, a: reference })).toEqual([
      "a: must be optional to be set null when the row that it refers to is deleted (`onDelete: 'set null'`)",
    ]);
    expect(problems({ id, a: reference.optional() })).toEqual([]);
    expect(modelOf({ id, a: uuid().references('users') }).paths.get('a')?.references).toEqual({
      entity: 'users',
      field: null,
      onDelete: 'restrict',
    });
  });
});

describe('keys and unique sets', () => {
  const composite = { primaryKey: ['a', 'b'] };

  test.each<readonly [string, object, object, string[]]>([
    [
      'no key',
      { a: text() },
      {},
      ['must have a key: `primaryKey()` on a field, or the option `primaryKey` with several'],
    ],
    [
      'two keys',
      { a: id, b: id },
      {},
      ['must have one key, not `a` and `b`: use the option `primaryKey` for several fields'],
    ],
    [
      'a key twice',
      { id, a: uuid(), b: uuid() },
      composite,
      ['must have either the option `primaryKey` or `primaryKey()` on `id`'],
    ],
    [
      'an unknown key',
      { a: uuid() },
      composite,
      [
        'primaryKey: must name fields at the top of the entity: `b` is none',
        'primaryKey: must name at least two fields: one alone is marked by `primaryKey()`',
      ],
    ],
    [
      'a nested key',
      { a: uuid(), o: object({ b: text() }) },
      { primaryKey: ['a', 'o.b'] },
      [
        'primaryKey: must name fields at the top of the entity: `o.b` is none',
        'primaryKey: must name at least two fields: one alone is marked by `primaryKey()`',
      ],
    ],
    ['no names', { a: uuid() }, { primaryKey: [] }, ['primaryKey: must be a list of names of fields, not empty']],
    ['an optional key', { id: id.optional() }, {}, ['id: must not be optional: it is part of the primary key']],
    ['a hidden key', { id: id.hidden() }, {}, ['id: must not be hidden: it is part of the primary key']],
    ['a key that is unique besides', { id: id.unique() }, {}, ['id: must not be unique besides: a primary key is']],
    [
      'one default for all keys',
      { id: integer().primaryKey().default(1) },
      {},
      ['id: must not have one default value for all rows: give a function'],
    ],
    [
      'a real in a key',
      { a: uuid(), b: real() },
      composite,
      ['b: must not be of kind real: it is part of the primary key'],
    ],
    [
      'a list in a key',
      { a: uuid(), b: list(text()) },
      composite,
      ['b: must not be of kind list: it is part of the primary key'],
    ],
    [
      'a role in a key',
      { a: uuid(), b: versioned().version },
      composite,
      ["b: must not be the entity's `version`: it is part of the primary key"],
    ],
    [
      'a text key without max',
      { id: text().primaryKey() },
      {},
      ['id: must have a `max` of at most 660: it is in the primary key'],
    ],
    [
      'a unique text without max',
      { id, a: text().unique() },
      {},
      ['a: must have a `max` of at most 660: it is in a unique field'],
    ],
    [
      'a unique text that is too long',
      { id, a: text().max(661).unique() },
      {},
      ['a: must have a `max` of at most 660: it is in a unique field'],
    ],
    [
      'texts that are too long together',
      { id, a: text().max(400), b: text().max(400) },
      { unique: [['a', 'b']] },
      ['unique[0]: must have texts of at most 660 characters together in a unique set'],
    ],
    [
      'an unknown name in a set',
      { id, a: uuid() },
      { unique: [['a', 'x']] },
      ['unique[0]: must name fields at the top of the entity: `x` is none'],
    ],
    ['a name twice in a set', { id, a: uuid() }, { unique: [['a', 'a']] }, ['unique[0]: must not name `a` twice']],
    ['an empty set', { id }, { unique: [[]] }, ['unique[0]: must be a list of names of fields, not empty']],
    [
      'no list of sets',
      { id },
      { unique: 'id' },
      ["unique: must be a list of lists of names: `[['authorId', 'slug']]`"],
    ],
    [
      'the key as a set',
      { a: uuid(), b: uuid() },
      { ...composite, unique: [['b', 'a']] },
      ['unique[0]: must not repeat the primary key'],
    ],
    ['a set twice', { id, a: uuid().unique() }, { unique: [['a']] }, ['unique[0]: must not repeat another unique set']],
    [
      'a list in a set',
      { id, a: list(text()) },
      { unique: [['a']] },
      ['unique[0]: must not hold `a`, of kind list: it has no equality'],
    ],
    [
      'an object in a set',
      { id, a: object({ b: text() }) },
      { unique: [['a']] },
      ['unique[0]: must not hold `a`, of kind object: it has no equality'],
    ],
    [
      'json in a set',
      { id, a: json() },
      { unique: [['a']] },
      ['unique[0]: must not hold `a`, of kind json: it has no equality'],
    ],
    [
      'bytes in a set',
      { id, a: binary() },
      { unique: [['a']] },
      ['unique[0]: must not hold `a`, of kind binary: it has no equality'],
    ],
  ])('%s is refused', (_what, fields, options, messages) => {
    expect(problems(fields, options)).toEqual(messages);
  });

  test('email() says how long it is, unless it says less itself', () => {
    expect(modelOf({ id, a: text().email().unique() }).paths.get('a')?.bounds.max).toBe(254);
    expect(modelOf({ id, a: text().email().max(100).unique() }).paths.get('a')?.bounds.max).toBe(100);
    expect(modelOf({ id, a: text().max(100).email().unique() }).paths.get('a')?.bounds.max).toBe(100);
  });

  test('stand in the model in their order', () => {
    const model = modelOf(
      {
        b: integer(),
        a: uuid(),
        email: text().email().unique(),
        token: text().max(60).hidden().unique(),
        c: boolean(),
      },
      { primaryKey: ['a', 'b'], unique: [['c', 'b']] },
    );
    expect(model.key.map((field) => field.path)).toEqual(['a', 'b']);
    expect(model.key.every((field) => field.key)).toBe(true);
    expect(model.unique.map((set) => set.map((field) => field.path))).toEqual([['email'], ['token'], ['c', 'b']]);
    expect(model.paths.get('email')?.unique).toBe(true);
    expect(model.paths.get('c')?.unique).toBe(false);
  });
});

describe('indexes', () => {
  const fields = {
    id,
    role: enumOf('user', 'admin'),
    name: text().max(50),
    bio: text(),
    secret: text().max(50).hidden(),
    at: timestamp().optional(),
    n: integer(),
    tags: list(text().max(20)),
    notes: list(text()),
    lines: list(object({ sku: text() })),
    place: object({ city: text().max(50), point: geoPoint().optional() }),
    extra: json().optional(),
  };
  const told = (...indexes: unknown[]) => problems(fields, { indexes });

  test('stand in the model with their directions, tests and names', () => {
    const { indexes } = modelOf(fields, {
      indexes: [
        index('role', 'name'),
        index({ at: 'desc', n: 'asc' }).named('recent'),
        index.geo('place.point'),
        index.ttl('at', '1h'),
        index('n').where({ role: 'admin', n: gte(5), at: null, extra: isNotNull() }),
        index('tags'),
        index('place.city'),
        index('secret'),
      ],
      search: { name: 'A', 'place.city': 'C' },
    });
    const plain = indexes.map(({ kind, name, parts, only, after }) => ({
      kind,
      name,
      parts: parts.map((part) => `${part.field.path} ${part.direction} ${part.weight ?? ''}`.trim()),
      only: only.map((each) => [each.field.path, each.op, each.value]),
      after,
    }));
    const none = { name: null, only: [], after: null };
    expect(plain).toEqual([
      { ...none, kind: 'ordinary', parts: ['role asc', 'name asc'] },
      { ...none, kind: 'ordinary', parts: ['at desc', 'n asc'], name: 'recent' },
      { ...none, kind: 'geo', parts: ['place.point asc'] },
      { ...none, kind: 'ttl', parts: ['at asc'], after: 3_600_000 },
      {
        ...none,
        kind: 'ordinary',
        parts: ['n asc'],
        only: [
          ['role', 'eq', 'admin'],
          ['n', 'gte', 5],
          ['at', 'isNull', null],
          ['extra', 'isNotNull', null],
        ],
      },
      { ...none, kind: 'ordinary', parts: ['tags asc'] },
      { ...none, kind: 'ordinary', parts: ['place.city asc'] },
      { ...none, kind: 'ordinary', parts: ['secret asc'] },
      { ...none, kind: 'search', parts: ['name asc A', 'place.city asc C'] },
    ]);
  });

  test.each<readonly [string, unknown, string]>([
    ['no index', 'role', "indexes[0]: must be an index, such as `index('role')`"],
    ['an unknown path', index('nope'), 'indexes[0]: must name fields of the entity: `nope` is none'],
    ['a path below a list', index('lines.sku'), 'indexes[0]: must name fields of the entity: `lines.sku` is none'],
    ['a path twice', index('n', 'n'), 'indexes[0]: must not name `n` twice'],
    [
      'an unknown direction',
      index({ n: 'up' as never }),
      "indexes[0]: must have 'asc' or 'desc' as the direction of `n`",
    ],
    ['no paths', index({}), 'indexes[0]: must name at least one field'],
    ['a text without max', index('bio'), 'bio: must have a `max` of at most 660: it is in an index'],
    ['a list of texts without max', index('notes'), 'notes[]: must have a `max` of at most 660: it is in an index'],
    [
      'a list beside another field',
      index('tags', 'n'),
      'indexes[0]: must hold a list alone: no engine has a compound index over two lists, and `tags` is of kind list',
    ],
    [
      'a list of objects',
      index('lines'),
      'indexes[0]: must name scalars, or one list of scalars, and `lines` is of kind list',
    ],
    [
      'an object',
      index('place'),
      'indexes[0]: must name scalars, or one list of scalars, and `place` is of kind object',
    ],
    ['json', index('extra'), 'indexes[0]: must name scalars, or one list of scalars, and `extra` is of kind json'],
    [
      'a point',
      index('place.point'),
      'indexes[0]: must be made by `index.geo()` for a point, and `place.point` is of kind geoPoint',
    ],
    ['geo of a text', index.geo('name'), 'indexes[0]: must name a geoPoint(), and `name` is of kind text'],
    ['ttl of a number', index.ttl('n', '1h'), 'indexes[0]: must name a timestamp(), and `n` is of kind integer'],
    [
      'ttl without a duration',
      index.ttl('at', 300 as never),
      "indexes[0]: must go by a duration such as '30s' (ms, s, m, h, d), got `300` (number)",
    ],
    ['an empty name', index('n').named(''), 'indexes[0]: must have a name that is a text, not empty'],
    ['a test of the wrong type', index('n').where({ n: 'x' }), 'indexes[0]: must be an integer'],
    [
      'a test of an unknown path',
      index('n').where({ x: 1 }),
      'indexes[0]: must name fields of the entity: `x` is none',
    ],
    [
      'a null test of a required field',
      index('n').where({ n: null }),
      'indexes[0]: must not test a required field for null (the test of `n`)',
    ],
    [
      'a test of a list',
      index('n').where({ tags: ['a'] }),
      'indexes[0]: must test scalars, not a field of kind list (the test of `tags`)',
    ],
    [
      'a test that no engine has',
      index('n').where({ name: contains('x') }),
      'indexes[0]: must test by a value, null, `eq`, `gt`, `gte`, `lt`, `lte`, `isNull` or `isNotNull` (the test of `name`)',
    ],
  ])('%s is refused', (_what, given, message) => {
    expect(told(given)).toEqual([message]);
  });

  test('two indexes never share a name', () => {
    expect(told(index('n').named('x'), index('role').named('x'))).toEqual([
      'indexes[1]: must not have the name of another index, `x`',
    ]);
    const ofOneName = (path: string, name: string) =>
      `${path}: must not have the name of another index, \`${name}\`: give it one of its own by \`named()\``;
    expect(told(index('at'), index.ttl('at', '1h'))).toEqual([ofOneName('indexes[1]', 'things_at_idx')]);
    expect(told(index('n'), index('n').where({ role: 'user' }))).toEqual([ofOneName('indexes[1]', 'things_n_idx')]);
    expect(told(index('place.city').named('things_n_idx'), index('n'))).toEqual([
      ofOneName('indexes[1]', 'things_n_idx'),
    ]);
    expect(told(index('at'), index.ttl('at', '1h').named('gone'), index('at', 'n'))).toEqual([]);
  });

  test('an index never changes: each method gives a new one', () => {
    const plain = index('n');
    plain.where({ n: lt(5) }).named('x');
    expect(modelOf(fields, { indexes: [plain] }).indexes[0]).toMatchObject({ name: null, only: [] });
  });

  test.each<readonly [string, unknown, string]>([
    ['nothing', {}, "search: must name at least one text and its weight: `{ title: 'A' }`"],
    ['an unknown path', { nope: 'A' }, 'search.nope: must name fields of the entity: `nope` is none'],
    ['a number', { n: 'A' }, 'search.n: must be a text(), not of kind integer'],
    ['a hidden text', { secret: 'A' }, 'search.secret: must not be hidden: a ranking would tell what it holds'],
    ['an unknown weight', { name: 'E' }, "search.name: must be 'A', 'B', 'C' or 'D'"],
  ])('a search over %s is refused', (_what, search, message) => {
    expect(problems(fields, { search })).toEqual([message]);
  });

  test('a search does not stand beside a field that has the name of its rank', () => {
    const message = 'search: must not stand beside a field `score`: `search()` calls its rank so';
    const search = { name: 'A' };
    expect(problems({ ...fields, score: integer() }, { search })).toEqual([message]);
    expect(problems(fields, { search, computed: { score: () => 1 } })).toEqual([message]);
    expect(problems({ ...fields, score: integer() }, {})).toEqual([]);
  });
});

describe('an entity', () => {
  test('tells what is wrong with its fields and with its options at once', () => {
    const fields = { id: uuid(), name: text().min(-1), bio: text().max('x' as never), n: integer() };
    const options = { unique: [['n', 'nope']], indexes: [index('bio'), index('m')], naming: 'kebab', index: [] };
    expect(problems(fields, options, 'a.b.c')).toEqual([
      'must be named `table` or `schema.table`, with one point at most',
      'has no option `index`: it takes primaryKey, unique, indexes, search, computed, naming, collation',
      'name: must have an integer from 0 as its `min`',
      'bio: must have an integer from 0 as its `max`',
      'must have a key: `primaryKey()` on a field, or the option `primaryKey` with several',
      'unique[0]: must name fields at the top of the entity: `nope` is none',
      "naming: must be one of 'snake', 'as-written'",
      'indexes[1]: must name fields of the entity: `m` is none',
    ]);
  });

  test.each<readonly [string, object, object, string[]]>([
    [
      'a computed field with the name of a field',
      { id },
      { computed: { id: () => 1 } },
      ['computed.id: must not have the name of a field'],
    ],
    [
      'a computed field that is no function',
      { id },
      { computed: { a: 1 } },
      ['computed.a: must be a function of the row'],
    ],
    [
      'a computed field with a reserved name',
      { id },
      { computed: { '~a': () => 1 } },
      ['computed.~a: must not begin with ~: such names are reserved'],
    ],
    ['a misspelt option', { id }, { indices: [] }, ['has no option `indices`; did you mean `indexes`?']],
    [
      'an unknown option',
      { id },
      { relations: {} },
      ['has no option `relations`: it takes primaryKey, unique, indexes, search, computed, naming, collation'],
    ],
    ['an unknown naming', { id }, { naming: 'kebab' }, ["naming: must be one of 'snake', 'as-written'"]],
    ['an unknown collation', { id }, { collation: 'de' }, ["collation: must be one of 'C', 'column'"]],
    ['no fields', {}, {}, ['must have at least one field']],
    ['something that is no field', { id, a: 'text' }, {}, ['a: must be a field, such as `text()`']],
  ])('with %s is refused', (_what, fields, options, messages) => {
    expect(problems(fields, options)).toEqual(messages);
  });

  test('tells everything that is wrong at once, with its name', () => {
    const define = () => entity('users', { a: text().min(-1), b: list(5 as never), $c: text() } as never);
    expect(define).toThrow(ValidationError);
    expect(define).toThrow(/^Invalid input for `users`: `a` must .*; `b` must .*; `\$c` must not/);
  });

  test('is frozen, all the way down to its fields', () => {
    const User = entity('users', { id, name: text(), o: object({ a: text() }) });
    const { '~model': model } = User;
    for (const each of [
      User,
      User.fields,
      model,
      model.fields,
      model.key,
      model.unique,
      model.indexes,
      ...model.paths.values(),
    ]) {
      expect(Object.isFrozen(each)).toBe(true);
    }
  });

  test('has a number of its own', () => {
    expect(modelOf({ id }).id).not.toBe(modelOf({ id }).id);
  });

  test('lists the paths that filters can use, with what may be null there', () => {
    const model = modelOf({
      id,
      o: object({ a: text(), b: object({ c: integer() }).optional() }),
      lines: list(object({ sku: text(), more: list(integer()) })),
      extra: json(),
    });
    expect([...model.paths].map(([path, field]) => `${path}${field.nullable ? '?' : ''}`)).toEqual([
      'id',
      'o',
      'o.a',
      'o.b?',
      'o.b.c?',
      'lines',
      'extra',
    ]);
    const lines = model.paths.get('lines')!;
    expect(lines.item).toMatchObject({ name: '[]', path: 'lines[]', kind: 'object', addressable: false });
    expect(lines.item!.fields![1]).toMatchObject({ path: 'lines[].more', addressable: false });
    expect(lines.item!.fields![1]!.item).toMatchObject({ path: 'lines[].more[]', kind: 'integer' });
    expect(model.paths.get('o.b.c')).toMatchObject({ segments: ['o', 'b', 'c'], name: 'c', optional: false });
  });

  test('keeps what engines need of each field', () => {
    const model = modelOf({
      id: bigserial().primaryKey(),
      price: decimal(10, 2).min(0).column('cost'),
      role: enumOf('a', 'b').default('a'),
      when: timestamp().min(new Date(0)),
      big: bigint().max(5n),
    });
    expect(model.paths.get('id')).toMatchObject({ kind: 'bigint', serial: true, key: true });
    expect(model.paths.get('price')).toMatchObject({ column: 'cost', bounds: { precision: 10, scale: 2, min: '0' } });
    expect(model.paths.get('role')).toMatchObject({ values: ['a', 'b'] });
    expect(model.paths.get('when')).toMatchObject({ bounds: { min: new Date(0) } });
    expect(model.paths.get('big')).toMatchObject({ bounds: { max: 5n } });
  });
});
