import type { LockHolder } from '../errors/migration.js';
import type { Migration, MigrationDatabase, MigrationDirection } from './migration.js';

/**
 * `applied`: it is in the database. `applying`, `reverting`: it runs without a transaction, or it was left half-way and is dirty, which is so when
 * nobody holds the lock. `baseline`: taken for applied, because the database was there before the ledger.
 */
export type EntryState = 'applied' | 'applying' | 'reverting' | 'baseline';

/** A line of the ledger. */
export interface LedgerEntry {
  readonly version: string;
  readonly name: string;
  /** Null in lines of a ledger from before there were checksums. */
  readonly checksum: string | null;
  readonly state: EntryState;
  /** When it began, by the clock of the server. */
  readonly at: Date;
  /** Null while it is not done. */
  readonly durationMs: number | null;
  /** How many statements of an SQL migration are known to be done; null for one in code. */
  readonly statements: number | null;
  /** Who ran it, such as `app on deploy-7`; null where it was not kept. */
  readonly by: string | null;
}

/** A migration to be carried out in one direction. */
export interface Step<D extends MigrationDatabase = MigrationDatabase> {
  readonly migration: Migration<D>;
  readonly direction: MigrationDirection;
}

/** What is told while a step runs. */
export interface StepWatch {
  /** Of `total` statements, `done` are done; or what code says of itself. */
  progress(done: number, total: number | null): void;
}

export interface StepOptions {
  readonly signal: AbortSignal | undefined;
  /** Longest time for the step. */
  readonly timeoutMs: number;
  /** How long a statement waits for a lock of the server; null: as long as it takes. PostgreSQL alone knows it. */
  readonly lockTimeoutMs: number | null;
  readonly watch: StepWatch;
}

export interface LockRequest {
  /** How long to wait for whoever has the lock; 0: not at all. */
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  /** How the holder names itself to others. */
  readonly who: string;
  /** Told once when it has to wait. */
  readonly waiting: (holder: LockHolder | null) => void;
}

/** What an engine is to a migrator. It reads without making anything: what writes goes through `lock`. */
export interface MigrationEngine<D extends MigrationDatabase = MigrationDatabase> {
  readonly database: D;
  /** Name for messages: never a credential. */
  readonly resource: string;
  /** Whether a migration in code runs in a transaction unless it says otherwise. */
  readonly transactional: boolean;
  /** The ledger's lines in the order of their versions; empty where there is no ledger. @throws MigrationHistoryError for a ledger of a newer format */
  history(signal?: AbortSignal): Promise<readonly LedgerEntry[]>;
  /** Who holds the lock; null when nobody does. */
  holder(signal?: AbortSignal): Promise<LockHolder | null>;
  /** Takes the lock, on a connection of its own, and makes the ledger, or brings one of an older format up to date. @throws MigrationLockedError */
  lock(request: LockRequest): Promise<LockedLedger<D>>;
  /** Takes the lock away from whoever holds it, and ends its work as far as the server can. Null: nobody held it. */
  unlock(): Promise<LockHolder | null>;
}

/** The ledger in the hands of the one who holds its lock. */
export interface LockedLedger<D extends MigrationDatabase = MigrationDatabase> {
  /** Aborts, with `MigrationLockLostError` as its reason, when the lock is lost. */
  readonly signal: AbortSignal;
  history(): Promise<readonly LedgerEntry[]>;
  /**
   * Carries a step out and writes it down: both in one transaction where the step has one; else it is `applying` or `reverting` first.
   * Gives the line as it stands then, null when it was undone. @throws MigrationFailedError
   */
  run(step: Step<D>, options: StepOptions): Promise<LedgerEntry | null>;
  /** Writes lines down as they are (baseline, repair): all or none. Those of the same version are replaced. */
  write(entries: readonly Omit<LedgerEntry, 'at' | 'by'>[]): Promise<void>;
  /** Takes lines out (repair); those that are not there do not matter. */
  forget(versions: readonly string[]): Promise<void>;
  /** Never throws: a lock that cannot be given back ends with its connection or its time. Idempotent. */
  release(): Promise<void>;
}
