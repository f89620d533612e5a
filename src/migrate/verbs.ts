/** Options of a verb. */
export interface SignalOptions {
  /** Ends the call with `AbortedError`; of a migration that runs, which is cancelled on the server, with `MigrationFailedError`, whose cause it is. */
  readonly signal?: AbortSignal | undefined;
}

/** How far `up` and `down` go; `to` and `steps` are not given together. */
export interface MigrateOptions extends SignalOptions {
  /** The last version to be applied; of `down` the one that stays applied, `0` for none. */
  readonly to?: string | undefined;
  /** How many migrations. @default all for `up`, 1 for `down` */
  readonly steps?: number | undefined;
}

export interface RedoOptions extends SignalOptions {
  /** How many migrations, from the latest. @default 1 */
  readonly steps?: number | undefined;
}

export interface PlanOptions extends SignalOptions {
  /** @default 'up'; with `to`, the one that leads there */
  readonly verb?: 'up' | 'down' | 'redo' | undefined;
  /** Not of `redo`. */
  readonly to?: string | undefined;
  /** @default all for `up`, 1 for `down` and `redo` */
  readonly steps?: number | undefined;
}

/** How a ledger is brought in line with the database and the files. */
export interface RepairOptions extends SignalOptions {
  /** Versions that are in the database, whatever the ledger says. */
  readonly applied?: readonly string[] | undefined;
  /** Versions that are not in the database: their lines are taken out. */
  readonly forget?: readonly string[] | undefined;
  /** Whether the files as they are now count as what was applied. @default false */
  readonly checksums?: boolean | undefined;
}
