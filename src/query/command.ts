import type { Direction, EntityModel, FieldModel, StoredRow, Value } from '../schema/model.js';
import type { Clause } from './clause.js';

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
  /** Equal for commands of one kind and entity that differ only in `values`, `limit` and `offset`. Together with kind and entity id: the key of a plan. */
  readonly shape: string;
  readonly where: Clause;
  readonly values: readonly unknown[];
}

/**
 * Gives `StoredRow[]`, each with the fields of `select` only. `limit` is null for all rows, never 0.
 *
 * With `perParent`, only the first `limit` rows (in `orderBy`, which is total) of each value of `field`, in that order among themselves; rows without a
 * value are left out by `where`. Then there is no `limit` and no `offset`, and it is never streamed. `shape` tells its field.
 */
export interface FindCommand extends Filtered {
  readonly kind: 'find';
  readonly select: readonly FieldModel[];
  readonly orderBy: readonly OrderTerm[];
  readonly limit: number | null;
  readonly offset: number;
  readonly perParent?: { readonly field: FieldModel; readonly limit: number };
}

/** Gives `ParentCount[]`: how many of the rows that fit have each value of `field`. `where` leaves out the rows without a value. */
export interface CountByCommand extends Filtered {
  readonly kind: 'countBy';
  readonly field: FieldModel;
}

export interface ParentCount {
  readonly value: Value;
  readonly count: number;
}

/** Gives a number. */
export interface CountCommand extends Filtered {
  readonly kind: 'count';
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

/** Gives the stored rows in the order of `rows`, all or nothing. Every field is in each row; fields of `serial` are absent from it where the database makes them. */
export interface InsertCommand {
  readonly kind: 'insert';
  readonly entity: EntityModel;
  /** Names of the serial fields that the rows leave to the database, joined; usually ''. */
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
 */
export interface UpsertCommand {
  readonly kind: 'upsert';
  readonly entity: EntityModel;
  readonly shape: string;
  readonly row: StoredRow;
  readonly on: readonly FieldModel[];
  readonly assignments: readonly Assignment[];
  readonly values: readonly unknown[];
  readonly select: readonly FieldModel[];
}

export interface UpsertResult {
  readonly row: StoredRow;
  readonly action: 'inserted' | 'updated';
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

export interface SchemaReport {
  /** What was made, such as `table users`, `index users_email_key`. Empty when nothing was missing. */
  readonly created: readonly string[];
  /** What differs from the entity and was left alone, a sentence each. */
  readonly drift: readonly string[];
}

export type ReadCommand = FindCommand | CountCommand | CountByCommand | ExistsCommand | DistinctCommand;
export type WriteCommand = InsertCommand | UpdateCommand | UpsertCommand | DeleteCommand;
export type Command = ReadCommand | WriteCommand | EnsureSchemaCommand;
