import { reasonOf } from '../util/describe.js';
import { type ErrorDetails, TrivetError } from './error.js';

/** What the errors of a migration say beside what every error does. */
export interface MigrationErrorDetails extends ErrorDetails {
  /** Version of the migration; null where it is about several or none. */
  readonly version: string | null;
}

abstract class MigrationError extends TrivetError {
  /** Version of the migration; null where it is about several or none. */
  readonly version: string | null;

  constructor(message: string, { version, ...details }: MigrationErrorDetails) {
    super(message, details);
    this.version = version;
  }
}

/** What is known of the step of a migration that failed. */
export interface MigrationFailure extends MigrationErrorDetails {
  readonly version: string;
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** Which statement of an SQL migration failed, from 1; null for one in code. */
  readonly statement: number | null;
  /** Where it stands, such as `migrations/003_orders.sql:14`. */
  readonly place?: string | undefined;
  /** Whether something of it may be stored: it did not run in a transaction, or nobody knows how the transaction ended. */
  readonly dirty: boolean;
}

const DIRTY = 'It did not run in a transaction, so a part of it may be stored: look, then `repair`';
const UNKNOWN = 'Whether it is stored is not known: `status` tells it when the server answers again';

/**
 * A migration failed. In a transaction nothing of it is stored; without one it is `dirty`, and no other runs before `repair`.
 * `cause` is what was thrown.
 */
export class MigrationFailedError extends MigrationError {
  static override readonly code: string = 'MIGRATION_FAILED';
  readonly direction: 'up' | 'down';
  /** Which statement of an SQL migration failed, from 1; null for one in code. */
  readonly statement: number | null;
  /** Whether something of it may be stored. */
  readonly dirty: boolean;

  constructor({ name, direction, statement, place, dirty, ...details }: MigrationFailure) {
    const at = place === undefined ? '' : ` (${place})`;
    const where = statement === null ? at : `, statement ${statement}${at}`;
    const state = dirty ? (details.outcome === 'unknown' ? UNKNOWN : DIRTY) : 'Nothing of it is stored';
    super(
      `The ${direction} of migration ${details.version} (${name}) failed${where}: ${reasonOf(details.cause)}. ${state}`,
      details,
    );
    this.direction = direction;
    this.statement = statement;
    this.dirty = dirty;
  }
}

/** Why a history does not fit the migrations that are there. */
export type HistoryProblemKind = 'dirty' | 'edited' | 'missing' | 'out-of-order' | 'newer-ledger';

/** One thing of the ledger that does not fit. */
export interface HistoryProblem {
  readonly kind: HistoryProblemKind;
  /** Null for what is about the ledger as a whole. */
  readonly version: string | null;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** What the ledger says does not fit the migrations that are there. Nothing was done. */
export class MigrationHistoryError extends MigrationError {
  static override readonly code: string = 'MIGRATION_HISTORY';
  readonly problems: readonly HistoryProblem[];

  constructor(problems: readonly HistoryProblem[], details: ErrorDetails = {}) {
    super(problems.map(({ message }) => message).join(' '), {
      version: problems.length === 1 ? problems[0]!.version : null,
      ...details,
    });
    this.problems = problems;
  }
}

/** Who holds the lock of a ledger. What the server does not tell is null. */
export interface LockHolder {
  /** Such as `deploy-7 (process 4711 of app)`, as the holder named itself. */
  readonly who: string;
  /** Where it came from: an address or a host. */
  readonly from: string | null;
  readonly since: Date | null;
  /** What it is doing now, such as its statement, cut. */
  readonly doing: string | null;
}

/** Somebody else migrates this database, and did not end within `wait`. Nothing was done. */
export class MigrationLockedError extends MigrationError {
  static override readonly code: string = 'MIGRATION_LOCKED';
  /** Null when it ended meanwhile. */
  readonly holder: LockHolder | null;

  constructor(holder: LockHolder | null, details: ErrorDetails = {}) {
    const by = holder === null ? 'another process' : described(holder);
    super(
      `The migrations are locked by ${by}. Wait for it (\`wait\`); if it is gone for good, \`unlock\`, which ends its work`,
      { version: null, retryable: true, ...details },
    );
    this.holder = holder;
  }
}

/** The lock was lost while migrations ran: its connection broke, or `unlock` took it away. What runs is ended. */
export class MigrationLockLostError extends MigrationError {
  static override readonly code: string = 'MIGRATION_LOCK_LOST';
}

/** A migration says no way back. Nothing was done. */
export class IrreversibleMigrationError extends MigrationError {
  static override readonly code: string = 'MIGRATION_IRREVERSIBLE';

  constructor(version: string, name: string) {
    super(`Migration ${version} (${name}) has no \`down\`: write one, or restore what was there before it`, {
      version,
    });
  }
}

/** Where a file of migrations is wrong. */
export interface MigrationPlace {
  /** Path of the file, or of the folder; null for a migration that was given as a value. */
  readonly file: string | null;
  /** From 1; null where it is about the file as a whole. */
  readonly line: number | null;
}

/** A migration cannot be read, or cannot be run as it is written. Nothing was done. */
export class MigrationFileError extends MigrationError {
  static override readonly code: string = 'MIGRATION_FILE';
  readonly file: string | null;
  readonly line: number | null;

  constructor(message: string, { file, line, ...details }: MigrationPlace & MigrationErrorDetails) {
    const place = file === null ? '' : `${file}${line === null ? '' : `:${line}`}: `;
    super(`${place}${message}`, details);
    this.file = file;
    this.line = line;
  }
}

function described({ who, from, since, doing }: LockHolder): string {
  const place = from === null ? '' : ` from ${from}`;
  const start = since === null ? '' : ` since ${since.toISOString()}`;
  return `${who}${place}${start}${doing === null ? '' : ` (${doing})`}`;
}
