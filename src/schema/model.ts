/** What a field holds. Engines switch over it; the list is closed. */
export type Kind =
  | 'text'
  | 'uuid'
  | 'objectId'
  | 'enum'
  | 'boolean'
  | 'integer'
  | 'real'
  | 'bigint'
  | 'decimal'
  | 'timestamp'
  | 'date'
  | 'binary'
  | 'geoPoint'
  | 'json'
  | 'list'
  | 'object';

/**
 * The canonical values, as they travel in commands and rows, whatever the engine:
 * text, uuid (lower case), objectId (24 hex), enum, decimal (plain, no trailing zeros), date (`YYYY-MM-DD`): string;
 * integer, real (never -0): number; bigint: bigint; boolean; timestamp: Date (milliseconds);
 * binary: Uint8Array; geoPoint: GeoJSON Point; json: a JSON value; list: array; object: plain object; no value: null.
 */
export type Value = unknown;

/** A row as engines take and give it: every top-level field of the entity by its name, null where there is no value. */
export type StoredRow = Record<string, Value>;

/** The bounds that a server can keep, because update operators can break them. */
export interface Bounds {
  /** Least value (integer, real, bigint, decimal as string, timestamp), least code points of a text, least items of a list. */
  readonly min?: number | bigint | string | Date | undefined;
  readonly max?: number | bigint | string | Date | undefined;
  /** decimal(precision, scale) */
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
}

/** A field that holds the key of another entity's row. */
export interface Reference {
  /** Name of the entity referred to, as given to `entity()`. */
  readonly entity: string;
  /** Field of that entity; null means its primary key. */
  readonly field: string | null;
  readonly onDelete: 'cascade' | 'restrict' | 'set null';
}

/** A field as engines see it: plain data made once by `entity()`. */
export interface FieldModel {
  /** Last segment of the path; for an item of a list, `[]`. */
  readonly name: string;
  /** Dotted path from the entity, such as `profile.firstName`; an item of a list is `tags[]`. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly kind: Kind;
  /** Declared `optional()`: it may be null itself. */
  readonly optional: boolean;
  /** A read may give null: it is optional, or an object above it is. */
  readonly nullable: boolean;
  /** Above the list or at it there is no list: the path can be filtered and patched. Items and what lies below are false. */
  readonly addressable: boolean;
  readonly hidden: boolean;
  readonly unique: boolean;
  /** Part of the primary key. */
  readonly key: boolean;
  /** The database makes the value (`serial()`, `bigserial()`): an insert may leave it out. */
  readonly serial: boolean;
  /** Name on the server, where `column()` gave one. */
  readonly column: string | null;
  readonly bounds: Bounds;
  /** The choices of an enum. */
  readonly values: readonly string[] | null;
  readonly references: Reference | null;
  /** The item of a list. Its path is `<list>[]`, never addressable. */
  readonly item: FieldModel | null;
  /** The fields of an object, in the order of their declaration. */
  readonly fields: readonly FieldModel[] | null;
  readonly role: 'createdAt' | 'updatedAt' | 'deletedAt' | 'version' | 'fence' | null;
}

/** Of a term of an order, and of a part of an index. */
export type Direction = 'asc' | 'desc';

/** An index as engines see it. */
export interface IndexModel {
  /** Name given by the user, or null: each engine derives one. */
  readonly name: string | null;
  readonly kind: 'ordinary' | 'unique' | 'geo' | 'search' | 'ttl';
  readonly parts: readonly {
    readonly field: FieldModel;
    readonly direction: Direction;
    readonly weight?: 'A' | 'B' | 'C' | 'D';
  }[];
  /** Partial index: the rows that it covers, as a list of simple tests that both engines can express. */
  readonly only: readonly IndexTest[];
  /** TTL: how long after the timestamp a row goes, in milliseconds. MongoDB only; on the others an ordinary index. */
  readonly after: number | null;
}

/** A test of the rows that a partial index covers. */
export interface IndexTest {
  readonly field: FieldModel;
  readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'isNull' | 'isNotNull';
  /** A canonical value; null for `isNull` and `isNotNull`. */
  readonly value: Value;
}

/** How field names become names on the server: `createdAt` as `created_at`, or as it is written. */
export type Naming = 'snake' | 'as-written';

/** An entity as engines see it: plain data made once by `entity()`. */
export interface EntityModel {
  /** A number of its own in this process: plan caches use it as a key. */
  readonly id: number;
  /** Name as given, `users` or `blog.posts`. */
  readonly name: string;
  /** `blog` of `blog.posts`, else null. */
  readonly schema: string | null;
  /** `posts` of `blog.posts`. */
  readonly table: string;
  readonly naming: Naming | null;
  readonly collation: 'C' | 'column';
  /** Top-level fields in the order of their declaration. */
  readonly fields: readonly FieldModel[];
  /** Every addressable path, nested ones too. */
  readonly paths: ReadonlyMap<string, FieldModel>;
  /** The primary key: one field, or the fields of a composite key in order. */
  readonly key: readonly FieldModel[];
  /** Every unique set, of one field or more, without the primary key. */
  readonly unique: readonly (readonly FieldModel[])[];
  /** Declared indexes (ordinary, geo, search, ttl); unique ones are in `unique`. */
  readonly indexes: readonly IndexModel[];
  readonly createdAt: FieldModel | null;
  readonly updatedAt: FieldModel | null;
  readonly deletedAt: FieldModel | null;
  readonly version: FieldModel | null;
  readonly fence: FieldModel | null;
}
