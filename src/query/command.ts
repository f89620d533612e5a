import type { Direction, EntityModel, FieldModel, IndexModel, StoredRow } from '../schema/model.js';
import type { CalendarUnit } from '../util/calendar.js';
import type { Position } from '../util/sphere.js';
import type { Clause } from './clause.js';
import type { SearchTerms } from './search-text.js';

/** A field in an order. */
export interface OrderTerm {
  readonly field: FieldModel;
  readonly direction: Direction;
}

/**
 * One change of a patch. `slot` points into the command's `values`.
 * `clear` sets null and has no slot (-1). Nested paths create the objects above them, but `clear` never does.
 * `increment`: from 0 where null. `minimum`/`maximum`: take the value where null. `push`/`addToSet`: `values[slot]` is an array of
 * items, from the empty list where null; `addToSet` adds each item that is not in the list yet, once. `pull`: `values[slot]` is an array of items,
 * every occurrence goes, null stays null.
 */
export interface Assignment {
  readonly field: FieldModel;
  readonly op: 'set' | 'clear' | 'increment' | 'minimum' | 'maximum' | 'push' | 'pull' | 'addToSet';
  readonly slot: number;
}

interface Filtered {
  readonly entity: EntityModel;
  /** Equal for commands of one kind and entity that differ only in `values`, `limit`, `offset`, and where and how far `near` looks. Together with kind and entity id: the key of a plan. */
  readonly shape: string;
  readonly where: Clause;
  readonly values: readonly unknown[];
}

/** How strong a lock of rows is, from the one that keeps off most to the one that keeps off least. */
export type LockStrength = 'update' | 'no key update' | 'share' | 'key share';

/** A lock of the rows that a find gives, to the end of the transaction. */
export interface RowLock {
  readonly strength: LockStrength;
  /** What becomes of rows that others have locked. */
  readonly onLocked: 'wait' | 'skip' | 'fail';
}

/**
 * Gives `StoredRow[]`, each with the fields of `select` only. `limit` is null for all rows, never 0.
 *
 * With `perParent`, only the first `limit` rows (in `orderBy`, which is total) of each value of `field`, in that order among themselves; rows without a
 * value are left out by `where`. Then there is no `limit` and no `offset`, and it is never streamed. `shape` tells its field.
 */
export interface FindCommand extends Filtered {
  readonly kind: 'find';
  /** Only an engine whose own repository takes locks is given one. Part of the shape. */
  readonly lock?: RowLock | undefined;
  readonly select: readonly FieldModel[];
  readonly orderBy: readonly OrderTerm[];
  readonly limit: number | null;
  readonly offset: number;
  readonly perParent?: { readonly field: FieldModel; readonly limit: number };
  /**
   * The position of a row in `orderBy` is wanted to the microsecond: an engine that stores more than milliseconds marks the dates of these fields
   * (`withMicros`), and compares with the marks of `values`. Part of the shape.
   */
  readonly exactTimes?: boolean | undefined;
}

/** Gives a number. */
export interface CountCommand extends Filtered {
  readonly kind: 'count';
  /** Counts no further than this; whether it is given is part of the shape. */
  readonly limit?: number | undefined;
  /** The engine answers from its statistics, in no time and roughly; 0 where it has none. Only for a filter that is `TRUE`; part of the shape. */
  readonly estimate?: boolean | undefined;
}

/** Gives a boolean. */
export interface ExistsCommand extends Filtered {
  readonly kind: 'exists';
}

/** Gives the distinct values of a path in ascending order; null first, when a row has none. */
export interface DistinctCommand extends Filtered {
  readonly kind: 'distinct';
  readonly field: FieldModel;
}

/**
 * What rows are grouped by. `value`: the field's value, null too. `item`: each item of the list `field`, one group for every
 * occurrence; rows whose list is null or empty drop out. `bucket`: the beginning of the hour, day... that the timestamp lies in,
 * in UTC, or in the time zone `values[zoneSlot]`, which only days and longer have; weeks begin on Monday.
 */
export type GroupKey =
  | { readonly by: 'value'; readonly field: FieldModel }
  | { readonly by: 'item'; readonly field: FieldModel }
  | {
      readonly by: 'bucket';
      readonly field: FieldModel;
      readonly unit: CalendarUnit;
      readonly zoneSlot: number | null;
    };

/** What is measured of each group. `field` is null for `count` alone. */
export type GroupMeasure =
  | { readonly op: 'count'; readonly field: null }
  | { readonly op: 'sum' | 'avg' | 'min' | 'max' | 'countDistinct'; readonly field: FieldModel };

/**
 * Gives a row for each group: the values of `keys`, then those of `measures`, under the names of `columns`. Without keys there is
 * one group, of no rows too. Nulls do not count, but for `count`; nothing sums to 0, and has null as `avg`, `min` and `max`. `avg` is
 * the exact sum over the count. A sum of integers may come rounded where it is past 2^53, and a real one infinite: the caller refuses it.
 */
export interface GroupCommand extends Filtered {
  readonly kind: 'group';
  readonly keys: readonly GroupKey[];
  readonly measures: readonly GroupMeasure[];
  /** A field of the result for each key, then for each measure: its name, its kind, and whether it can be null. */
  readonly columns: readonly FieldModel[];
  /** A filter of the groups: its fields are of `columns`. */
  readonly having: Clause;
  /** A total order; its fields are of `columns`. Empty only without keys. */
  readonly orderBy: readonly OrderTerm[];
  readonly limit: number | null;
  readonly offset: number;
}

