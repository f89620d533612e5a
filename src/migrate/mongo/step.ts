import { IrreversibleMigrationError, MigrationFailedError } from '../../errors/migration.js';
import { AbortedError, AfterCommitError, QueryError, TimeoutError } from '../../errors/runtime.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { RawCommands } from '../../mongo/raw.js';
import { anySignal } from '../../util/any-signal.js';
import type { MigrationWork } from '../migration.js';
import type { LedgerEntry, Step, StepOptions } from '../ports.js';
import type { Line, Lines } from './lines.js';
import type { MongoLock } from './lock.js';

// The longest delay that a timer takes.
const MAX_MS = 2 ** 31 - 1;

type MongoStep = Step<MongoDatabase>;

/** What a step needs of the ledger that it is written to. */
export interface StepLedger {
  readonly database: MongoDatabase;
  readonly resource: string;
  readonly lines: Lines;
  readonly lock: MongoLock;
  /** Aborts when the lock is lost. */
  readonly signal: AbortSignal;
  /** Who writes the lines. */
  readonly by: string;
  /** Whether the deployment has transactions. */
  readonly transactions: boolean;
  /** Writes to the ledger as long as the lock is held, all or nothing. @throws MigrationLockLostError */
  change<T>(work: (raw: RawCommands) => Promise<T>): Promise<T>;
  /** The same at the end of a transaction that is under way. */
  join<T>(work: (raw: RawCommands) => Promise<T>): Promise<T>;
}

/** Carries out one migration in one direction, and writes it down. Null: it was undone. @throws MigrationFailedError */
export async function carryOutStep(
  ledger: StepLedger,
  step: MongoStep,
  options: StepOptions,
): Promise<LedgerEntry | null> {
  const { migration, direction } = step;
  const way = migration[direction];
  if (way === null) throw new IrreversibleMigrationError(migration.version, migration.name);
  const { resource } = ledger;
  if (way.kind === 'sql')
    throw failed(ledger, step, false, new QueryError('SQL migrations are for PostgreSQL', { resource }));
  if (way.transaction && !ledger.transactions) {
    const why = `MongoDB at ${resource} is a single server, which has no transactions: give the migration \`transaction: false\``;
    throw failed(ledger, step, false, new QueryError(why, { resource }));
  }
  const limit = new Limit(ledger, options);
  try {
    const run = way.transaction ? inTransaction : inParts;
    return await run(ledger, step, options, limit, way.work);
  } finally {
    limit.clear();
  }
}

type Run = (
  ledger: StepLedger,
  step: MongoStep,
  options: StepOptions,
  limit: Limit,
  work: MigrationWork<MongoDatabase>,
) => Promise<LedgerEntry | null>;

/** The work and its line are stored together or not at all. */
const inTransaction: Run = async (ledger, step, options, limit, work) => {
  const { database, lock } = ledger;
  const startedAt = performance.now();
  try {
    return await database.transaction(
      async () => {
        const session = await database['~raw']({}, async (raw) => raw.session);
        const at = await database.detached(() => lock.say({ doing: doing(step), session }));
        await work(contextOf(database, limit, options));
        return ledger.join((raw) => {
          const { version } = step.migration;
          if (step.direction === 'down') return ledger.lines.remove(raw, [version]).then(() => null);
          return ledger.lines.put(raw, line(ledger, step, { state: 'applied', at, durationMs: since(startedAt) }));
        });
      },
      { signal: limit.signal, timeout: `${options.timeoutMs}ms` },
    );
  } catch (error) {
    // It is stored, and what was to come after it failed.
    if (error instanceof AfterCommitError) throw error;
    return settle(ledger, step, limit.reason() ?? error, (error as { readonly outcome?: unknown }).outcome);
  }
};

