import {
  and as andOf,
  anyOf,
  between,
  contains,
  endsWith,
  eq,
  gt,
  gte,
  has,
  hasAll,
  hasAny,
  increment,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  noneOf,
  not as notOf,
  or as orOf,
  startsWith,
} from 'trivet';
import { describe, expect, it } from 'vitest';
import { type Clause, FALSE, TRUE } from '../../../src/query/clause.js';
import { shapeOf } from '../../../src/query/logic.js';
import { parseWhere } from '../../../src/query/parse-where.js';
import { parsing, type Thing } from './entities.js';

const and = andOf<typeof Thing>;
const or = orOf<typeof Thing>;
const not = notOf<typeof Thing>;

/** The clause as text, with the values in their slots. */
function render(clause: Clause, values: readonly unknown[]): string {
  if (clause === TRUE) return 'true';
  if (clause === FALSE) return 'false';
  if ('clauses' in clause) return `${clause.op}(${clause.clauses.map((each) => render(each, values)).join(', ')})`;
  if (clause.op === 'not') return `not(${render(clause.clause, values)})`;
  const value =
    'slot' in clause
      ? ` ${JSON.stringify(values[clause.slot], (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}`
      : '';
  return `${clause.field.path} ${clause.op}${value}`;
}

function parsed(where: unknown): string {
  const state = parsing();
  const clause = parseWhere(state, where);
  expect(state.issues).toEqual([]);
  return render(clause, state.values);
}

function issues(where: unknown): readonly { path: string; message: string }[] {
  const state = parsing();
  parseWhere(state, where);
  return state.issues;
}

describe('a filter', () => {
  it.each([
    [{}, 'true'],
    [{ kind: 'a' }, 'kind eq "a"'],
    [{ age: null }, 'age isNull'],
    [{ age: eq(null) }, 'age isNull'],
    [{ age: ne(null) }, 'age isNotNull'],
    [{ age: isNotNull() }, 'age isNotNull'],
    [{ kind: 'a', age: gte(18) }, 'and(kind eq "a", age gte 18)'],
    [{ age: between(1, 3) }, 'and(age gte 1, age lte 3)'],
    [{ age: anyOf(1, null) }, 'or(age anyOf [1], age isNull)'],
    [{ age: anyOf(null) }, 'age isNull'],
    [{ age: anyOf() }, 'false'],
    [{ age: noneOf(1, null) }, 'and(age noneOf [1], age isNotNull)'],
    [{ age: noneOf() }, 'true'],
    [{ tags: ['a'] }, 'tags eq ["a"]'],
    [{ tags: has('a') }, 'tags has "a"'],
    [{ tags: hasAny() }, 'false'],
    [{ tags: hasAll() }, 'true'],
    [{ notes: hasAll() }, 'notes isNotNull'],
    [{ title: contains('') }, 'title isNotNull'],
    [{ name: endsWith('') }, 'true'],
    [{ total: gt(5n) }, 'total gt "5n"'],
    [{ price: lt('1.50') }, 'price lt "1.5"'],
    [{ 'profile.city': startsWith('P') }, 'profile.city startsWith "P"'],
    [{ id: '0198C0DE-0000-7000-8000-00000000000A' }, 'id eq "0198c0de-0000-7000-8000-00000000000a"'],
    [{ name: 'ANN' }, 'name eq "ann"'],
    [or(), 'false'],
    [and(), 'true'],
    [or({ kind: 'a' }, or({ kind: 'b' }, { age: 1 })), 'or(kind eq "a", kind eq "b", age eq 1)'],
    [or({ kind: 'a' }, {}), 'true'],
    [and({ kind: 'a' }, or()), 'false'],
  ])('%j becomes %s', (where, expected) => {
    expect(parsed(where)).toBe(expected);
  });
});

describe('`not` is pushed down to the leaves, as the complement with its nulls', () => {
  it.each([
    [not({}), 'false'],
    [not(or()), 'true'],
    [not({ kind: 'a' }), 'kind ne "a"'],
    [not({ kind: ne('a') }), 'kind eq "a"'],
    [not({ age: null }), 'age isNotNull'],
    [not({ age: gte(18) }), 'or(age lt 18, age isNull)'],
    [not({ age: gt(18) }), 'or(age lte 18, age isNull)'],
    [not({ age: lte(18) }), 'or(age gt 18, age isNull)'],
    [not({ total: lt(5n) }), 'total gte "5n"'],
    [not({ age: between(1, 3) }), 'or(age lt 1, age isNull, age gt 3, age isNull)'],
    [not({ age: anyOf(1, null) }), 'and(age noneOf [1], age isNotNull)'],
    [not({ age: noneOf(1) }), 'age anyOf [1]'],
    [not({ kind: 'a', age: 1 }), 'or(kind ne "a", age ne 1)'],
    [not(or({ kind: 'a' }, { age: 1 })), 'and(kind ne "a", age ne 1)'],
    [not(and({ kind: 'a' }, { age: 1 })), 'or(kind ne "a", age ne 1)'],
    [not(not({ kind: 'a' })), 'kind eq "a"'],
    [not({ tags: has('x') }), 'not(tags has "x")'],
    [not({ title: contains('x') }), 'not(title contains "x")'],
    [not({ title: contains('') }), 'title isNull'],
    [not({ notes: hasAll<string>() }), 'notes isNull'],
    [not({ tags: hasAny<string>() }), 'true'],
  ])('%#', (where, expected) => {
    expect(parsed(where)).toBe(expected);
  });
});

