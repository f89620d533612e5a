import { createHash } from 'node:crypto';
import { expected, refuseUnknown } from '../core/engine-options.js';
import type { Migration, MigrationDatabase, MigrationWay, MigrationWork } from './migration.js';

/** Digits that order by their value. */
export const VERSION: RegExp = /^\d{1,32}$/;

/** Orders versions by their value: `9` before `10`, and `007` is `7`. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What is equal for versions of the same value. */
export function versionKey(version: string): string {
  return BigInt(version).toString();
}

/** SHA-256 of a text, in hex: whatever system it was checked out on. */
export function checksumOf(text: string): string {
  return createHash('sha256')
    .update(text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'))
    .digest('hex');
}

/** A migration in code. */
export interface MigrationCode<D extends MigrationDatabase = MigrationDatabase> {
  readonly up: MigrationWork<D>;
  /** @default none: it cannot be undone */
  readonly down?: MigrationWork<D> | undefined;
  /** Whether it runs in a transaction, together with its line in the ledger. @default true on PostgreSQL, false on MongoDB */
  readonly transaction?: boolean | undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['up', 'down', 'transaction']);

/**
 * Types the default export of a migration's file. A file may as well export `up`, `down` and `transaction` by these names.
 *
 * @throws TypeError for what is no migration
 * @example
 * ```ts
 * import type { PostgresDatabase } from 'trivet';
 * import { defineMigration } from 'trivet/migrate';
 *
 * export default defineMigration<PostgresDatabase>({
 *   up: async ({ db }) => {
 *     await db.query('alter table users add column nickname text');
 *   },
 *   down: async ({ db }) => {
 *     await db.query('alter table users drop column nickname');
 *   },
 * });
 * ```
 */
export function defineMigration<D extends MigrationDatabase = MigrationDatabase>(
  migration: MigrationCode<D>,
): MigrationCode<D> {
  refuseUnknown(migration, KNOWN);
  const { up, down, transaction } = migration;
  if (typeof up !== 'function') throw expected('up', 'a function', up);
  if (down !== undefined && typeof down !== 'function') throw expected('down', 'a function', down);
  if (transaction !== undefined && typeof transaction !== 'boolean')
    throw expected('transaction', 'true or false', transaction);
  return migration;
}

/** A migration as a value, for the list `migrations`. */
export interface MigrationValue<D extends MigrationDatabase = MigrationDatabase> {
  /** Digits that order it among the others. */
  readonly version: string;
  readonly name: string;
  /** Statements of SQL, or code. */
  readonly up: string | MigrationWork<D>;
  /** @default none: it cannot be undone */
  readonly down?: string | MigrationWork<D> | undefined;
  /** Whether it runs in a transaction. @default true for SQL; for code true on PostgreSQL, false on MongoDB */
  readonly transaction?: boolean | undefined;
}

const KNOWN_OF_VALUE: ReadonlySet<string> = new Set([...KNOWN, 'version', 'name']);

/**
 * Makes a migration without a file. Its checksum is of its SQL: code has none that stays the same from one build to the next.
 *
 * @throws TypeError for what is no migration
 * @example
 * ```ts
 * import { PostgresDatabase } from 'trivet';
 * import { Migrator, migration } from 'trivet/migrate';
 *
 * const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
 * const migrator = new Migrator(database, {
 *   migrations: [migration({ version: '1', name: 'users', up: 'create table users (id int)', down: 'drop table users' })],
 * });
 * ```
 */
export function migration<D extends MigrationDatabase = MigrationDatabase>(value: MigrationValue<D>): Migration<D> {
  refuseUnknown(value, KNOWN_OF_VALUE);
  const { version, name, up, down, transaction } = value;
  if (typeof version !== 'string' || !VERSION.test(version)) throw expected('version', 'digits', version);
  if (typeof name !== 'string' || name === '') throw expected('name', 'a text', name);
  if (transaction !== undefined && typeof transaction !== 'boolean')
    throw expected('transaction', 'true or false', transaction);
  const text = [up, down].map((way) => (typeof way === 'string' ? way : way === undefined ? 'none' : 'code'));
  return {
    version,
    name,
    up: wayOf(up, transaction, 'up'),
    down: down === undefined ? null : wayOf(down, transaction, 'down'),
    checksum: checksumOf(text.join('\0')),
    file: null,
  };
}

function wayOf<D extends MigrationDatabase>(
  way: string | MigrationWork<D>,
  transaction: boolean | undefined,
  option: string,
): MigrationWay<D> {
  if (typeof way === 'string') return { kind: 'sql', text: way, transaction: transaction ?? true };
  if (typeof way !== 'function') throw expected(option, 'SQL or a function', way);
  return { kind: 'code', work: way, transaction: transaction ?? null };
}