/** What became of a transaction that failed. Whoever asks for the lock waits for its end. */
async function settle(
  ledger: StepLedger,
  step: MongoStep,
  cause: unknown,
  outcome: unknown,
): Promise<LedgerEntry | null> {
  const { database, lock, lines } = ledger;
  try {
    if (!(await lock.holds()))
      throw failed(ledger, step, outcome === 'unknown', lock.signal.reason, outcome === 'unknown');
    if (outcome === 'unknown') {
      const stored = await database['~raw']({}, (raw) => lines.readOne(raw, step.migration.version));
      if ((stored !== null) === (step.direction === 'up')) return stored;
    }
  } catch (error) {
    if (error instanceof MigrationFailedError) throw error;
    throw failed(ledger, step, outcome === 'unknown', cause, outcome === 'unknown');
  }
  throw failed(ledger, step, false, cause);
}

/** The line says that it is under way, so that whoever comes after a failure knows. */
const inParts: Run = async (ledger, step, options, limit, work) => {
  const { database, lock, lines } = ledger;
  const startedAt = performance.now();
  const begun = { state: step.direction === 'up' ? 'applying' : 'reverting', durationMs: null } as const;
  let dirty = false;
  try {
    const at = await lock.say({ doing: doing(step), session: null });
    await ledger
      .change((raw) => lines.put(raw, line(ledger, step, { ...begun, at })))
      .catch((error: unknown) => {
        dirty = (error as { readonly outcome?: unknown }).outcome === 'unknown';
        throw error;
      });
    dirty = true;
    await limit.race(async () => work(contextOf(database, limit, options)));
    return await ledger.change((raw) => {
      if (step.direction === 'down') return lines.remove(raw, [step.migration.version]).then(() => null);
      return lines.put(raw, line(ledger, step, { state: 'applied', at, durationMs: since(startedAt) }));
    });
  } catch (error) {
    throw failed(ledger, step, dirty, limit.reason() ?? error);
  }
};

function contextOf(
  db: MongoDatabase,
  { signal }: Limit,
  { watch }: StepOptions,
): Parameters<MigrationWork<MongoDatabase>>[0] {
  return { db, signal, progress: (done, total = null) => watch.progress(done, total) };
}

function line(
  { by }: StepLedger,
  { migration: { version, name, checksum } }: MongoStep,
  rest: Pick<Line, 'state' | 'at' | 'durationMs'>,
): Line {
  return { version, name, checksum, ...rest, statements: null, by };
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

function doing({ migration: { version, name }, direction }: MongoStep): string {
  return `${direction} of migration ${version} (${name})`;
}

function failed(
  ledger: StepLedger,
  step: MongoStep,
  dirty: boolean,
  cause: unknown,
  unknown = false,
): MigrationFailedError {
  const { version, name, file } = step.migration;
  return new MigrationFailedError({
    version,
    name,
    direction: step.direction,
    statement: null,
    place: file ?? undefined,
    dirty,
    outcome: unknown ? 'unknown' : dirty ? 'executed' : 'not-executed',
    resource: ledger.resource,
    cause,
  });
}

/** The end that a step must come to: its timeout, the caller's signal, or the loss of the lock. */
class Limit {
  readonly #timeout = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #ledger: StepLedger;
  readonly signal: AbortSignal;

  constructor(ledger: StepLedger, { signal, timeoutMs }: StepOptions) {
    this.#ledger = ledger;
    const { resource } = ledger;
    const expired = (): TimeoutError =>
      new TimeoutError(`The migration did not end within ${timeoutMs} ms`, { resource });
    this.#timer = setTimeout(() => this.#timeout.abort(expired()), Math.min(timeoutMs, MAX_MS));
    this.signal = anySignal([ledger.signal, this.#timeout.signal, ...(signal === undefined ? [] : [signal])]);
  }

  /** What it ended with; null when it did not. */
  reason(): Error | null {
    const { resource, signal } = this.#ledger;
    if (!this.signal.aborted) return null;
    const cause: unknown = this.signal.reason;
    if (cause === this.#timeout.signal.reason || cause === signal.reason) return cause as Error;
    return new AbortedError('The migration was aborted by its signal', { resource, cause });
  }

  /** What the work gives, or the limit's error if that comes first. */
  race<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(this.reason());
      if (this.signal.aborted) return stop();
      this.signal.addEventListener('abort', stop, { once: true });
      work()
        .then(resolve, reject)
        .finally(() => this.signal.removeEventListener('abort', stop));
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
