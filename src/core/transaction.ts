import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { AfterCommitError } from '../errors/runtime.js';
import { channels, type TransactionTrace, traced } from './channels.js';
import type { IsolationLevel, Transaction, TransactionOptions } from './ports.js';
import { Limit } from './transaction-limit.js';
import { type AfterCommit, Scope } from './transaction-scope.js';
import {
  checkNested,
  type OwnTransactionOptions,
  type TransactionSettings,
  transactionSettings,
} from './transaction-settings.js';

/** As long as MongoDB gives one by default; work that hangs must not keep its connection. */
const DEFAULT_TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1_000;

/** What an engine does for its transactions. Errors come out as errors of the library. */
export interface TransactionEngine<S> {
  /** Of the database, as traces have it. */
  readonly engine: string;
  readonly resource: string;
  /** The weakest level that it has. */
  readonly weakest: IsolationLevel;
  readonly own?: OwnTransactionOptions;
  /** Opens a session and begins. When it fails, nothing is left open. `left` is the scope that a detached call came from. */
  begin(settings: TransactionSettings, limit: Limit, left: Scope<S> | null): Promise<S>;
  /** Commits and gives the session back; with an error, `retryable` says whether all of it may run again. */
  commit(scope: Scope<S>, leftMs: number): Promise<void>;
  /** Undoes everything and gives the session back. Never fails. */
  rollback(session: S): Promise<void>;
  /** Like `rollback`, while a call is under way that nobody waits for any more. */
  abandon(scope: Scope<S>): void;
  /** Whether an error of `commit` means that the whole transaction may run again. */
  isConflict(error: unknown): boolean;
  /** Null where a part of a transaction cannot be undone. */
  readonly savepoints: {
    begin(scope: Scope<S>): Promise<void>;
    release(scope: Scope<S>): Promise<void>;
    /** @throws when the whole transaction is lost */
    rollback(scope: Scope<S>): Promise<void>;
  } | null;
}

function note(trace: TransactionTrace, attempts: number, done: object): void {
  trace.attempts = attempts;
  const { error } = done as { readonly error?: { readonly outcome?: unknown } };
  trace.outcome = error === undefined ? 'committed' : error.outcome === 'unknown' ? 'unknown' : 'rolled back';
}

/** What calls of a context that left a transaction see. */
class Left<S> {
  readonly scope: Scope<S>;

  constructor(scope: Scope<S>) {
    this.scope = scope;
  }
}

/** Every database that has ever begun one. */
const begun = new Set<WeakRef<Transactions<never>>>();

/** Whether the context is in a transaction of any database: what is read there is not for others. */
export function isInTransaction(): boolean {
  for (const reference of begun) {
    const transactions = reference.deref();
    if (transactions === undefined) begun.delete(reference);
    else if (transactions.current !== null) return true;
  }
  return false;
}

/** The transactions of one database, which calls find by the context that they are made in. */
export class Transactions<S> {
  readonly #engine: TransactionEngine<S>;
  readonly #levels = new WeakMap<Scope<S>, IsolationLevel>();
  /** Made by the first transaction: until then a call pays nothing for it. */
  #storage: AsyncLocalStorage<Scope<S> | Left<S>> | null = null;

  constructor(engine: TransactionEngine<S>) {
    this.#engine = engine;
  }

  /** The transaction of the context. Asked for at the call: later the context may be another one's. */
  get current(): Scope<S> | null {
    const storage = this.#storage;
    if (storage === null) return null;
    const found = storage.getStore();
    return found instanceof Scope ? found : null;
  }

  /** The transaction that a detached context came from. */
  get left(): Scope<S> | null {
    const found = this.#storage?.getStore();
    return found instanceof Left ? found.scope : null;
  }

  detached<T>(work: () => T): T {
    const { current } = this;
    return current === null ? work() : this.#storage!.run(new Left(current), work);
  }

