import type { GroupCommand } from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import type { Document } from './client.js';
import type { FilterOf } from './compile-where.js';
import type { ReadRow } from './documents.js';

// What is kept of a compiled command: functions of its values, and what does not depend on them.

/** Of a count, of `exists`. */
export interface FilterPlan {
  readonly filter: FilterOf;
}

/** Of a find. */
export interface FindPlan {
  readonly filter: FilterOf;
  /** Absent where a whole document is read: leaving fields out costs the server more than sending them. */
  readonly projection: Document | undefined;
  readonly sort: Document | undefined;
  readonly read: ReadRow;
}

/** Of a search. */
export interface SearchPlan extends FindPlan {
  /** Where the fields are that are looked through. */
  readonly paths: readonly string[];
}

/** Of the distinct values of a field. */
export interface DistinctPlan extends FilterPlan {
  readonly field: FieldModel;
  readonly path: string;
}

/** Of a `groupBy`. */
export interface GroupPlan {
  pipeline(command: GroupCommand): Document[];
  readonly read: ReadRow;
}

/** Of `near`. */
export interface NearPlan extends FilterPlan {
  readonly path: string;
  readonly projection: Document | undefined;
  readonly sort: Document;
  readonly read: ReadRow;
}

/** From the values of a command to its update document; an empty one changes nothing. */
export type ChangeOf = (values: readonly unknown[]) => Document;

/** A change of documents that are told apart by a filter. */
export interface EachPlan extends FilterPlan {
  readonly change: ChangeOf;
}

/** Of an update. */
export interface UpdatePlan {
  readonly filter: FilterOf;
  readonly change: ChangeOf;
  readonly sort: Document | undefined;
  readonly projection: Document | undefined;
  readonly read: ReadRow;
}

/** Of a deletion. */
export interface DeletePlan {
  readonly filter: FilterOf;
  readonly projection: Document | undefined;
  readonly read: ReadRow;
}