/**
 * Gives the rows that fit and hold the terms, each with its rank as `score`, which no field is called: the best first, the key breaks
 * ties. A term of several words lies in one field. How many terms there are, and of how many words, is no part of the shape.
 */
export interface SearchCommand extends Filtered {
  readonly kind: 'search';
  readonly terms: SearchTerms;
  /** Of kind `search`. */
  readonly index: IndexModel;
  /** The fields that are looked through: some of the index's, or all. */
  readonly fields: readonly FieldModel[];
  readonly select: readonly FieldModel[];
  readonly limit: number;
  readonly offset: number;
}

/**
 * Gives the rows whose point is at least `minDistance` and at most `maxDistance` metres from `origin`, nearest first, then in `orderBy`, the key. Each has
 * the fields of `select`, and under `distance` the metres, as `distanceBetween` gives them. Rows without a point are not among them.
 */
export interface NearCommand extends Filtered {
  readonly kind: 'near';
  readonly field: FieldModel;
  readonly origin: Position;
  readonly minDistance: number;
  /** Infinite where there is none. */
  readonly maxDistance: number;
  readonly orderBy: readonly OrderTerm[];
  readonly select: readonly FieldModel[];
  /** Never 0. */
  readonly limit: number;
  readonly offset: number;
}

/** Gives the stored rows in the order of `rows`, all or nothing. Every field is in each row; fields of `serial` are absent from it where the database makes them. */
export interface InsertCommand {
  readonly kind: 'insert';
  readonly entity: EntityModel;
  /** Equal for inserts that leave the same serial fields to the database and have the same `select`. */
  readonly shape: string;
  readonly rows: readonly StoredRow[];
  readonly select: readonly FieldModel[];
}

/**
 * `many`: changes all rows that match, all or nothing, and gives the number of rows matched.
 * Otherwise: changes the first row that matches in `orderBy`, atomically, and gives it as changed, or null.
 */
export interface UpdateCommand extends Filtered {
  readonly kind: 'update';
  readonly assignments: readonly Assignment[];
  readonly many: boolean;
  readonly orderBy: readonly OrderTerm[];
  readonly select: readonly FieldModel[];
}

/**
 * Inserts `row`, or applies `assignments` (slots in `values`) to the row that has the same value in `on`; soft-deleted rows do not count.
 * Gives `UpsertResult`. `on` is the primary key or a unique set, its values in `row` are never null.
 *
 * With a `guard` (slots in `values`, part of the shape) the row that is there must fit it; else it is a `DuplicateKeyError` of `on`.
 */
export interface UpsertCommand {
  readonly kind: 'upsert';
  readonly entity: EntityModel;
  readonly shape: string;
  readonly row: StoredRow;
  readonly on: readonly FieldModel[];
  readonly assignments: readonly Assignment[];
  readonly guard?: Clause | undefined;
  readonly values: readonly unknown[];
  readonly select: readonly FieldModel[];
}

/** The row as it is stored now, and what was done to it. */
export interface UpsertResult {
  readonly row: StoredRow;
  readonly action: 'inserted' | 'updated';
}

/**
 * Many updates of one row each, which differ only in their values: `each` holds those of every one, where an update has `values`.
 * `where` pins the key, and no two are of one row. All or nothing; gives the number of rows matched.
 */
export interface UpdateEachCommand {
  readonly kind: 'updateEach';
  readonly entity: EntityModel;
  readonly shape: string;
  readonly where: Clause;
  readonly assignments: readonly Assignment[];
  readonly each: readonly (readonly unknown[])[];
}

/**
 * Many upserts, no two with the same values in `on`. A row that is there takes the fields `taken` from its element of `rows`, and then
 * `assignments`, which are for all of them. All or nothing; gives `UpsertCounts`.
 */
export interface UpsertManyCommand {
  readonly kind: 'upsertMany';
  readonly entity: EntityModel;
  readonly shape: string;
  readonly rows: readonly StoredRow[];
  readonly on: readonly FieldModel[];
  readonly taken: readonly FieldModel[];
  readonly assignments: readonly Assignment[];
  /** As of `UpsertCommand`. */
  readonly guard?: Clause | undefined;
  readonly values: readonly unknown[];
}

/** What became of the rows of many upserts. */
export interface UpsertCounts {
  readonly inserted: number;
  readonly updated: number;
}

/** `many`: gives the number of rows deleted. Otherwise the row that was deleted, or null. */
export interface DeleteCommand extends Filtered {
  readonly kind: 'delete';
  readonly many: boolean;
  readonly select: readonly FieldModel[];
}

/** Makes what is missing (tables, collections, columns, checks, keys, indexes, validators), alters and drops nothing. Gives `SchemaReport`. */
export interface EnsureSchemaCommand {
  readonly kind: 'ensureSchema';
  readonly entities: readonly EntityModel[];
}

/** What `ensureSchema` did and found. */
export interface SchemaReport {
  /** What was made, such as `table users`, `index users_email_key`. Empty when nothing was missing. */
  readonly created: readonly string[];
  /** What differs from the entity and was left alone, a sentence each. */
  readonly drift: readonly string[];
}

/** A command that changes nothing. */
export type ReadCommand =
  | FindCommand
  | CountCommand
  | ExistsCommand
  | DistinctCommand
  | GroupCommand
  | NearCommand
  | SearchCommand;
/** A command that changes rows. */
export type WriteCommand =
  | InsertCommand
  | UpdateCommand
  | UpdateEachCommand
  | UpsertCommand
  | UpsertManyCommand
  | DeleteCommand;
/** What a verb asks of a database: plain data, checked. */
export type Command = ReadCommand | WriteCommand | EnsureSchemaCommand;
