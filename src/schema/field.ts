import type { Condition } from '../query/condition.js';
import type { FieldSpec } from './builder.js';
import type { StandardSchema } from './standard.js';

/** The field may have no value: `null` in rows, `null` or left out in drafts. */
export interface Optional {
  readonly '~optional': true;
}

/** A draft may leave the field out: it has a default, or something else makes its value. */
export interface Defaulted {
  readonly '~defaulted': true;
}

/** Rows hold the field only where a call says `reveal`. */
export interface Hidden {
  readonly '~hidden': true;
}

/** No two rows have the same value. */
export interface Unique {
  readonly '~unique': true;
}

/** The field identifies the row. */
export interface PrimaryKey extends Unique {
  readonly '~primary': true;
}

/** The field says when the row was deleted. */
export interface SoftDelete {
  readonly '~softDelete': true;
}

/** The field counts the changes of the row. */
export interface Version {
  readonly '~version': true;
}

/** The field holds the greatest fencing token that wrote the row. */
export interface Fence {
  readonly '~fence': true;
}

/**
 * What an engine must be for a field: one interface per need. The union of two needs has only the keys that both have, so
 * it is the stricter one, and nesting needs no conditional type.
 */
export interface Anywhere {
  readonly [engine: string]: true;
  readonly postgres: true;
  readonly mongo: true;
  readonly memory: true;
}

/** The field exists on PostgreSQL, and in memory for tests. */
export interface OnPostgres {
  readonly postgres: true;
  readonly memory: true;
}

/** The field exists on MongoDB, and in memory for tests. */
export interface OnMongo {
  readonly mongo: true;
  readonly memory: true;
}

/** An entity whose fields all exist on the engine: `E extends AnyEntity & Supports<'postgres'>`. */
export interface Supports<N extends string> {
  readonly fields: { readonly [field: string]: { readonly '~engines': { readonly [P in N]: true } } };
}

/**
 * What every field has for the compiler. `~value` is its type in rows, `~input` in drafts; `~where` is all that a filter
 * takes for it, `~null` what it takes besides when the field is optional; `~patch` lists the update operators.
 * They are read by indexed access, where conditional types would cost ten times as much, and do not exist at run time.
 */
export interface AnyField {
  readonly '~value': any;
  readonly '~input': any;
  readonly '~where': any;
  readonly '~null': any;
  readonly '~patch': any;
  readonly '~engines': any;
  /** @internal */
  readonly '~spec': FieldSpec;
}

/** The fields of an entity by their names. */
export type Fields = Record<string, AnyField>;

/** The fields of an `object()`: what concerns the row as a whole stands at the top of an entity. */
export type Parts = Record<string, AnyField & { readonly '~hidden'?: never; readonly '~unique'?: never }>;

/** What a `list()` holds: a scalar or an object, never null. */
export type ListItem = AnyField & {
  readonly '~items': any;
  readonly '~optional'?: never;
  readonly '~hidden'?: never;
  readonly '~unique'?: never;
};

/** What a filter takes for a field without equality, when it is optional. */
export type NullTest = null | Condition<'null', null>;

/** What every field can be told. Builders never change: each method gives a new one. */
export interface Field<T, N = Anywhere, In = T> extends AnyField {
  readonly '~value': T;
  readonly '~input': In;
  readonly '~where': unknown;
  readonly '~null': unknown;
  readonly '~patch': unknown;
  readonly '~engines': N;
  /** The field may have no value. Null and missing are one thing: rows always hold `null`. */
  optional(): this & Optional;
  /**
   * What a draft gets that leaves the field out. A value is checked when the entity is defined and copied for each row;
   * a function is called for each row, and what it gives is checked like a draft's own value.
   */
  default(value: In | (() => In)): this & Defaulted;
  /** A hook fills the field (a slug made from the title): drafts may leave it out, but the row must have it in the end. */
  generated(): this & Defaulted;
  /**
   * Rows leave the field out unless a call says `reveal`; filters, drafts and patches know it. Only at the top of an entity. The length of
   * a hidden text is a rule for what is given, which no server keeps: a hook may store its hash.
   */
  hidden(): this & Hidden;
  /** Name of the column, or of the document's field, where it differs from what the naming gives. Only at the top of an entity. */
  column(name: string): this;
  /**
   * A rule of your own: a function of the checked value, or a Standard Schema (synchronous). It judges and never changes
   * the value. Without a message, a function says `does not hold a valid value`, a schema what it has to say.
   */
  check(test: ((value: T) => boolean) | StandardSchema<any, any>, message?: string): this;
}

/** A field with equality, so that it can be filtered, listed and unique. */
export interface ScalarField<T, N = Anywhere, In = T> extends Field<T, N, In> {
  /** Also takes a null within `eq`, `ne`, `anyOf` and `noneOf`. */
  readonly '~null': null | Condition<'equal' | 'null', In | null>;
  /** What a filter takes for a list of such items. */
  readonly '~items': readonly In[] | Condition<'equal', readonly In[]> | Condition<'list', In>;
  /** No two rows have the same value; rows without a value, and deleted rows of an entity with `softDelete()`, do not count. */
  unique(): this & Unique;
}

/** What a reference does when the row that it names is deleted. */
export interface ReferenceOptions {
  /** Field of the other entity. @default its primary key */
  readonly field?: string | undefined;
  /** @default 'restrict' */
  readonly onDelete?: 'cascade' | 'restrict' | 'set null' | undefined;
}

/** A field that can identify a row or refer to one. */
export interface KeyField<T, N = Anywhere, In = T> extends ScalarField<T, N, In> {
  /** The field identifies the row. Several fields together: `entity(name, fields, { primaryKey: ['a', 'b'] })`. */
  primaryKey(): this & PrimaryKey;
  /**
   * The value is the key of a row of another entity, given by its name (or of this one). PostgreSQL enforces it by a
   * foreign key; on MongoDB only `include` looks at it. Only at the top of an entity.
   */
  references(entity: string, options?: ReferenceOptions): this;
}
