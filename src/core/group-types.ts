import type { Condition } from '../query/condition.js';
import type { Bucket, Each, Measure } from '../query/group-by.js';
import type { ValueOf } from '../schema/composites.js';
import type { Direction } from '../schema/model.js';
import type { AnyEntity, Where } from '../schema/types.js';
import type { CallOptions, DeletedOptions } from './options.js';

/** What `groupBy` takes as a key: a field, `bucket(...)` of a timestamp, or `each(...)` of a list of scalars. */
export type GroupKeyOf<E extends AnyEntity> = E['~path'] | Bucket<E['~time']> | Each<E['~items']>;

/** A measure of an entity's fields. */
export type MeasureOf<E extends AnyEntity> =
  | Measure<'count', never>
  | Measure<'countDistinct', E['~path']>
  | Measure<'sum' | 'avg', E['~number']>
  | Measure<'min' | 'max', E['~order']>;

/** The type of a measure's values. */
export type Measured<E extends AnyEntity, M> =
  M extends Measure<infer Kind, infer P>
    ? Kind extends 'count' | 'countDistinct'
      ? number
      : Kind extends 'avg'
        ? number | null
        : Kind extends 'sum'
          ? E['~paths'][P]['~value']
          : E['~paths'][P]['~value'] | null
    : never;

/** The name of a key's column: its field. */
export type KeyName<K> = K extends Bucket<infer P> ? P : K extends Each<infer P> ? P : K;

/** The type of a key's values. */
export type Keyed<E extends AnyEntity, K, P extends PropertyKey> =
  Each<P & string> extends K ? E['~paths'][P]['~value'][number] : ValueOf<E['~paths'][P]>;

/** What `having` takes for a measure: a value, or a comparison. */
export type Comparison<V> = V | Condition<'equal' | 'order', NonNullable<V>>;

/** Options of `groupBy`. */
export interface GroupOptions<E extends AnyEntity, K, M> extends CallOptions, DeletedOptions {
  /** The rows that are grouped. @default all */
  readonly where?: Where<E> | undefined;
  /** The groups to give, by their measures. @default all */
  readonly having?: { readonly [P in keyof M]?: Comparison<Measured<E, M[P]>> } | undefined;
  /** Keys and measures in the order of their importance; keys that are not named break ties, in the direction of the last. @default the keys, ascending */
  readonly orderBy?: { readonly [P in (KeyName<K> & string) | (keyof M & string)]?: Direction } | undefined;
  /** Most groups to give; 0 gives none. @default all @minimum 0 */
  readonly limit?: number | undefined;
  /** Groups to leave out at the beginning. @default 0 @minimum 0 */
  readonly offset?: number | undefined;
}
