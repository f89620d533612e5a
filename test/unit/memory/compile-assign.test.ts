import { describe, expect, test } from 'vitest';
import { compileAssignments } from '../../../src/memory/compile-assign.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { type Changes, makeAssignments, makeEntity } from './kit.js';

const Thing = makeEntity('things', {
  id: { kind: 'integer' },
  n: { kind: 'integer' },
  r: { kind: 'real' },
  d: { kind: 'decimal' },
  g: { kind: 'bigint' },
  s: { kind: 'text' },
  t: { kind: 'timestamp' },
  tags: { kind: 'list', item: { kind: 'text' } },
  times: { kind: 'list', item: { kind: 'timestamp' } },
  parts: { kind: 'list', item: { kind: 'object', fields: { a: { kind: 'integer' }, b: { kind: 'decimal' } } } },
  o: {
    kind: 'object',
    fields: {
      x: { kind: 'integer' },
      y: { kind: 'text' },
      tags: { kind: 'list', item: { kind: 'text' } },
      p: { kind: 'object', fields: { q: { kind: 'integer' } } },
    },
  },
});

function apply(row: StoredRow, changes: Changes): StoredRow {
  const values: unknown[] = [];
  const assignments = makeAssignments(Thing, changes, values);
  return compileAssignments(assignments)(row, values);
}

describe('operators begin from nothing', () => {
  test.each<[Changes, StoredRow]>([
    [{ n: ['increment', 3] }, { n: 3 }],
    [{ r: ['increment', -0.5] }, { r: -0.5 }],
    [{ d: ['increment', '0.5'] }, { d: '0.5' }],
    [{ g: ['increment', 5n] }, { g: 5n }],
    [{ n: ['minimum', 3] }, { n: 3 }],
    [{ t: ['maximum', new Date(3)] }, { t: new Date(3) }],
    [{ tags: ['push', ['a', 'a']] }, { tags: ['a', 'a'] }],
    [{ tags: ['addToSet', ['a', 'a', 'b']] }, { tags: ['a', 'b'] }],
    [{ tags: ['pull', ['a']] }, { tags: null }],
    [{ 'o.p.q': ['increment', 2] }, { o: { p: { q: 2 } } }],
    [{ 'o.tags': ['push', ['a']] }, { o: { tags: ['a'] } }],
  ])('%#', (changes, expected) => {
    expect(apply({}, changes)).toEqual(expected);
    const nulls = Object.fromEntries(Object.keys(expected).map((name) => [name, null]));
    expect(apply(nulls, changes)).toEqual(expected);
  });
});

describe('operators continue from a value', () => {
  test.each<[StoredRow, Changes, StoredRow]>([
    [{ n: 1 }, { n: ['increment', -3] }, { n: -2 }],
    [{ d: '1.10' }, { d: ['increment', '0.9'] }, { d: '2' }],
    [{ d: '12345678901234567890.1' }, { d: ['increment', '0.05'] }, { d: '12345678901234567890.15' }],
    [{ g: 2n ** 60n }, { g: ['increment', 1n] }, { g: 2n ** 60n + 1n }],
    [{ n: 5 }, { n: ['minimum', 3] }, { n: 3 }],
    [{ n: 5 }, { n: ['minimum', 7] }, { n: 5 }],
    [{ n: 5 }, { n: ['maximum', 7] }, { n: 7 }],
    [{ d: '10' }, { d: ['maximum', '9.9'] }, { d: '10' }],
    [{ s: '\u{10000}' }, { s: ['minimum', '\uffff'] }, { s: '\uffff' }],
    [{ tags: ['a'] }, { tags: ['push', ['a', 'b']] }, { tags: ['a', 'a', 'b'] }],
    [{ tags: ['a', 'a'] }, { tags: ['addToSet', ['a', 'b']] }, { tags: ['a', 'a', 'b'] }],
    [{ tags: ['a', 'b', 'a', 'c'] }, { tags: ['pull', ['a', 'c']] }, { tags: ['b'] }],
    [{ times: [new Date(1), new Date(2)] }, { times: ['pull', [new Date(1)]] }, { times: [new Date(2)] }],
    [{ times: [new Date(1)] }, { times: ['addToSet', [new Date(1)]] }, { times: [new Date(1)] }],
    [{ parts: [{ a: 1, b: '2' }] }, { parts: ['addToSet', [{ b: '2', a: 1 }]] }, { parts: [{ a: 1, b: '2' }] }],
    [
      {
        parts: [
          { a: 1, b: null },
          { a: 2, b: null },
        ],
      },
      { parts: ['pull', [{ a: 1 }]] },
      { parts: [{ a: 2, b: null }] },
    ],
  ])('%#', (row, changes, expected) => {
    expect(apply(row, changes)).toEqual(expected);
  });
});

describe('paths', () => {
  test('a value changes one path and leaves its neighbours', () => {
    expect(apply({ o: { x: 1, y: 'a' } }, { 'o.x': ['set', 2] })).toEqual({ o: { x: 2, y: 'a' } });
    expect(apply({ o: { x: 1 } }, { 'o.p.q': ['set', 2], 'o.y': ['set', 'b'] })).toEqual({
      o: { x: 1, y: 'b', p: { q: 2 } },
    });
  });

  test('`clear` sets a path to null, and makes no object above it', () => {
    expect(apply({ o: { x: 1, y: 'a' } }, { 'o.x': ['clear'] })).toEqual({ o: { x: null, y: 'a' } });
    expect(apply({ o: null }, { 'o.x': ['clear'] })).toEqual({ o: null });
    expect(apply({ o: { x: 1, p: null } }, { 'o.p.q': ['clear'] })).toEqual({ o: { x: 1, p: null } });
    expect(apply({ o: null }, { 'o.p.q': ['clear'] })).toEqual({ o: null });
    expect(apply({ o: null }, { 'o.tags': ['pull', ['a']] })).toEqual({ o: null });
  });

  test('an object replaces the whole object', () => {
    expect(apply({ o: { x: 1, y: 'a' } }, { o: ['set', { x: 2 }] })).toEqual({
      o: { x: 2, y: null, tags: null, p: null },
    });
  });
});

test('the row itself stays as it is', () => {
  const row = Object.freeze({ n: 1, tags: Object.freeze(['a']), o: Object.freeze({ x: 1 }) }) as unknown as StoredRow;
  expect(apply(row, { n: ['increment', 1], tags: ['push', ['b']], 'o.x': ['set', 2] })).toEqual({
    n: 2,
    tags: ['a', 'b'],
    o: { x: 2 },
  });
  expect(row).toEqual({ n: 1, tags: ['a'], o: { x: 1 } });
});

test('operands are copied', () => {
  const operand = [new Date(1)];
  const row = apply({}, { times: ['push', operand] });
  operand[0]!.setTime(9);
  expect(row).toEqual({ times: [new Date(1)] });
});
