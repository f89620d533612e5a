import { Deadline } from '../../core/deadline.js';
import { MigrationFailedError, MigrationLockLostError } from '../../errors/migration.js';
import type { BesideConnection } from '../../postgres/beside-connection.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import type { Migration, MigrationWay } from '../migration.js';
import type { LedgerEntry, Step, StepOptions } from '../ports.js';
import type { Ask, Place } from './place.js';
import { deleteLine, insertLine } from './table.js';

/** What a lock is made of. */
export interface Lock {
  readonly database: PostgresDatabase;
  /** The connection that holds it. */
  readonly lock: BesideConnection;
  readonly place: Place;
  readonly who: string;
}

/** Where a step runs. */
export interface Ground extends Lock {
  /** On the connection of the lock. */
  readonly ask: Ask;
  /** Aborts when the lock is lost. */
  readonly lost: AbortSignal;
}

/** A step under way. */
export class Running {
  readonly ground: Ground;
  readonly migration: Migration<PostgresDatabase>;
  readonly direction: 'up' | 'down';
  readonly options: StepOptions;
  readonly deadline: Deadline;
  readonly #startedAt: number = performance.now();

  constructor({ migration, direction }: Step<PostgresDatabase>, options: StepOptions, ground: Ground) {
    this.ground = ground;
    this.migration = migration;
    this.direction = direction;
    this.options = options;
    this.deadline = new Deadline(options.timeoutMs, options.signal);
  }

  get durationMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  get way(): MigrationWay<PostgresDatabase> {
    return this.direction === 'up' ? this.migration.up : this.migration.down!;
  }

  /** Writes down, in the transaction of the step, that it is done. @throws MigrationLockLostError when somebody else may have begun */
  async record(ask: Ask, statements: number | null): Promise<LedgerEntry | null> {
    const { place, lock, who } = this.ground;
    const { version, name, checksum } = this.migration;
    const holds = { holder: lock.processId, key: place.keys.migrator };
    if (this.direction === 'down') {
      if (await deleteLine(place, version, holds.holder, holds.key, ask)) return null;
      throw this.lockLost();
    }
    const line = {
      version,
      name,
      checksum,
      state: 'applied' as const,
      durationMs: this.durationMs,
      statements,
      by: who,
    };
    const entry = await insertLine(place, { ...line, ...holds }, ask);
    if (entry === null) throw this.lockLost();
    return entry;
  }

  lockLost(): MigrationLockLostError {
    const { version } = this.migration;
    const { resource } = this;
    return new MigrationLockLostError(`The lock was lost before migration ${version} was written down (${resource})`, {
      version,
      resource,
    });
  }

  get resource(): string {
    return this.ground.database.name;
  }

  failure(
    cause: unknown,
    dirty: boolean,
    more: { readonly statement?: number; readonly line?: number; readonly unknown?: boolean } = {},
  ): MigrationFailedError {
    const { version, name, file } = this.migration;
    const place = file === null ? undefined : more.line === undefined ? file : `${file}:${more.line}`;
    return new MigrationFailedError({
      version,
      name,
      direction: this.direction,
      statement: more.statement ?? null,
      place,
      dirty,
      outcome: more.unknown === true ? 'unknown' : dirty ? 'executed' : 'not-executed',
      resource: this.resource,
      elapsedMs: this.durationMs,
      cause,
    });
  }
}