  async run<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions | undefined): Promise<T> {
    const settings = transactionSettings(work, options, this.#engine.own);
    const { current } = this;
    if (this.#storage === null) {
      this.#storage = new AsyncLocalStorage();
      begun.add(new WeakRef(this as unknown as Transactions<never>));
    }
    if (current !== null) return this.#nested(current, work, settings);
    const { engine, resource } = this.#engine;
    return traced(
      channels.transaction,
      () => ({ engine, resource }),
      (trace) => this.#outermost(work, settings, trace),
    );
  }

  async #outermost<T>(
    work: (tx: Transaction) => Promise<T>,
    settings: TransactionSettings,
    trace: TransactionTrace | null,
  ): Promise<T> {
    const limit = new Limit(this.#engine.resource, settings.timeoutMs ?? DEFAULT_TIMEOUT_MS, [settings.signal]);
    try {
      for (let attempt = 1; ; attempt++) {
        const done = await this.#attempt(work, settings, limit).catch((error: unknown) => {
          if (trace !== null) note(trace, attempt, { error });
          throw error;
        });
        if (trace !== null) note(trace, attempt, done);
        if ('callbacks' in done) {
          limit.clear();
          await this.#afterCommit(done.callbacks, done.result);
          return done.result;
        }
        if (!done.retryable || attempt > settings.retries || limit.ended) throw done.error;
        // Full jitter, so that two that lost against each other do not meet again.
        await limit.race(sleep(Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)));
      }
    } finally {
      limit.clear();
    }
  }

  async #attempt<T>(
    work: (tx: Transaction) => Promise<T>,
    settings: TransactionSettings,
    limit: Limit,
  ): Promise<
    | { readonly result: T; readonly callbacks: readonly AfterCommit[] }
    | { readonly error: unknown; readonly retryable: boolean }
  > {
    const engine = this.#engine;
    if (limit.ended) throw limit.error();
    let session: S;
    try {
      session = await engine.begin(settings, limit, this.left);
    } catch (error) {
      throw limit.ended ? limit.error() : error;
    }
    const scope = new Scope(session, null, settings.readOnly === true, limit.signal, engine.resource);
    this.#levels.set(scope, settings.isolation ?? engine.weakest);
    let result: T;
    try {
      result = await limit.race(this.#work(scope, work));
      await limit.race(scope.end());
      if (scope.failure !== null) throw scope.failure.retryable ? scope.failure.error : scope.aborted(scope.failure);
      if (limit.ended) throw limit.error();
    } catch (error) {
      scope.close();
      // What is under way is settled first: the server takes no ROLLBACK before.
      await limit.race(scope.end()).catch(() => {});
      if (scope.busy) engine.abandon(scope);
      else await engine.rollback(session);
      return { error, retryable: scope.failure?.retryable === true };
    }
    scope.close();
    try {
      await engine.commit(scope, limit.leftMs);
    } catch (error) {
      const { outcome } = error as { readonly outcome?: unknown };
      if (outcome === 'unknown') await settled(scope.callbacks.filter(({ evenIfUnknown }) => evenIfUnknown));
      return { error, retryable: engine.isConflict(error) };
    }
    return { result, callbacks: scope.callbacks };
  }

  async #nested<T>(outer: Scope<S>, work: (tx: Transaction) => Promise<T>, settings: TransactionSettings): Promise<T> {
    const { savepoints, resource } = this.#engine;
    const isolation = this.#levels.get(outer)!;
    checkNested(settings, { isolation, readOnly: outer.readOnly }, this.#engine.own);
    const limit = new Limit(resource, settings.timeoutMs, [settings.signal, outer.tx.signal]);
    const body = async (): Promise<T> => {
      const readOnly = settings.readOnly ?? outer.readOnly;
      const scope = new Scope(outer.session, outer, readOnly, limit.signal, resource);
      this.#levels.set(scope, isolation);
      let isBegun = false;
      try {
        if (limit.ended) throw limit.error();
        await savepoints?.begin(scope);
        isBegun = true;
        const result = await limit.race(this.#work(scope, work));
        await limit.race(scope.end());
        if (scope.failure !== null) throw scope.failure.retryable ? scope.failure.error : scope.aborted(scope.failure);
        scope.close();
        await savepoints?.release(scope);
        outer.callbacks.push(...scope.callbacks);
        return result;
      } catch (error) {
        scope.close();
        if (!outer.tx.signal.aborted) await scope.end();
        await this.#undo(scope, outer, error, isBegun);
        throw error;
      }
    };
    try {
      return await outer.run(body);
    } finally {
      limit.clear();
    }
  }

  /** Undoes a nested transaction; where that cannot be, the one around it is lost, too. */
  async #undo(scope: Scope<S>, outer: Scope<S>, error: unknown, isBegun: boolean): Promise<void> {
    const { savepoints } = this.#engine;
    if (outer.closed || outer.failure !== null) return;
    if (savepoints === null || !isBegun || scope.busy) {
      outer.fail(error, false);
      return;
    }
    try {
      await savepoints.rollback(scope);
    } catch (lost) {
      outer.fail(lost, false);
    }
  }

  #work<T>(scope: Scope<S>, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#storage!.run(scope, async () => work(scope.tx));
  }

  async #afterCommit(callbacks: readonly AfterCommit[], result: unknown): Promise<void> {
    const errors = await settled(callbacks);
    if (errors.length > 0) throw new AfterCommitError(errors, result, { resource: this.#engine.resource });
  }
}

/** One after the other; each runs, whatever the others do. Gives what they threw. */
async function settled(callbacks: readonly AfterCommit[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const { work } of callbacks) {
    try {
      await work();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
