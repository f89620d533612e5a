import { describe, expect, test } from 'vitest';
import { compileWhere } from '../../../src/memory/compile-where.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { type Filter, makeClause, makeEntity } from './kit.js';

const Thing = makeEntity('things', {
  id: { kind: 'integer' },
  n: { kind: 'integer' },
  s: { kind: 'text' },
  d: { kind: 'decimal' },
  g: { kind: 'bigint' },
  t: { kind: 'timestamp' },
  b: { kind: 'binary' },
  f: { kind: 'boolean' },
  tags: { kind: 'list', item: { kind: 'text' } },
  times: { kind: 'list', item: { kind: 'timestamp' } },
  o: { kind: 'object', fields: { x: { kind: 'integer' }, p: { kind: 'object', fields: { q: { kind: 'text' } } } } },
});

function holds(filter: Filter, row: StoredRow): boolean {
  const { where, values } = makeClause(Thing, filter);
  return compileWhere(where)(values)(row);
}

describe('filters are two-valued', () => {
  test.each<[Filter, boolean]>([
    [['eq', 'n', 1], false],
    [['ne', 'n', 1], true],
    [['gt', 'n', 1], false],
    [['gte', 'n', 1], false],
    [['lt', 'n', 1], false],
    [['lte', 'n', 1], false],
    [['anyOf', 'n', [1, 2]], false],
    [['noneOf', 'n', [1, 2]], true],
    [['contains', 's', 'a'], false],
    [['not', ['contains', 's', 'a']], true],
    [['has', 'tags', 'a'], false],
    [['not', ['has', 'tags', 'a']], true],
    [['hasAny', 'tags', ['a']], false],
    [['hasAll', 'tags', ['a']], false],
    [['isNull', 'n'], true],
    [['isNotNull', 'n'], false],
    [['eq', 'o.p.q', 'a'], false],
    [['ne', 'o.p.q', 'a'], true],
    [['isNull', 'o.p.q'], true],
  ])('%j of a row without values is %s', (filter, result) => {
    expect(holds(filter, {})).toBe(result);
    expect(holds(filter, { n: null, s: null, tags: null, o: null })).toBe(result);
  });

  test('`and` of nothing is true, `or` of nothing is false', () => {
    expect(holds(['and'], {})).toBe(true);
    expect(holds(['or'], {})).toBe(false);
    expect(holds(['and', ['eq', 'n', 1], ['gt', 'o.x', 2]], { n: 1, o: { x: 3 } })).toBe(true);
    expect(holds(['and', ['eq', 'n', 1], ['gt', 'o.x', 3]], { n: 1, o: { x: 3 } })).toBe(false);
    expect(holds(['or', ['eq', 'n', 2], ['gt', 'o.x', 2]], { n: 1, o: { x: 3 } })).toBe(true);
  });
});

describe('values are equal by their kind', () => {
  test.each<[Filter, StoredRow, boolean]>([
    [['eq', 't', new Date(5)], { t: new Date(5) }, true],
    [['eq', 't', new Date(5)], { t: new Date(6) }, false],
    [['anyOf', 't', [new Date(4), new Date(5)]], { t: new Date(5) }, true],
    [['eq', 'g', 2n ** 60n], { g: 2n ** 60n }, true],
    [['eq', 'g', 2n ** 60n], { g: 2n ** 60n + 1n }, false],
    [['gt', 'g', 2n ** 60n], { g: 2n ** 60n + 1n }, true],
    [['eq', 'b', new Uint8Array([1, 2])], { b: new Uint8Array([1, 2]) }, true],
    [['eq', 'b', new Uint8Array([1, 2])], { b: new Uint8Array([1, 3]) }, false],
    [['lt', 'b', new Uint8Array([1, 3])], { b: new Uint8Array([1, 2, 9]) }, true],
    [['gt', 'd', '9.99'], { d: '10' }, true],
    [['lt', 'd', '-1'], { d: '-1.5' }, true],
    [['gt', 'f', false], { f: true }, true],
    [['eq', 'tags', ['a', 'b']], { tags: ['a', 'b'] }, true],
    [['eq', 'tags', ['b', 'a']], { tags: ['a', 'b'] }, false],
    [['eq', 'tags', ['a,b']], { tags: ['a', 'b'] }, false],
    [['ne', 'tags', ['a']], { tags: [] }, true],
    [['has', 'times', new Date(7)], { times: [new Date(6), new Date(7)] }, true],
  ])('%#', (filter, row, result) => {
    expect(holds(filter, row)).toBe(result);
  });
});

describe('lists', () => {
  test('`has`, `hasAny`, `hasAll` look at the items', () => {
    const row = { tags: ['a', 'b'] };
    expect(holds(['has', 'tags', 'a'], row)).toBe(true);
    expect(holds(['has', 'tags', 'c'], row)).toBe(false);
    expect(holds(['hasAny', 'tags', ['c', 'b']], row)).toBe(true);
    expect(holds(['hasAny', 'tags', ['c']], row)).toBe(false);
    expect(holds(['hasAll', 'tags', ['b', 'a']], row)).toBe(true);
    expect(holds(['hasAll', 'tags', ['a', 'c']], row)).toBe(false);
    expect(holds(['not', ['hasAll', 'tags', ['a', 'c']]], row)).toBe(true);
  });
});

describe('text is matched literally', () => {
  test.each<[string, string, string, boolean, boolean]>([
    ['startsWith', 'a.c', 'abc', false, false],
    ['startsWith', 'a%', 'a%b', false, true],
    ['startsWith', 'A', 'abc', false, false],
    ['startsWith', 'A', 'abc', true, true],
    ['endsWith', 'c', 'abc\n', false, false],
    ['endsWith', 'C', 'abc', true, true],
    ['contains', '_', 'abc', false, false],
    ['contains', 'É', 'école', true, false],
    ['contains', 'k', '\u212a', true, false],
    ['contains', 's', '\u017f', true, false],
    ['contains', 'İ', 'i', true, false],
  ])('%s %j in %j, ignoring case: %s, is %s', (op, pattern, value, ignoreCase, result) => {
    expect(holds([op, 's', pattern, ignoreCase], { s: value })).toBe(result);
    expect(holds(['not', [op, 's', pattern, ignoreCase]], { s: value })).toBe(!result);
  });
});

test('one compiled filter serves other values', () => {
  const { where } = makeClause(Thing, ['eq', 'n', 1]);
  const bind = compileWhere(where);
  const [one, two] = [bind([1]), bind([2])];
  expect([one({ n: 1 }), one({ n: 2 }), two({ n: 1 }), two({ n: 2 })]).toEqual([true, false, false, true]);
});
