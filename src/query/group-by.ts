import type { CalendarUnit } from '../util/calendar.js';
import { brand, type MeasureData } from './brand.js';

/** What `groupBy` tells of each group, made by `count()`, `sum('amount')` and the other functions of this module, never by JSON. */
export class Measure<out Kind extends string, out P extends string> {
  declare readonly '~kind': Kind;
  declare readonly '~path': P;

  private constructor(data: MeasureData) {
    brand(this, data);
    Object.freeze(this);
  }

  /** @internal */
  static make<Kind extends string, P extends string>(op: MeasureData['op'], path: P | null): Measure<Kind, P> {
    return new Measure<Kind, P>({ type: 'measure', op, path });
  }
}

/** A key of `groupBy`: the beginning of the hour, day, week... that a timestamp lies in. Made by `bucket()`. */
export class Bucket<out P extends string> {
  declare readonly '~bucket': P;

  private constructor(path: P, unit: unknown, timeZone: unknown) {
    brand(this, { type: 'bucket', path, unit, timeZone });
    Object.freeze(this);
  }

  /** @internal */
  static make<P extends string>(path: P, unit: unknown, timeZone: unknown): Bucket<P> {
    return new Bucket(path, unit, timeZone);
  }
}

/** A key of `groupBy`: each item of a list. Made by `each()`. */
export class Each<out P extends string> {
  declare readonly '~each': P;

  private constructor(path: P) {
    brand(this, { type: 'each', path });
    Object.freeze(this);
  }

  /** @internal */
  static make<P extends string>(path: P): Each<P> {
    return new Each(path);
  }
}

/** How many rows the group has. */
export function count(): Measure<'count', never> {
  return Measure.make<'count', never>('count', null);
}

/** How many different values the field has in the group; null is none. */
export function countDistinct<const P extends string>(path: P): Measure<'countDistinct', P> {
  return Measure.make('countDistinct', path);
}

/**
 * The sum of the field, 0 where no row has a value. Integers, bigints and decimals are summed exactly; a sum of integers past 2^53
 * is a `QueryError`, because no number holds it: declare the field as `bigint()`. Sums of reals are approximate.
 */
export function sum<const P extends string>(path: P): Measure<'sum', P> {
  return Measure.make('sum', path);
}

/** The exact sum over the number of values, as a number; null where no row has a value. */
export function avg<const P extends string>(path: P): Measure<'avg', P> {
  return Measure.make('avg', path);
}

/** The least value, text by code point; null where no row has one. */
export function min<const P extends string>(path: P): Measure<'min', P> {
  return Measure.make('min', path);
}

/** The greatest value, text by code point; null where no row has one. */
export function max<const P extends string>(path: P): Measure<'max', P> {
  return Measure.make('max', path);
}

/** How the days of a bucket are counted. */
export interface BucketOptions {
  /** A name of the IANA time zone database, such as `Europe/Berlin`. @default UTC */
  readonly timeZone?: string | undefined;
}

/**
 * Groups by the beginning of the hour, day, week (from Monday), month, quarter or year that a timestamp lies in. The column of the
 * result has the name of the field. Hours are of UTC alone.
 */
export function bucket<const P extends string>(path: P, unit: 'hour'): Bucket<P>;
export function bucket<const P extends string>(
  path: P,
  unit: Exclude<CalendarUnit, 'hour'>,
  options?: BucketOptions,
): Bucket<P>;
export function bucket<const P extends string>(path: P, unit: CalendarUnit, options?: BucketOptions): Bucket<P> {
  return Bucket.make(path, unit, options?.timeZone);
}

/**
 * Groups by each item of a list of scalars: a row counts once for every item that its list holds, twice where it holds one twice.
 * Rows whose list is null or empty are in no group.
 */
export function each<const P extends string>(path: P): Each<P> {
  return Each.make(path);
}
