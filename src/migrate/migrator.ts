import {
  type HistoryProblem,
  type LockHolder,
  MigrationHistoryError,
  MigrationLockLostError,
} from '../errors/migration.js';
import { AbortedError } from '../errors/runtime.js';
import { anySignal } from '../util/any-signal.js';
import { Emitter } from '../util/emitter.js';
import { engineOf } from './engine.js';
import { type History, isDone, readHistory } from './history.js';
import { loadMigrations } from './load.js';
import { baselineEntries, repairEntries } from './mend.js';
import type { Migration, MigrationDatabase } from './migration.js';
import {
  checkVersion,
  checkVersions,
  type MigratorOptions,
  type MigratorSettings,
  migratorSettings,
  ownName,
  verbOptions,
} from './options.js';
import { checkChosen, chooseSteps, type Goal, planGoal } from './plan-steps.js';
import { plannedStep, planWarnings } from './planned.js';
import type { LedgerEntry, LockedLedger, MigrationEngine, Step } from './ports.js';
import type {
  MigratedStep,
  MigrationPlan,
  MigrationReport,
  MigratorEvents,
  MigratorStatus,
  RepairReport,
} from './results.js';
import type { MigrateOptions, PlanOptions, RedoOptions, RepairOptions, SignalOptions } from './verbs.js';

const EVENTS: readonly (keyof MigratorEvents & string)[] = ['waiting', 'started', 'progress', 'finished', 'failed'];

/**
 * Carries out the migrations of a database and keeps a ledger of them in it.
 *
 * One process migrates at a time: the others fail, or wait. A migration and its line in the ledger are one transaction, unless it says otherwise.
 * @throws TypeError when an option is not what was expected
 *
 * @example
 * ```ts
 * import { PostgresDatabase } from 'trivet';
 * import { Migrator } from 'trivet/migrate';
 *
 * async function deploy() {
 *   const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
 *   const migrator = new Migrator(database, { migrations: 'migrations', wait: '1m' });
 *   migrator.on('finished', ({ version, name, durationMs }) => console.log(version, name, durationMs));
 *   await migrator.up();
 *   await database.close();
 * }
 * ```
 */
export class Migrator<D extends MigrationDatabase = MigrationDatabase> {
  readonly #settings: MigratorSettings<D>;
  readonly #engine: MigrationEngine<D>;
  readonly #events = new Emitter<MigratorEvents>(EVENTS);

  constructor(database: D, options: MigratorOptions<D>) {
    this.#settings = migratorSettings(options);
    this.#engine = engineOf(database, this.#settings.ledger);
  }

