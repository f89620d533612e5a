import type { With } from '../schema/composites.js';
import type { SoftDelete } from '../schema/field.js';
import type { AnyEntity, Id } from '../schema/types.js';

/**
 * A filter that is not empty, unless `all` is true. `Pick<..., K>` takes K from the literal's own keys: `{}` gives never and is
 * refused, and an unknown name falls back to every key, so that it is still reported as unknown.
 */
export type NotEmpty<E extends AnyEntity, K extends keyof E['~where'], All> = Pick<E['~where'], K> & {
  readonly '~group'?: (entity: E) => void;
} & ([All] extends [true] ? unknown : [K] extends [never] ? 'an empty filter needs { all: true }' : unknown);

/** What `upsert` did. */
export interface Upserted<E extends AnyEntity> {
  readonly row: E['~row'];
  readonly action: 'inserted' | 'updated';
}

/** What `getOrInsert` found or made. */
export interface Gotten<E extends AnyEntity> {
  readonly row: E['~row'];
  readonly action: 'found' | 'inserted';
}

/** What a write of many rows did. */
export interface WriteCounts {
  /** Rows that were there and were changed, also where they had the new values already. */
  readonly matched: number;
  readonly inserted: number;
  readonly deleted: number;
}

/** A row of `updateEach`: the fields of its key, and what changes. */
export type EachPatch<E extends AnyEntity> = E['~keyed'] &
  E['~patch'] & {
    /** The version that the caller read: where the row has another one by now, nothing of the call is written. */
    readonly version?: E['~version'] | undefined;
    /** The fencing token of the lock: where a newer one wrote the row, nothing of the call is written. */
    readonly fence?: E['~fence'] | undefined;
  };

/** One write of `bulk`. */
export type BulkWrite<E extends AnyEntity> =
  | { readonly insert: E['~insert'] }
  | {
      readonly update: E['~id'];
      readonly set: E['~patch'];
      /** The version that the caller read: where the row has another one by now, nothing of the call is written. */
      readonly version?: E['~version'] | undefined;
      /** The fencing token of the lock: where a newer one wrote the row, nothing of the call is written. */
      readonly fence?: E['~fence'] | undefined;
    }
  | { readonly upsert: E['~insert']; readonly on: E['~unique'] }
  | { readonly delete: E['~id'] };

/** The key of a row of an entity with `softDelete()`; of another entity none is taken. */
export type SoftId<E extends AnyEntity> = Id<E> &
  ([With<E['fields'], SoftDelete>] extends [never] ? 'the entity has no softDelete()' : unknown);

/** What to search for in an entity that declares `search`; another entity has nothing to search. */
export type SearchText<E extends AnyEntity> = string &
  ([E['~search']] extends [never] ? 'the entity has no search' : unknown);