describe('what is wrong is named by its path, without its value', () => {
  const cases: [string, unknown, string, RegExp][] = [
    ['a misspelt field', { agee: 1 }, 'agee', /is no field of `things`; did you mean `age`\?/],
    ['undefined', { kind: undefined }, 'kind', /must not be undefined/],
    [
      'an operator in JSON',
      { name: { $ne: null } },
      'name',
      /must be text, not an object: operators are made by functions/,
    ],
    ['an object for a scalar', { name: { first: 'x' } }, 'name', /must be text, not an object$/],
    ['a list for a scalar', { age: [1, 2] }, 'age', /must be an integer from 0, not a list$/],
    [
      'an operator as a field',
      { $or: [{ age: 1 }] },
      '$or',
      /is no field of `things`: operators are made by functions/,
    ],
    ['an operator in JSON for a json field', { data: { $ne: null } }, 'data', /no equality/],
    ['a forged group', { '~group': [] }, '~group', /is no field/],
    ['a wrong type', { age: 'x' }, 'age', /integer/],
    ['a wrong type in a condition', { age: gte('x') }, 'age', /integer/],
    ['an item of a list of values', { age: anyOf<unknown>(1, 'x') }, 'age[1]', /integer/],
    ['an unknown choice', { kind: 'c' }, 'kind', /'a'/],
    ['null for a field that has always a value', { kind: null }, 'kind', /never null/],
    ['a null test of a field that has always a value', { kind: isNull() }, 'kind', /never null/],
    ['an order by null', { age: gt(null as never) }, 'age', /null/],
    ['an order of a boolean', { active: gt(true as never) }, 'active', /has no `gt`/],
    ['an order of an enum', { kind: lt('b') }, 'kind', /has no `lt`/],
    ['a text match of a number', { age: startsWith('1') }, 'age', /has no `startsWith`/],
    ['a list test of a text', { name: has('x') }, 'name', /has no `has`/],
    ['a list test of objects', { boxes: has({ n: 1 }) }, 'boxes', /has no `has`/],
    ['equality of an object', { profile: { city: 'x' } }, 'profile', /no equality; test its fields by dotted paths/],
    ['equality of a list of objects', { boxes: [{ n: 1 }] }, 'boxes', /no equality/],
    ['equality of bytes', { bytes: new Uint8Array(1) }, 'bytes', /no equality/],
    ['a path through a list', { 'boxes.n': 1 }, 'boxes.n', /is no field/],
    ['an update operator', { age: increment(1) }, 'age', /has its place in a patch/],
    ['a group as a value', { age: or({ age: 1 }) }, 'age', /join whole filters/],
    ['a condition within a condition', { age: eq(gt(1)) }, 'age', /do not nest/],
    ['null in a list', { tags: hasAll('a', null) }, 'tags[1]', /must not be null/],
    ['a NUL in a pattern', { title: contains('a\0') }, 'title', /well-formed/],
    ['a lone surrogate', { name: 'a\ud800' }, 'name', /./],
    ['a pattern of 1,001 characters', { title: contains('x'.repeat(1_001)) }, 'title', /at most 1000 characters/],
    ['a list', [], '', /must be a filter/],
    ['nothing', undefined, '', /must be a filter/],
    ['a text', 'name', '', /must be a filter/],
    ['a condition without a field', gt(1), '', /a condition without a field/],
    ['a class of somebody', new (class Filter {})(), '', /an instance of Filter/],
  ];

  it.each(cases)('%s', (_, where, path, message) => {
    const found = issues(where);
    expect(found.map((each) => each.path)).toEqual([path]);
    expect(found[0]!.message).toMatch(message);
  });

  it('is all named at once', () => {
    expect(issues(or({ agee: 1 } as never, { age: 'x', kind: undefined } as never)).map((each) => each.path)).toEqual([
      'agee',
      'age',
      'kind',
    ]);
  });

  it('refuses what JSON can make of an operator, whatever its shape', () => {
    for (const forged of [
      '{"$gt":""}',
      '{"op":"gt","operands":[1]}',
      '{"type":"condition","op":"ne","operands":[null]}',
      '["$ne"]',
    ]) {
      expect(issues({ age: JSON.parse(forged) })).toHaveLength(1);
    }
  });

  it('refuses groups that nest without end', () => {
    let where = or({ kind: 'a' });
    for (let i = 0; i < 10_000; i++) where = not(where) as typeof where;
    expect(issues(where)[0]!.message).toMatch(/at most 50 deep/);
  });
});

describe('the shape', () => {
  const shape = (where: unknown) => shapeOf(parseWhere(parsing(), where));

  it('is equal for filters that differ in values only', () => {
    expect(shape({ age: gte(1), name: 'x' })).toBe(shape({ age: gte(99), name: 'y' }));
    expect(shape({ age: anyOf(1) })).toBe(shape({ age: anyOf(1, 2, 3) }));
  });

  it('differs where the compiled command differs', () => {
    const shapes = [
      { age: 1 },
      { age: ne(1) },
      { age: lt(1) },
      { age: null },
      { age: anyOf(1, null) },
      { title: startsWith('a') },
      { title: startsWith('a', { ignoreCase: true }) },
      { title: startsWith('\u{10ffff}') },
      { title: lt('a') },
      or({ age: 1 }, { kind: 'a' }),
      and({ age: 1 }, { kind: 'a' }),
      not({ tags: has('a') }),
      { tags: has('a') },
      { tags: hasAny('a') },
      { tags: hasAll('a') },
      {},
      or(),
    ].map(shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});
