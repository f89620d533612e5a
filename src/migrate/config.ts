import type { MongoDatabase } from '../mongo/database.js';
import type { PostgresDatabase } from '../postgres/database.js';
import type { AnyEntity } from '../schema/types.js';
import type { Duration } from '../util/duration.js';
import type { Migration, MigrationDatabase } from './migration.js';
import type { Seed } from './seed/seed.js';

/** One database, and what belongs to it. Paths are relative to the file of the configuration. */
export interface DatabaseConfig<D extends MigrationDatabase = MigrationDatabase> {
  /** A database, or a function that gives one: it is called when a command needs it. It is closed in the end. */
  readonly database: D | (() => D | Promise<D>);
  /**
   * Folder of the migrations, or values made by `migration()`.
   * @default './migrations'
   */
  readonly migrations?: string | readonly Migration<D>[] | undefined;
  /**
   * Folder of the seeds, or values made by `defineSeed()`.
   * @default './seeds'
   */
  readonly seeds?: string | readonly Seed<D>[] | undefined;
  /** What `schema diff` and `schema ensure` compare the database with; a function is called when they need it. */
  readonly entities?: readonly AnyEntity[] | (() => readonly AnyEntity[] | Promise<readonly AnyEntity[]>) | undefined;
  /**
   * Table (on PostgreSQL `schema.table` too) or collection where it is kept which migrations are applied.
   * @default 'trivet_migrations'
   */
  readonly ledger?: string | undefined;
  /**
   * What happens to a pending migration that is older than one that is applied.
   * @default 'refuse'
   */
  readonly outOfOrder?: 'refuse' | 'allow' | undefined;
  /**
   * How long to wait for who has the lock; `--wait` goes before it.
   * @default '0s'
   */
  readonly wait?: Duration | undefined;
  /**
   * Longest time for each migration.
   * @default '1h'
   */
  readonly timeout?: Duration | undefined;
  /**
   * How long a statement of a migration waits for a lock of PostgreSQL; null: as long as it takes.
   * @default '10s'
   */
  readonly lockTimeout?: Duration | null | undefined;
}

/** Several databases, by name: `--database` chooses. */
export interface DatabasesConfig {
  readonly databases: Readonly<Record<string, DatabaseConfig<PostgresDatabase> | DatabaseConfig<MongoDatabase>>>;
}

/** What `trivet.config.{ts,mts,js,mjs,cjs}` exports. */
export type TrivetConfig = DatabaseConfig<PostgresDatabase> | DatabaseConfig<MongoDatabase> | DatabasesConfig;

/**
 * Types the default export of `trivet.config.ts`, and gives it as it is; the command line checks it.
 *
 * @example
 * ```ts
 * import { entity, integer, PostgresDatabase, text } from 'trivet';
 * import { defineConfig } from 'trivet/migrate';
 *
 * const User = entity('users', { id: integer().primaryKey(), name: text().max(80) });
 *
 * export default defineConfig({
 *   database: () => new PostgresDatabase({ url: 'postgres://app@localhost:5432/shop' }),
 *   migrations: './migrations',
 *   entities: [User],
 * });
 * ```
 */
export function defineConfig<const C extends TrivetConfig>(config: C): C {
  return config;
}