  /** Tells `listener` what happens; gives the function that ends it. */
  on<N extends keyof MigratorEvents>(name: N, listener: (...values: MigratorEvents[N]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Applies what is not applied yet, in the order of the versions.
   * @throws MigrationFileError, MigrationHistoryError, MigrationLockedError when nothing was done
   * @throws MigrationFailedError, MigrationLockLostError for the migration that failed: those before it are applied
   */
  async up(options?: MigrateOptions): Promise<MigrationReport> {
    const { to, steps, signal } = verbOptions(options, ['to', 'steps', 'signal']);
    return this.#reach({ verb: 'up', to, steps }, signal);
  }

  /** Undoes the latest migrations. @throws IrreversibleMigrationError, beside what `up` throws, when one of them cannot be undone: nothing was done */
  async down(options?: MigrateOptions): Promise<MigrationReport> {
    const { to, steps, signal } = verbOptions(options, ['to', 'steps', 'signal']);
    return this.#reach({ verb: 'down', to, steps }, signal);
  }

  /** Applies or undoes until `version` is the latest that is applied; `0` is before all. */
  async to(version: string, options?: SignalOptions): Promise<MigrationReport> {
    const { signal } = verbOptions(options, ['signal']);
    return this.#reach({ verb: 'to', to: checkVersion(version, 'version') }, signal);
  }

  /** Undoes the latest migrations and applies them again. */
  async redo(options?: RedoOptions): Promise<MigrationReport> {
    const { steps = 1, signal } = verbOptions(options, ['steps', 'signal']);
    return this.#reach({ verb: 'redo', steps }, signal);
  }

  /** What is applied, what is not, what is wrong, and who migrates. Changes nothing. */
  async status(options?: SignalOptions): Promise<MigratorStatus> {
    const { signal } = verbOptions(options, ['signal']);
    const { history, holder } = await this.#read(signal);
    const pending = history.statuses.filter(({ state }) => state === 'pending').length;
    return { migrations: history.statuses, pending, problems: history.problems, holder };
  }

  /** What the verb would do, and what speaks against it. Changes nothing. */
  async plan(options?: PlanOptions): Promise<MigrationPlan> {
    const { signal, ...wanted } = verbOptions(options, ['verb', 'to', 'steps', 'signal']);
    const goal = planGoal(wanted);
    const { history } = await this.#read(signal);
    const chosen = chooseSteps(history, goal);
    const steps = chosen.steps.map(plannedStep);
    return { steps, warnings: planWarnings(history, chosen, steps) };
  }

  /** Everything that is wrong with the ledger or the files together; empty when nothing is. Changes nothing. */
  async validate(options?: SignalOptions): Promise<readonly HistoryProblem[]> {
    const { signal } = verbOptions(options, ['signal']);
    try {
      return (await this.#read(signal)).history.problems;
    } catch (error) {
      if (error instanceof MigrationHistoryError) return error.problems;
      throw error;
    }
  }

  /**
   * Takes migrations up to `version` for applied, without running them: the database was there before the ledger. Gives their versions.
   * @throws MigrationHistoryError when the ledger has a later one already
   */
  async baseline(version: string, options?: SignalOptions): Promise<readonly string[]> {
    const { signal } = verbOptions(options, ['signal']);
    checkVersion(version, 'version');
    return this.#locked(signal, async (locked, migrations) => {
      const history = this.#compare(migrations, await locked.history(), false);
      const entries = baselineEntries(history, version, this.#engine.resource);
      if (entries.length > 0) await locked.write(entries);
      return entries.map((entry) => entry.version);
    });
  }

  /**
   * Brings the ledger in line with what somebody found out by looking: about a migration that was left half-way, an edited or a lost file.
   * @throws TypeError for a version that neither the ledger nor the migrations have
   */
  async repair(options?: RepairOptions): Promise<RepairReport> {
    const given = verbOptions(options, ['applied', 'forget', 'checksums', 'signal']);
    const { checksums = false, signal } = given;
    if (typeof checksums !== 'boolean') throw new TypeError('Expected `checksums` to be true or false');
    const wanted = {
      applied: checkVersions(given.applied ?? [], 'applied'),
      forget: checkVersions(given.forget ?? [], 'forget'),
      checksums,
    };
    return this.#locked(signal, async (locked, migrations) => {
      const repair = repairEntries(this.#compare(migrations, await locked.history(), false), wanted);
      if (repair.forget.length > 0) await locked.forget(repair.forget);
      if (repair.write.length > 0) await locked.write(repair.write);
      const { problems } = this.#compare(migrations, await locked.history(), false);
      return { ...repair.report, problems };
    });
  }

  /** Takes the lock away from whoever migrates, and ends its work as far as the server can. Null: nobody did. */
  unlock(): Promise<LockHolder | null> {
    return this.#engine.database.detached(() => this.#engine.unlock());
  }

  async #read(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly history: History<Migration<D>>; readonly holder: LockHolder | null }> {
    const migrations = await this.#load();
    return this.#engine.database.detached(async () => {
      // First the lock: who holds it is known to be at work on the lines that are read behind it.
      const holder = await this.#engine.holder(signal);
      const entries = await this.#engine.history(signal);
      return { history: this.#compare(migrations, entries, holder !== null), holder };
    });
  }

  async #reach(goal: Goal, signal: AbortSignal | undefined): Promise<MigrationReport> {
    const { history, holder } = await this.#read(signal);
    const { steps, refused, irreversible } = chooseSteps(history, goal);
    const idle = steps.length === 0 && refused.length === 0 && irreversible === null;
    // Nothing to do is no reason to wait for anybody.
    if (idle && (holder === null || !isUnderWay(history))) return { steps: [] };
    return this.#locked(signal, async (locked, migrations) => {
      const chosen = chooseSteps(this.#compare(migrations, await locked.history(), false), goal);
      checkChosen(chosen, this.#engine.resource);
      const done: MigratedStep[] = [];
      for (const step of chosen.steps) done.push(await this.#step(locked, step, signal));
      return { steps: done };
    });
  }

  async #step(locked: LockedLedger<D>, step: Step<D>, signal: AbortSignal | undefined): Promise<MigratedStep> {
    const planned = plannedStep(step);
    const { version, name, direction } = planned;
    const { resource } = this.#engine;
    const { timeoutMs, lockTimeoutMs } = this.#settings;
    if (signal?.aborted)
      throw new AbortedError(`The call was aborted by its signal before migration ${version}`, {
        resource,
        cause: signal.reason,
      });
    const startedAt = performance.now();
    this.#events.tell('started', planned);
    try {
      await locked.run(step, {
        signal: signal === undefined ? locked.signal : anySignal([signal, locked.signal]),
        timeoutMs,
        lockTimeoutMs,
        watch: { progress: (done, total) => this.#events.tell('progress', planned, done, total) },
      });
    } catch (cause) {
      const error = locked.signal.aborted ? lockLost(locked.signal.reason, version, resource, cause) : cause;
      this.#events.tell('failed', planned, error);
      throw error;
    }
    const finished = { version, name, direction, durationMs: Math.round(performance.now() - startedAt) };
    this.#events.tell('finished', finished);
    return finished;
  }

  async #locked<T>(
    signal: AbortSignal | undefined,
    work: (locked: LockedLedger<D>, migrations: readonly Migration<D>[]) => Promise<T>,
  ): Promise<T> {
    const migrations = await this.#load();
    return this.#engine.database.detached(async () => {
      const locked = await this.#engine.lock({
        waitMs: this.#settings.waitMs,
        signal,
        who: ownName(),
        waiting: (holder) => this.#events.tell('waiting', holder),
      });
      try {
        return await work(locked, migrations);
      } finally {
        await locked.release();
      }
    });
  }

  #load(): Promise<readonly Migration<D>[]> {
    return loadMigrations(this.#settings, this.#engine);
  }

  #compare(migrations: readonly Migration<D>[], entries: readonly LedgerEntry[], busy: boolean): History<Migration<D>> {
    return readHistory(migrations, entries, { outOfOrder: this.#settings.outOfOrder, busy });
  }
}

function isUnderWay({ known }: History): boolean {
  return known.some(({ entry }) => entry !== null && !isDone(entry));
}

function lockLost(reason: unknown, version: string, resource: string, cause: unknown): MigrationLockLostError {
  const why = reason instanceof Error ? reason.message : 'its connection broke';
  return new MigrationLockLostError(`Migration ${version} was ended, because the lock was lost: ${why}`, {
    version,
    resource,
    outcome: 'unknown',
    cause,
  });
}
