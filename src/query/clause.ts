import type { Direction, FieldModel } from '../schema/model.js';

/**
 * A filter after it was checked: what engines compile. Values are not in it, only the slots of `values` where they are,
 * so that equal shapes share one compiled plan.
 *
 * It is two-valued: a comparison with a null field is false, and `ne`, `noneOf`, `not` are complements (they include
 * the rows whose field is null). `not` stands only around leaves that have no complement of their own.
 */
export type Clause =
  /** `and` of nothing is true, `or` of nothing is false. */
  | { readonly op: 'and' | 'or'; readonly clauses: readonly Clause[]; readonly keyset?: Keyset | undefined }
  | { readonly op: 'not'; readonly clause: TextLeaf | ListLeaf }
  | Leaf;

/** A test of one field. */
export type Leaf = NullLeaf | ValueLeaf | SetLeaf | TextLeaf | ListLeaf;

/**
 * What an `or` of `keysetClause` means, in short: the rows behind one position of an order. An engine that has a better form for
 * it than the clauses may take that; the clauses mean the same.
 */
export type Keyset = readonly KeysetTerm[];

/** A term of an order, and the value of the position in it. */
export interface KeysetTerm {
  readonly field: FieldModel;
  readonly direction: Direction;
  /** Where the position's value is, or -1 where it is null. */
  readonly slot: number;
}

/** Whether the field has a value. */
export interface NullLeaf {
  readonly op: 'isNull' | 'isNotNull';
  readonly field: FieldModel;
}

/** One value, never null. `eq` and `ne` also compare whole lists of scalars; the others are for ordered kinds. */
export interface ValueLeaf {
  readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';
  readonly field: FieldModel;
  readonly slot: number;
}

/** `values[slot]` is an array, never empty, without nulls. `noneOf` includes the rows whose field is null. */
export interface SetLeaf {
  readonly op: 'anyOf' | 'noneOf';
  readonly field: FieldModel;
  readonly slot: number;
}

/** `values[slot]` is a literal text, never empty, of at most 1,000 code points. */
export interface TextLeaf {
  readonly op: 'contains' | 'startsWith' | 'endsWith';
  readonly field: FieldModel;
  readonly slot: number;
  /** Folds A-Z and nothing else. */
  readonly ignoreCase: boolean;
  /** `startsWith` with case: no text lies behind all that begin so (the prefix is all U+10FFFF): no upper bound. */
  readonly unbounded: boolean;
}

/** `has`: `values[slot]` is one item; `hasAny`, `hasAll`: an array of items, never empty. */
export interface ListLeaf {
  readonly op: 'has' | 'hasAny' | 'hasAll';
  readonly field: FieldModel;
  readonly slot: number;
}

/** Fits every row. */
export const TRUE: Clause = Object.freeze({ op: 'and', clauses: Object.freeze([]) as readonly Clause[] });
/** Fits no row. */
export const FALSE: Clause = Object.freeze({ op: 'or', clauses: Object.freeze([]) as readonly Clause[] });
