import fc from 'fast-check';
import * as conditions from '../../../src/query/condition.js';
import { avg, bucket, count, countDistinct, each, max, min, sum } from '../../../src/query/group-by.js';
import { dataset, orNull, pathsOf } from './generators.js';
import { type WhereSpec, where } from './reads.js';

// Programs of `groupBy` as plain data; `callOf` makes a call of one, `group-reference.ts` says what it must give.

const SCALARS = pathsOf('integer', 'real', 'text', 'boolean', 'enum', 'timestamp', 'date', 'decimal', 'bigint', 'uuid');
const ORDERED = pathsOf('integer', 'real', 'text', 'timestamp', 'date', 'decimal', 'bigint', 'uuid');
// Sums of reals depend on the order of adding, which no engine promises.
const EXACT = pathsOf('integer', 'decimal', 'bigint');

export type Unit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
export type KeySpec =
  | { readonly by: 'value'; readonly path: string }
  | { readonly by: 'item'; readonly path: string }
  | { readonly by: 'bucket'; readonly path: string; readonly unit: Unit; readonly timeZone: string | undefined };

export interface MeasureSpec {
  readonly op: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'countDistinct';
  readonly path: string;
}

/** A comparison of a measure with what it is in the group of that number. */
export interface HavingSpec {
  readonly measure: number;
  readonly op: 'plain' | 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'between' | 'anyOf' | 'noneOf';
  readonly groups: readonly [number, number];
}

export interface GroupSpec {
  readonly keys: readonly KeySpec[];
  readonly measures: readonly MeasureSpec[];
  readonly where: WhereSpec | null;
  readonly having: HavingSpec | null;
  readonly order: readonly (readonly [column: number, direction: 'asc' | 'desc'])[];
  readonly limit: number | null;
  readonly offset: number;
}

const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'UTC',
];

const timePath = fc.constantFrom(...pathsOf('timestamp'));
const key: fc.Arbitrary<KeySpec> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.constant('value' as const), path: fc.constantFrom(...SCALARS) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constant('item' as const),
      path: fc.constantFrom(...pathsOf('texts', 'integers')),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      by: fc.constant('bucket' as const),
      path: timePath,
      unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'quarter' as const, 'year' as const),
      timeZone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constant('bucket' as const),
      path: timePath,
      unit: fc.constant('hour' as const),
      timeZone: fc.constant(undefined),
    }),
  },
);

const measure: fc.Arbitrary<MeasureSpec> = fc.oneof(
  fc.constant({ op: 'count' as const, path: '' }),
  fc.record({ op: fc.constantFrom('sum' as const, 'avg' as const), path: fc.constantFrom(...EXACT) }),
  fc.record({ op: fc.constantFrom('min' as const, 'max' as const), path: fc.constantFrom(...ORDERED) }),
  fc.record({ op: fc.constant('countDistinct' as const), path: fc.constantFrom(...SCALARS) }),
);

export const group: fc.Arbitrary<GroupSpec> = fc.record({
  keys: fc.uniqueArray(key, { maxLength: 2, selector: ({ path }) => path }),
  measures: fc.array(measure, { minLength: 1, maxLength: 4 }),
  where: fc.option(where, { freq: 2 }),
  having: fc.option(
    fc.record({
      measure: fc.nat(3),
      op: fc.constantFrom('plain', 'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'between', 'anyOf', 'noneOf'),
      groups: fc.tuple(fc.nat(9), fc.nat(9)),
    }) as fc.Arbitrary<HavingSpec>,
    { freq: 3 },
  ),
  order: fc.uniqueArray(fc.tuple(fc.nat(5), fc.constantFrom('asc' as const, 'desc' as const)), {
    maxLength: 2,
    selector: ([column]) => column,
  }),
  limit: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 }),
  offset: fc.constantFrom(0, 0, 0, 1, 2),
});

/** The usual drafts, with times of the years in which clocks were set, so that days and weeks meet. */
export const timedDataset = fc
  .tuple(
    dataset,
    fc.array(
      orNull(
        fc.date({ min: new Date('2018-10-20T00:00:00Z'), max: new Date('2018-11-20T00:00:00Z'), noInvalidDate: true }),
      ),
      { maxLength: 10 },
    ),
  )
  .map(([drafts, times]) =>
    drafts.map((draft, i) => (i % 2 === 0 && i < times.length ? { ...draft, t: times[i] } : draft)),
  );

/** The names of the columns, keys first. */
export function columnsOf({ keys, measures }: GroupSpec): string[] {
  return [...keys.map(({ path }) => path), ...measures.map((_, i) => `m${i}`)];
}

const MEASURES = { sum, avg, min, max, countDistinct };

/** The arguments of the call, but for its options. */
export function callOf({ keys, measures }: GroupSpec): readonly [keys: unknown[], measures: object] {
  const parts = keys.map((key) => {
    if (key.by === 'value') return key.path;
    if (key.by === 'item') return each(key.path);
    const { path, unit, timeZone } = key;
    return unit === 'hour' ? bucket(path, unit) : bucket(path, unit, { timeZone });
  });
  const told = measures.map(({ op, path }, i) => [`m${i}`, op === 'count' ? count() : MEASURES[op](path)]);
  return [parts, Object.fromEntries(told)];
}

type Fn = (...operands: unknown[]) => object;

/** A comparison as `having` takes it. */
export function comparisonOf({ op }: HavingSpec, low: unknown, high: unknown): unknown {
  if (op === 'plain') return low;
  const make = (conditions as unknown as Readonly<Record<string, Fn>>)[op]!;
  return op === 'between' || op === 'anyOf' || op === 'noneOf' ? make(low, high) : make(low);
}
