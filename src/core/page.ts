import type { AnyEntity } from '../schema/types.js';
import type { FindOneOptions } from './options.js';

/**
 * How `paginate` counts. `'exact'`: all rows that fit. `'capped'`: at most 10,000 of them. `'estimated'`: by the statistics of the
 * server, where there is no filter and they tell of more than 10,000 rows; otherwise as `'capped'`. `'none'`: not at all.
 */
export type CountMode = 'exact' | 'capped' | 'estimated' | 'none';

/** Options of `paginate`. */
export interface PaginateOptions<E extends AnyEntity, S, H, C, I = {}> extends FindOneOptions<E, S, H, I> {
  /** Which page, from 1. @default 1 @minimum 1 */
  readonly page?: number | undefined;
  /** Most rows of a page. @default 20 @minimum 1 */
  readonly limit?: number | undefined;
  /** How `total` comes about. @default 'exact' */
  readonly count?: C | undefined;
}

/** A page by number. */
export interface Page<R, C extends CountMode = 'exact'> {
  readonly rows: R[];
  /** How many rows fit. Where it is not exact: that many at least if it was capped, about that many if it was estimated. Null if it was not counted. */
  readonly total: C extends 'none' ? null : number;
  /** Whether `total` is the number of rows that fit, neither capped nor estimated. */
  readonly totalIsExact: boolean;
  /** The number of this page. */
  readonly page: number;
  /** How many pages `total` makes; 0 when no row fits. */
  readonly pages: C extends 'none' ? null : number;
  /** Whether a row lies behind this page; known from the rows, not from `total`. */
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** Options of `paginateByCursor`. */
export interface CursorPageOptions<E extends AnyEntity, S, H, I = {}> extends FindOneOptions<E, S, H, I> {
  /** Most rows of a page. @default 20 @minimum 1 */
  readonly limit?: number | undefined;
  /** The page behind this cursor: `next` of the page before. Not together with `before`. */
  readonly after?: string | undefined;
  /** The page before this cursor, in the same order: `previous` of the page behind. Not together with `after`. */
  readonly before?: string | undefined;
}

/** A page by position. */
export interface CursorPage<R> {
  readonly rows: R[];
  /** For `after`: the rows behind this page. Null when there were none, and on a page without rows. */
  readonly next: string | null;
  /** For `before`: the rows before this page. Null when there were none, and on a page without rows. */
  readonly previous: string | null;
}
