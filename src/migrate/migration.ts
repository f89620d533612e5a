import type { MongoDatabase } from '../mongo/database.js';
import type { PostgresDatabase } from '../postgres/database.js';

/** The databases that can be migrated. */
export type MigrationDatabase = PostgresDatabase | MongoDatabase;

/** What a migration in code is given. */
export interface MigrationContext<D extends MigrationDatabase = MigrationDatabase> {
  /** Calls on it join the migration's transaction, where it has one; repositories may be made with it. */
  readonly db: D;
  /** Aborts when the migration must end: by its timeout, the caller's signal or a lost lock. */
  readonly signal: AbortSignal;
  /** Tells how far long work is: `progress(3_000, 10_000)`. `total` is null where it is not known. */
  progress(done: number, total?: number | null): void;
}

/** One way of a migration in code. */
export type MigrationWork<D extends MigrationDatabase = MigrationDatabase> = (
  context: MigrationContext<D>,
) => unknown | Promise<unknown>;

/**
 * One way of a migration: statements of SQL, which only PostgreSQL knows, or code. Where code does not say whether it runs in a transaction, `transaction`
 * is null until a migrator has filled in what its engine does.
 */
export type MigrationWay<D extends MigrationDatabase = MigrationDatabase> =
  | { readonly kind: 'sql'; readonly text: string; readonly transaction: boolean }
  | { readonly kind: 'code'; readonly work: MigrationWork<D>; readonly transaction: boolean | null };

/** A step of the schema's history: read from a file, or made by `migration()`. */
export interface Migration<D extends MigrationDatabase = MigrationDatabase> {
  /** Digits; it orders the migrations by its value: `001`, or `20261126093000`. */
  readonly version: string;
  /** Such as `add_users`. */
  readonly name: string;
  readonly up: MigrationWay<D>;
  /** Null: it cannot be undone. */
  readonly down: MigrationWay<D> | null;
  /** SHA-256, in hex, of what it is made of: line ends count as one, so that a checkout on another system is the same. */
  readonly checksum: string;
  /** Path of its file; null for one that was given as a value. */
  readonly file: string | null;
}

export type MigrationDirection = 'up' | 'down';
