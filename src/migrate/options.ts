import { hostname } from 'node:os';
import { basename } from 'node:path';
import { expected, positiveInteger, refuseUnknown, timeLimit } from '../core/engine-options.js';
import { type Duration, parseDuration } from '../util/duration.js';
import { VERSION } from './define.js';
import type { Migration, MigrationDatabase } from './migration.js';

/** Options of a `Migrator`. */
export interface MigratorOptions<D extends MigrationDatabase = MigrationDatabase> {
  /** A folder, which is read anew at each call, or migrations as values. */
  readonly migrations: string | readonly Migration<D>[];
  /** Table or collection that says what was applied; on PostgreSQL `schema.table` too, and the schema is made. @default 'trivet_migrations' */
  readonly ledger?: string | undefined;
  /** What becomes of a migration that is not applied although a later one is. @default 'refuse' */
  readonly outOfOrder?: 'refuse' | 'allow' | undefined;
  /** How long to wait while somebody else migrates; `0s` is not at all. @default '0s' */
  readonly wait?: Duration | undefined;
  /** Longest time of each migration; what runs then is cancelled. @default '1h' */
  readonly timeout?: Duration | undefined;
  /** How long a statement waits for a lock of PostgreSQL; null is without an end. Others queue behind a statement that waits. @default '10s' */
  readonly lockTimeout?: Duration | null | undefined;
  /** Imports a file of code by its path and gives its module. @default `import()` */
  readonly load?: ((file: string) => Promise<unknown>) | undefined;
}

/** The defaults of `MigratorOptions`. */
export const MIGRATOR_DEFAULTS: {
  readonly ledger: string;
  readonly outOfOrder: 'refuse' | 'allow';
  readonly wait: Duration;
  readonly timeout: Duration;
  readonly lockTimeout: Duration;
} = Object.freeze({
  ledger: 'trivet_migrations',
  outOfOrder: 'refuse',
  wait: '0s',
  timeout: '1h',
  lockTimeout: '10s',
});

/** Options after they were checked. */
export interface MigratorSettings<D extends MigrationDatabase = MigrationDatabase> {
  readonly migrations: string | readonly Migration<D>[];
  readonly ledger: string;
  readonly outOfOrder: 'refuse' | 'allow';
  readonly waitMs: number;
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number | null;
  readonly load: ((file: string) => Promise<unknown>) | null;
}

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(MIGRATOR_DEFAULTS), 'migrations', 'load']);

/** @throws TypeError that names the option and says what was expected */
export function migratorSettings<D extends MigrationDatabase>(options: MigratorOptions<D>): MigratorSettings<D> {
  refuseUnknown(options, KNOWN);
  const { migrations, load } = options;
  if (typeof migrations !== 'string' && !Array.isArray(migrations))
    throw expected('migrations', 'the path of a folder, or a list of migrations', migrations);
  if (migrations === '') throw expected('migrations', 'the path of a folder', migrations);
  const { ledger = MIGRATOR_DEFAULTS.ledger, outOfOrder = MIGRATOR_DEFAULTS.outOfOrder } = options;
  if (typeof ledger !== 'string' || ledger === '' || ledger.includes('\0'))
    throw expected('ledger', 'the name of a table or collection', ledger);
  if (outOfOrder !== 'refuse' && outOfOrder !== 'allow')
    throw expected('outOfOrder', "'refuse' or 'allow'", outOfOrder);
  if (load !== undefined && typeof load !== 'function') throw expected('load', 'a function', load);
  const { wait = MIGRATOR_DEFAULTS.wait, lockTimeout = MIGRATOR_DEFAULTS.lockTimeout } = options;
  return {
    migrations,
    ledger,
    outOfOrder,
    waitMs: parseDuration(wait, 'wait'),
    timeoutMs: timeLimit(options.timeout ?? MIGRATOR_DEFAULTS.timeout, 'timeout'),
    lockTimeoutMs: lockTimeout === null ? null : timeLimit(lockTimeout, 'lockTimeout'),
    load: load ?? null,
  };
}

/** What a verb may be given. */
export interface VerbOptions {
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
  /** Ends the call; what runs is cancelled. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws TypeError that names the option and says what was expected */
export function verbOptions<O extends object>(options: O | undefined, known: readonly string[]): O {
  const given = options ?? ({} as O);
  refuseUnknown(given, new Set(known));
  const { to, steps, signal } = given as VerbOptions;
  if (to !== undefined) checkVersion(to, 'to');
  if (steps !== undefined) positiveInteger(steps, 'steps');
  if (to !== undefined && steps !== undefined) throw new TypeError('Expected either `to` or `steps`, got both');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw expected('signal', 'an AbortSignal', signal);
  return given;
}

/** @throws TypeError for what is no version */
export function checkVersion(version: unknown, option: string): string {
  if (typeof version === 'string' && VERSION.test(version)) return version;
  throw expected(option, "the version of a migration, such as '20261126093000'", version);
}

/** @throws TypeError for what is no list of versions */
export function checkVersions(versions: unknown, option: string): readonly string[] {
  if (!Array.isArray(versions)) throw expected(option, 'a list of versions', versions);
  return versions.map((version) => checkVersion(version, option));
}

const LONGEST_HOST = 24;

/** How this process names itself to others that want to migrate. */
export function ownName(): string {
  const program = basename(process.argv[1] ?? 'node').slice(0, LONGEST_HOST);
  return `${hostname().slice(0, LONGEST_HOST)} (process ${process.pid} of ${program})`;
}
