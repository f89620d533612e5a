import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileWhere, escapeFolded, escapePattern } from '../../../src/mongo/compile-where.js';
import { type Clause, FALSE, type Leaf, TRUE } from '../../../src/query/clause.js';
import { bson, field, names, shown } from './models.js';

const filter = (clause: Clause, ...values: unknown[]): unknown => compileWhere(clause, names, bson)(values);
const leaf = (op: string, path: string, more: object = {}): Leaf =>
  ({ op, field: field(path), slot: 0, ...more }) as Leaf;

describe('a filter', () => {
  it.each([
    ['eq', 5, '{"age":{"$eq":{"$numberInt":"5"}}}'],
    ['ne', 5, '{"age":{"$ne":{"$numberInt":"5"}}}'],
    ['gte', 2 ** 31, '{"age":{"$gte":{"$numberLong":"2147483648"}}}'],
    ['anyOf', [1, 2], '{"age":{"$in":[{"$numberInt":"1"},{"$numberInt":"2"}]}}'],
    ['noneOf', [1], '{"age":{"$nin":[{"$numberInt":"1"}]}}'],
  ])("of `%s` has values of the field's BSON type under an operator", (op, value, expected) => {
    expect(shown(filter(leaf(op, 'age'), value))).toBe(expected);
  });

  it.each([
    ['ratio', 1, '{"$numberDouble":"1.0"}'],
    ['big', 1n, '{"$numberLong":"1"}'],
    ['price', '1.5', '{"$numberDecimal":"1.5"}'],
    ['at', new Date(0), '{"$date":{"$numberLong":"0"}}'],
    ['owner', '65f000000000000000000001', '{"$oid":"65f000000000000000000001"}'],
    ['day', '2024-01-01', '"2024-01-01"'],
  ])('of `%s` gives the value its own type', (path, value, expected) => {
    expect(shown(filter(leaf('eq', path), value))).toBe(`{"${path}":{"$eq":${expected}}}`);
  });

  it('of the key has the bare value, which goes straight to the index, under the name `_id`', () => {
    const id = '018f0000-0000-7000-8000-000000000001';
    expect(shown(filter(leaf('eq', 'id'), id))).toBe(
      '{"_id":{"$binary":{"base64":"AY8AAAAAcACAAAAAAAAAAQ==","subType":"04"}}}',
    );
  });

  it('takes an operator in a text for a text', () => {
    expect(filter(leaf('eq', 'email'), '$ne')).toEqual({ email: { $eq: '$ne' } });
  });

  it('of nothing is everything, or nothing', () => {
    expect(filter(TRUE)).toEqual({});
    expect(filter(FALSE)).toEqual({ _id: { $in: [] } });
  });

  it('of null finds absent fields, below objects too', () => {
    expect(filter(leaf('isNull', 'deletedAt'))).toEqual({ deletedAt: { $eq: null } });
    expect(filter(leaf('isNotNull', 'profile.deep.count'))).toEqual({ 'profile.deep.count': { $ne: null } });
  });

  it('merges what concerns different fields and keeps the rest apart', () => {
    const clause: Clause = {
      op: 'and',
      clauses: [leaf('gte', 'age'), leaf('isNull', 'role'), leaf('lt', 'age', { slot: 1 }), { op: 'or', clauses: [] }],
    };
    expect(shown(filter(clause, 1, 9))).toBe(
      '{"age":{"$gte":{"$numberInt":"1"}},"role":{"$eq":null},"$and":[{"age":{"$lt":{"$numberInt":"9"}}},{"_id":{"$in":[]}}]}',
    );
  });

  it('names columns that have a name of their own', () => {
    expect(filter(leaf('eq', 'renamed'), 'x')).toEqual({ other: { $eq: 'x' } });
  });

  it('of a list compares its items', () => {
    expect(filter(leaf('has', 'tags'), 'a')).toEqual({ tags: { $eq: 'a' } });
    expect(filter(leaf('hasAny', 'tags'), ['a', 'b'])).toEqual({ tags: { $in: ['a', 'b'] } });
    expect(shown(filter(leaf('hasAll', 'scores'), [1]))).toBe('{"scores":{"$all":[{"$numberInt":"1"}]}}');
    expect(filter({ op: 'not', clause: leaf('has', 'tags') as never }, 'a')).toEqual({
      $nor: [{ tags: { $eq: 'a' } }],
    });
  });

  it('of `startsWith` is a range, which an index serves', () => {
    const starts = leaf('startsWith', 'email', { ignoreCase: false });
    expect(filter(starts, 'ab')).toEqual({ email: { $gte: 'ab', $lt: 'ac' } });
    expect(filter(starts, 'a\u{10ffff}')).toEqual({ email: { $gte: 'a\u{10ffff}', $lt: 'b' } });
    expect(filter(starts, '\u{10ffff}')).toEqual({ email: { $gte: '\u{10ffff}' } });
  });

  it('of a text is literal and folds A-Z only', () => {
    expect(filter(leaf('contains', 'email', { ignoreCase: false }), 'a.b|c')).toEqual({
      email: { $regex: 'a\\.b\\|c' },
    });
    expect(filter(leaf('endsWith', 'email', { ignoreCase: true }), 'Ask$')).toEqual({
      email: { $regex: '(?i:A)[sS][kK]\\$\\z' },
    });
    expect(filter(leaf('startsWith', 'email', { ignoreCase: true }), 'É1b')).toEqual({
      email: { $regex: '^É1(?i:b)' },
    });
  });
});

describe('an escaped pattern', () => {
  it('finds exactly its own text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          new RegExp(`^${escapePattern(text).replaceAll('\\#', '#').replaceAll('\\-', '-')}$`, 'u').test(text),
        ).toBe(true);
      }),
    );
  });

  it('loses nothing when it folds', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const literal = escapeFolded(text)
          .replace(/\(\?i:([A-Za-z]+)\)/g, '$1')
          .replace(/\[([ks])[KS]\]/g, '$1')
          .replace(/\\(.)/gs, '$1');
        expect(literal.toLowerCase()).toBe(text.toLowerCase());
      }),
    );
  });
});
