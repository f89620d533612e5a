import type { AnyEntity, Id, Row, Where } from '../schema/types.js';

/** The verbs whose hooks run. */
export type SavingVerb = 'insert' | 'insertMany' | 'update' | 'updateOne' | 'updateMany' | 'upsert' | 'getOrInsert';

/** An update operator of a call: `increment(1)` is `{ op: 'increment', value: 1 }`. */
export interface ChangeOperator {
  readonly op: 'increment' | 'minimum' | 'maximum' | 'push' | 'pull' | 'addToSet';
  /** The operand; of a list's operator the items. */
  readonly value: unknown;
}

/** What a hook is told beside the change. */
export interface HookContext<E extends AnyEntity = AnyEntity> {
  readonly verb: SavingVerb;
  /** Whether the change is of a new row or of one that is there. An `upsert` prepares both parts, and the server takes one. */
  readonly part: 'insert' | 'update';
  /** The update operators of the call, by path: no hook changes them. */
  readonly operators: Readonly<Record<string, ChangeOperator>>;
  /** The key, of `update`. */
  readonly id?: Id<E> | undefined;
  /** The filter, of `updateOne` and `updateMany`. */
  readonly where?: Where<E> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is about to be deleted. */
export interface DeleteContext<E extends AnyEntity = AnyEntity> {
  readonly verb: 'delete' | 'purge' | 'deleteMany';
  /** The key, of `delete` and `purge`. */
  readonly id?: Id<E> | undefined;
  /** The filter, of `deleteMany`. */
  readonly where?: Where<E> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A write that was done. */
export interface WriteEvent<E extends AnyEntity = AnyEntity> {
  readonly verb: SavingVerb | 'restore';
  readonly action: 'inserted' | 'updated' | 'restored';
  /** The rows that the caller gets; none of `updateMany`, which gives a number. */
  readonly rows: readonly Row<E>[];
  /** How many rows were written: never 0. */
  readonly count: number;
}

/** A deletion that was done. */
export interface DeleteEvent<E extends AnyEntity = AnyEntity> {
  readonly verb: 'delete' | 'purge' | 'deleteMany';
  /** The row that the caller gets; none of `deleteMany`, which gives a number. */
  readonly rows: readonly Row<E>[];
  /** How many rows were deleted: never 0. */
  readonly count: number;
}
