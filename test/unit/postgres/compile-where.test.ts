import { describe, expect, it } from 'vitest';
import {
  and,
  anyOf,
  between,
  contains,
  decimal,
  endsWith,
  entity,
  gt,
  gte,
  has,
  hasAll,
  hasAny,
  integer,
  isNotNull,
  isNull,
  list,
  lt,
  ne,
  noneOf,
  not,
  object,
  or,
  startsWith,
  text,
  timestamp,
  uuid,
  type Where,
} from '../../../src/index.js';
import { whereOf } from './compiled.js';

const Note = entity('notes', {
  id: uuid().primaryKey(),
  title: text(),
  summary: text().optional(),
  stars: integer(),
  rank: integer().optional(),
  at: timestamp().optional(),
  tags: list(text()),
  o: object({
    x: integer().optional(),
    y: text().optional(),
    d: decimal().optional(),
    at: timestamp().optional(),
    tags: list(text()).optional(),
    p: object({ q: integer().optional() }).optional(),
  }).optional(),
});

const cases: readonly [string, Where<typeof Note>, string, readonly unknown[]][] = [
  ['a plain value is an equality', { title: 'a' }, '"title" = $1::text', ['a']],
  ['null is `is null`, never `is not distinct from`', { rank: null }, '"rank" is null', []],
  ['`ne` of what is never null is a plain inequality', { stars: ne(3) }, '"stars" <> $1::int8', ['3']],
  ['`ne` includes the rows that are null', { rank: ne(3) }, '("rank" <> $1::int8 or "rank" is null)', ['3']],
  ['`anyOf` is one array', { stars: anyOf(1, 2) }, '"stars" = any($1::int8[])', ['{1,2}']],
  [
    '`anyOf` with null takes the null out',
    { rank: anyOf(1, null) },
    '("rank" = any($1::int8[]) or "rank" is null)',
    ['{1}'],
  ],
  [
    '`noneOf` includes the rows that are null',
    { rank: noneOf(1) },
    '("rank" <> all($1::int8[]) or "rank" is null)',
    ['{1}'],
  ],
  ['`not` is pushed into a comparison', not({ rank: gte(3) }), '("rank" < $1::int8 or "rank" is null)', ['3']],
  [
    '`not` of a text match is `is not true`',
    not({ summary: contains('a') }),
    '(("summary" like $1::text) is not true)',
    ['%a%'],
  ],
  [
    '`and` and `or` nest',
    or({ title: 'a' }, and({ stars: gt(1) }, { rank: lt(2) })),
    '("title" = $1::text or ("stars" > $2::int8 and "rank" < $3::int8))',
    ['a', '1', '2'],
  ],
  ['`or` of nothing is false', or(), 'false', []],
  ['`between` is two bounds', { stars: between(1, 5) }, '("stars" >= $1::int8 and "stars" <= $2::int8)', ['1', '5']],
  [
    '`startsWith` is a range',
    { title: startsWith('ab') },
    '("title" >= $1::text and "title" < $2::text)',
    ['ab', 'ac'],
  ],
  [
    'the range of U+D7FF ends at U+E000',
    { title: startsWith('\ud7ff') },
    '("title" >= $1::text and "title" < $2::text)',
    ['\ud7ff', '\ue000'],
  ],
  [
    'a prefix of the last code point has no upper bound',
    { title: startsWith('\u{10ffff}') },
    '"title" >= $1::text',
    ['\u{10ffff}'],
  ],
  ['patterns are literal', { title: contains('a%_\\') }, '"title" like $1::text', ['%a\\%\\_\\\\%']],
  ['`endsWith` is a suffix', { title: endsWith('z') }, '"title" like $1::text', ['%z']],
  [
    'ignoreCase folds by the collation "C"',
    { title: startsWith('ab', { ignoreCase: true }) },
    '("title" collate "C") ilike $1::text',
    ['ab%'],
  ],
  ['`has` is containment, which an index serves', { tags: has('a"b') }, '"tags" @> $1::text[]', ['{"a\\"b"}']],
  ['`hasAny` overlaps', { tags: hasAny('a', 'NULL') }, '"tags" && $1::text[]', ['{"a","NULL"}']],
  ['`hasAll` contains', { tags: hasAll('a', 'b') }, '"tags" @> $1::text[]', ['{"a","b"}']],
  ['a whole list is compared', { tags: ['a', 'b,c'] }, '"tags" = $1::text[]', ['{"a","b,c"}']],
  ['one step into an object is `->>`', { 'o.x': gt(1) }, '("o"->>\'x\')::int8 > $1::int8', ['1']],
  ['text in an object sorts by code point', { 'o.y': gt('a') }, '(("o"->>\'y\') collate "C") > $1::text', ['a']],
  ['more steps are `#>>`', { 'o.p.q': 3 }, '("o"#>>\'{p,q}\')::int8 = $1::int8', ['3']],
  [
    'time in an object is compared as ISO text',
    { 'o.at': lt(new Date(0)) },
    '(("o"->>\'at\') collate "C") < $1::text',
    ['1970-01-01T00:00:00.000Z'],
  ],
  ['a decimal in an object is compared as numeric', { 'o.d': '1.50' }, '("o"->>\'d\')::numeric = $1::numeric', ['1.5']],
  ['a path is null as text, so that a JSON null counts', { 'o.p': isNull() }, '("o"->>\'p\') is null', []],
  ['`isNotNull` of a path', { 'o.p.q': isNotNull() }, '("o"#>>\'{p,q}\') is not null', []],
  ['a list in an object contains', { 'o.tags': has('a') }, '("o"->\'tags\') @> $1::jsonb', ['["a"]']],
  [
    'a list in an object has any of several',
    { 'o.tags': hasAny('a', 'b') },
    '("o"->\'tags\') @> any($1::jsonb[])',
    ['{"[\\"a\\"]","[\\"b\\"]"}'],
  ],
  [
    'a prefix in an object is a range',
    { 'o.y': startsWith('k') },
    '((("o"->>\'y\') collate "C") >= $1::text and (("o"->>\'y\') collate "C") < $2::text)',
    ['k', 'l'],
  ],
];

describe('a filter as SQL', () => {
  for (const [name, filter, sql, values] of cases) {
    it(name, async () => {
      const where = await whereOf(Note, filter);
      expect(where.text).toBe(sql);
      expect(where.values).toEqual(values);
    });
  }

  it('an empty filter is true', async () => {
    expect((await whereOf(Note, {})).text).toBe('true');
  });

  it("with `collation: 'column'` a prefix is an escaped pattern", async () => {
    const Foreign = entity('foreign', { id: uuid().primaryKey(), title: text() }, { collation: 'column' });
    const { text: sql, values } = await whereOf(Foreign, { title: startsWith('a_') });
    expect(sql).toBe('"title" like $1::text');
    expect(values).toEqual(['a\\_%']);
  });

  it('the same shape with other values is the same text', async () => {
    const one = await whereOf(Note, { title: 'a', stars: gt(1) });
    const two = await whereOf(Note, { title: 'b', stars: gt(2) });
    expect(two.text).toBe(one.text);
  });
});
