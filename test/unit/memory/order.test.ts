import { expect, test } from 'vitest';
import { comparator, rowComparator } from '../../../src/memory/order.js';
import type { Kind, StoredRow } from '../../../src/schema/model.js';
import { makeEntity, makeOrder } from './kit.js';

const Thing = makeEntity('things', {
  id: { kind: 'integer' },
  n: { kind: 'integer' },
  o: { kind: 'object', fields: { s: { kind: 'text' } } },
});

function sorted(rows: StoredRow[], terms: Record<string, 'asc' | 'desc'>): unknown[] {
  return [...rows].sort(rowComparator(makeOrder(Thing, terms))!).map((row) => row['id']);
}

test('nulls come first where it ascends and last where it descends', () => {
  const rows = [{ id: 1, n: 2 }, { id: 2, n: null }, { id: 3, n: 1 }, { id: 4 }];
  expect(sorted(rows, { n: 'asc' })).toEqual([2, 4, 3, 1]);
  expect(sorted(rows, { n: 'desc' })).toEqual([1, 3, 2, 4]);
});

test('a later term breaks the ties of an earlier one, each in its own direction', () => {
  const rows = [
    { id: 1, n: 1 },
    { id: 2, n: 2 },
    { id: 3, n: 1 },
  ];
  expect(sorted(rows, { n: 'asc', id: 'desc' })).toEqual([3, 1, 2]);
  expect(sorted(rows, { n: 'desc', id: 'asc' })).toEqual([2, 1, 3]);
});

test('a path below an object that is null is null', () => {
  const rows = [
    { id: 1, o: { s: 'b' } },
    { id: 2, o: null },
    { id: 3, o: { s: 'a' } },
    { id: 4, o: {} },
  ];
  expect(sorted(rows, { 'o.s': 'asc', id: 'asc' })).toEqual([2, 4, 3, 1]);
});

test.each<[Kind, unknown[]]>([
  ['text', ['', 'A', 'Z', 'a', 'é', '\uffff', '\u{10000}', '\u{1f600}']],
  ['decimal', ['-10', '-9.5', '-0.1', '0', '0.09', '0.1', '2', '10', '10.01']],
  ['bigint', [-(2n ** 62n), -1n, 0n, 2n ** 53n, 2n ** 53n + 1n]],
  ['boolean', [false, true]],
  ['timestamp', [new Date(-1), new Date(0), new Date(1)]],
  ['date', ['0001-01-01', '1999-12-31', '2000-01-01']],
  ['integer', [-(2 ** 53 - 1), -1, 0, 9, 10, 2 ** 53 - 1]],
  ['real', [-1e300, -0.5, 0, 1e-300, 1e300]],
  ['binary', [new Uint8Array([]), new Uint8Array([0]), new Uint8Array([0, 1]), new Uint8Array([1])]],
])('%s has its own order', (kind, ascending) => {
  const compare = comparator(kind);
  for (let i = 0; i < ascending.length; i++) {
    for (let j = 0; j < ascending.length; j++) {
      expect(Math.sign(compare(ascending[i], ascending[j]))).toBe(Math.sign(i - j));
    }
  }
});
