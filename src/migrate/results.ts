import type { HistoryProblem, LockHolder } from '../errors/migration.js';
import type { MigrationDirection } from './migration.js';

/**
 * `applied`, `baseline`: in the database. `pending`: to be applied. `dirty`: left half-way. `running`: somebody is at it. `missing`: in the database,
 * and its file is gone.
 */
export type MigrationState = 'applied' | 'baseline' | 'pending' | 'dirty' | 'running' | 'missing';

/** A migration, as the ledger and the files together know it. */
export interface MigrationStatus {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
  /** Its file is not what was applied. */
  readonly edited: boolean;
  /** It is pending, and a later one is applied. */
  readonly outOfOrder: boolean;
  /** Whether it can be undone; null where its file is gone. */
  readonly reversible: boolean | null;
  readonly at: Date | null;
  readonly durationMs: number | null;
  readonly by: string | null;
}

export interface MigratorStatus {
  /** In the order of their versions. */
  readonly migrations: readonly MigrationStatus[];
  readonly pending: number;
  readonly problems: readonly HistoryProblem[];
  /** Who migrates just now; null when nobody does. */
  readonly holder: LockHolder | null;
}

/** What would be done. */
export interface PlannedStep {
  readonly version: string;
  readonly name: string;
  readonly direction: MigrationDirection;
  readonly transaction: boolean;
  /** The statements of an SQL migration; null for one in code, which nobody can know before it runs. */
  readonly statements: readonly string[] | null;
}

export interface MigrationPlan {
  readonly steps: readonly PlannedStep[];
  /** What would be refused, or is dangerous: a sentence each. */
  readonly warnings: readonly string[];
}

/** What was done. */
export interface MigratedStep {
  readonly version: string;
  readonly name: string;
  readonly direction: MigrationDirection;
  readonly durationMs: number;
}

export interface MigrationReport {
  /** In the order in which it was done; empty when there was nothing to do. */
  readonly steps: readonly MigratedStep[];
}

/** What a migrator tells while it works. */
export interface MigratorEvents extends Record<string, readonly unknown[]> {
  readonly waiting: readonly [holder: LockHolder | null];
  readonly started: readonly [step: PlannedStep];
  readonly progress: readonly [step: PlannedStep, done: number, total: number | null];
  readonly finished: readonly [step: MigratedStep];
  readonly failed: readonly [step: PlannedStep, error: unknown];
}

/** What `repair` has changed in the ledger. */
export interface RepairReport {
  /** Versions that count as applied now. */
  readonly applied: readonly string[];
  /** Versions whose lines were taken out: they are pending. */
  readonly forgotten: readonly string[];
  /** Versions whose checksum is that of their file now. */
  readonly checksums: readonly string[];
  /** What is still wrong. */
  readonly problems: readonly HistoryProblem[];
}
