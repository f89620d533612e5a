import type { AnyEntity, Where } from '../schema/types.js';
import type { Duration } from '../util/duration.js';
import type { Fitting } from './found.js';

/** Taken by every verb. */
export interface CallOptions {
  /** Ends the call with `AbortedError`; a command that was sent is cancelled on the server. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for the whole call, then `TimeoutError`. @default the database's `timeout` */
  readonly timeout?: Duration | undefined;
}

/** Which rows of an entity with `softDelete()` a read sees. */
export interface DeletedOptions {
  /** `'with'`: deleted rows too; `'only'`: nothing but deleted rows. @default rows that are not deleted */
  readonly deleted?: 'with' | 'only' | undefined;
}

/** What of each row is read. */
export interface SelectOptions<S, H> {
  /** Fields, dotted paths into objects, and computed fields. @default all fields but hidden ones, and all computed fields */
  readonly select?: readonly S[] | undefined;
  /** Hidden fields to read nevertheless. @default none */
  readonly reveal?: readonly H[] | undefined;
}

/** What is read along with each row. */
export interface IncludeOptions<E extends AnyEntity, I> {
  /** Relations by the names that they get in the row. One query for each, and for each level, whatever the number of rows. @default none */
  readonly include?: (I & Fitting<E, I>) | undefined;
}

/** The order of what is read. */
export interface OrderOptions<E extends AnyEntity> {
  /** Fields in the order of their importance. The key breaks ties, in the direction of the last field; nulls come first ascending, last descending; text by code point. */
  readonly orderBy?: E['~orderBy'] | undefined;
}

/** Options of `findById` and `get`. */
export interface FindByIdOptions<E extends AnyEntity, S, H, I = {}>
  extends CallOptions,
    DeletedOptions,
    SelectOptions<S, H>,
    IncludeOptions<E, I> {}

/** Options of `findOne`. */
export interface FindOneOptions<E extends AnyEntity, S, H, I = {}>
  extends FindByIdOptions<E, S, H, I>,
    OrderOptions<E> {}

/** Options of `find`. */
export interface FindOptions<E extends AnyEntity, S, H, I = {}> extends FindOneOptions<E, S, H, I> {
  /** Most rows to give; 0 gives none. @default all @minimum 0 */
  readonly limit?: number | undefined;
  /** Rows to leave out at the beginning. @default 0 @minimum 0 */
  readonly offset?: number | undefined;
}

/** Options of `stream`. */
export interface StreamOptions<E extends AnyEntity, S, H, I = {}> extends FindOptions<E, S, H, I> {
  /** Rows fetched at a time. @default 500 @minimum 1 */
  readonly batch?: number | undefined;
}

/** Options of `search`. */
export interface SearchOptions<E extends AnyEntity, S, H, I = {}> extends FindByIdOptions<E, S, H, I> {
  /** The rows to search among. @default all */
  readonly where?: Where<E> | undefined;
  /** The fields to look through, of those that the entity's `search` names. @default all of them */
  readonly fields?: readonly E['~search'][] | undefined;
  /** Most rows to give; 0 gives none. @default 20 @minimum 0 */
  readonly limit?: number | undefined;
  /** Rows to leave out at the beginning. @default 0 @minimum 0 */
  readonly offset?: number | undefined;
}

/** Options of `near`. */
export interface NearOptions<E extends AnyEntity, S, H, I = {}> extends FindByIdOptions<E, S, H, I> {
  /** The rows that are looked at. @default all that have a point */
  readonly where?: E['~where'] | undefined;
  /** Metres within which a row must lie, these included. @default no bound @minimum 0 */
  readonly maxDistance?: number | undefined;
  /** Metres from which on a row may lie, these included. @default 0 @minimum 0 */
  readonly minDistance?: number | undefined;
  /** Most rows to give; 0 gives none. @default 20 @minimum 0 */
  readonly limit?: number | undefined;
  /** Rows to leave out at the beginning. @default 0 @minimum 0 */
  readonly offset?: number | undefined;
}

/** Options of `count`, `exists` and `distinct`. */
export interface CountOptions extends CallOptions, DeletedOptions {}

/** Options of `updateMany` and `deleteMany`. */
export interface ManyOptions<All> extends CallOptions {
  /** Must be true for a filter that every row fits. @default false */
  readonly all?: All | undefined;
}

/** Options of `update`. */
export interface UpdateOptions<Version, Fence = never> extends CallOptions {
  /** The version that the caller read: another one on the server is a `StaleVersionError`, and nothing is written. */
  readonly version?: Version | undefined;
  /**
   * The fencing token of the lock that the caller holds: where a newer one wrote the row it is a `StaleFenceError`, and nothing is written.
   * Else the row has this one from then on, also when the patch is empty.
   * @default the write goes past the lock, and the row keeps the fence that it has
   */
  readonly fence?: Fence | undefined;
}

/** Options of `delete`. */
export interface DeleteOptions<Fence = never> extends CallOptions {
  /**
   * The fencing token of the lock that the caller holds: where a newer one wrote the row it is a `StaleFenceError`, and nothing is deleted.
   * @default the deletion goes past the lock
   */
  readonly fence?: Fence | undefined;
}

/** Options of `upsertMany`. */
export interface UpsertManyOptions<Unique> extends CallOptions {
  /** The unique field, the unique set or the key by which rows are looked up. */
  readonly on: Unique;
}

/** Options of `upsert` and `getOrInsert`. */
export interface UpsertOptions<Unique> extends CallOptions {
  /** The unique field, the unique set or the key by which the row is looked up. */
  readonly on: Unique;
}
