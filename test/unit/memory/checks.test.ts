import { describe, expect, test } from 'vitest';
import { ConstraintError } from '../../../src/errors/data.js';
import { compileChecks } from '../../../src/memory/checks.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { makeEntity } from './kit.js';

const Thing = makeEntity('things', {
  id: { kind: 'integer' },
  n: { kind: 'integer', bounds: { min: 0, max: 10 } },
  whole: { kind: 'integer' },
  r: { kind: 'real' },
  g: { kind: 'bigint', bounds: { min: -5n } },
  wide: { kind: 'bigint' },
  d: { kind: 'decimal' },
  price: { kind: 'decimal', bounds: { precision: 5, scale: 2, max: '500' } },
  s: { kind: 'text', bounds: { min: 2, max: 3 } },
  t: { kind: 'timestamp', bounds: { min: new Date(0) } },
  tags: { kind: 'list', item: { kind: 'text' }, bounds: { min: 1, max: 2 } },
  o: { kind: 'object', fields: { maxAge: { kind: 'integer', bounds: { max: 3 } } } },
});

const check = compileChecks(Thing);

describe('bounds', () => {
  test.each<[StoredRow]>([
    [{}],
    [{ n: null, tags: null, o: null }],
    [{ n: 0 }],
    [{ n: 10 }],
    [{ whole: Number.MAX_SAFE_INTEGER }],
    [{ whole: Number.MIN_SAFE_INTEGER }],
    [{ r: Number.MAX_VALUE }],
    [{ g: -5n }],
    [{ wide: 2n ** 63n - 1n }],
    [{ wide: -(2n ** 63n) }],
    [{ d: '1234567890123456789012345678901234' }],
    [{ d: '-0.1234567890123456789012345678901234' }],
    [{ price: '499.99' }],
    [{ price: '0.01' }],
    [{ s: '\u{1f600}\u{1f600}\u{1f600}' }],
    [{ t: new Date(0) }],
    [{ tags: ['a', 'b'] }],
    [{ o: { maxAge: 3 } }],
  ])('hold: %#', (row) => {
    expect(() => check(row)).not.toThrow();
  });

  test.each<[string, StoredRow]>([
    ['n', { n: -1 }],
    ['n', { n: 11 }],
    ['whole', { whole: Number.MAX_SAFE_INTEGER + 1 }],
    ['whole', { whole: Number.MIN_SAFE_INTEGER - 1 }],
    ['r', { r: Number.POSITIVE_INFINITY }],
    ['g', { g: -6n }],
    ['wide', { wide: 2n ** 63n }],
    ['wide', { wide: -(2n ** 63n) - 1n }],
    ['d', { d: '12345678901234567890123456789012345' }],
    ['d', { d: '1.2345678901234567890123456789012345' }],
    ['price', { price: '0.001' }],
    ['price', { price: '1234' }],
    ['price', { price: '500.01' }],
    ['s', { s: 'a' }],
    ['s', { s: 'abcd' }],
    ['t', { t: new Date(-1) }],
    ['tags', { tags: [] }],
    ['tags', { tags: ['a', 'b', 'c'] }],
    ['o.maxAge', { o: { maxAge: 4 } }],
  ])('of `%s` are broken: %#', (path, row) => {
    expect(() => check(row)).toThrow(ConstraintError);
    expect(() => check(row)).toThrow(expect.objectContaining({ entity: 'things', fields: [path] }));
  });

  test('the error names the check as PostgreSQL would', () => {
    expect(() => check({ o: { maxAge: 4 } }, 2)).toThrow(
      expect.objectContaining({ constraint: 'things_o_max_age_check', position: 2 }),
    );
  });
});

test('only the paths that a patch touches are looked at', () => {
  const touched = compileChecks(Thing, [Thing.paths.get('s')!]);
  expect(() => touched({ n: 11, s: 'ab' })).not.toThrow();
  expect(() => touched({ n: 11, s: 'a' })).toThrow(ConstraintError);
  const whole = compileChecks(Thing, [Thing.paths.get('o')!]);
  expect(() => whole({ o: { maxAge: 4 } })).toThrow(ConstraintError);
});
