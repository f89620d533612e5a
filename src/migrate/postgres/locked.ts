import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../core/deadline.js';
import { MigrationLockLostError } from '../../errors/migration.js';
import { ConnectionError } from '../../errors/runtime.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import type { LedgerEntry, LockedLedger, Step, StepOptions } from '../ports.js';
import { askOn } from './ask.js';
import type { Ask } from './place.js';
import { runStep } from './run-step.js';
import type { Lock } from './running.js';
import { dropLines, HOLDS, putLines, readLedger } from './table.js';

/** How often the connection of the lock is asked whether it is still there, while nothing else goes over it. */
const PING_MS = 5_000;
/** How long it may take to answer. */
const ANSWER_MS = 30_000;

/** The ledger while its lock is held, by a connection that does nothing else. */
export class LockedPostgres implements LockedLedger<PostgresDatabase> {
  readonly #held: Lock;
  readonly #ask: Ask;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #released: Promise<void> | null = null;

  constructor(held: Lock) {
    this.#held = held;
    const ask = askOn(held.lock);
    this.#ask = (text, values) => ask(text, values).catch((error: unknown) => Promise.reject(this.#told(error)));
    held.lock.onEnd(() => this.#lose('its connection ended: it broke, or somebody has taken the lock away'));
    this.#watch();
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  history(): Promise<readonly LedgerEntry[]> {
    return readLedger(this.#held.place, this.#ask);
  }

  run(step: Step<PostgresDatabase>, options: StepOptions): Promise<LedgerEntry | null> {
    return runStep(step, options, { ...this.#held, ask: this.#ask, lost: this.signal });
  }

  async write(entries: readonly Omit<LedgerEntry, 'at' | 'by'>[]): Promise<void> {
    await putLines(this.#held.place, entries, this.#held.who, this.#ask);
  }

  async forget(versions: readonly string[]): Promise<void> {
    await dropLines(this.#held.place, versions, this.#ask);
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    const { lock, place } = this.#held;
    // Before the goodbye: the server hears that in its own time.
    if (!lock.ended) await this.#ask('select pg_advisory_unlock($1::int8)', [place.keys.migrator]).catch(() => {});
    await lock.close();
  }

  /** Asks now and then whether the lock is still there. */
  #watch(): void {
    this.#timer = setTimeout(async () => {
      const why = await this.#checked();
      if (why !== null) this.#lose(why);
      else if (this.#released === null) this.#watch();
    }, PING_MS);
    this.#timer.unref();
  }

  /** Why the lock is not there any more; null when it is. */
  async #checked(): Promise<string | null> {
    const { lock, place } = this.#held;
    const endless = new Deadline(undefined, undefined);
    const answer = lock.run(`select ${HOLDS} as held`, [lock.processId, place.keys.migrator], endless).then(
      ({ rows }) => (rows[0]?.['held'] === true ? null : 'the server says that it is not held any more'),
      () => 'its connection ended: it broke, or somebody has taken the lock away',
    );
    const limit = new AbortController();
    const late = sleep(ANSWER_MS, null, { ref: false, signal: limit.signal }).then(
      // An answer that came while the process was busy has not been read yet.
      () =>
        new Promise<string>((resolve) => setImmediate(() => setImmediate(resolve, 'its connection does not answer'))),
      () => null,
    );
    return Promise.race([answer, late]).finally(() => limit.abort());
  }

  #lose(why: string): void {
    if (this.#released !== null || this.signal.aborted) return;
    clearTimeout(this.#timer);
    const { database, lock } = this.#held;
    const resource = database.name;
    this.#lost.abort(
      new MigrationLockLostError(`The lock of the migrations was lost (${resource}): ${why}`, {
        version: null,
        resource,
      }),
    );
    lock.destroy(false);
  }

  /** What fails because the lock is gone says so, also where the server's word comes before the end of the connection. */
  #told(error: unknown): unknown {
    if (error instanceof ConnectionError) {
      this.#lose('its connection ended: it broke, or somebody has taken the lock away');
      return this.signal.aborted ? this.signal.reason : error;
    }
    return error;
  }
}
