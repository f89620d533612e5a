import { callLimits } from '../core/engine-options.js';
import { Observer, type ObserverOptions, observerSettings } from '../core/observer.js';
import type { CallOptions } from '../core/options.js';
import type { Database, Resource, RunOptions, ServerState, Transaction, TransactionOptions } from '../core/ports.js';
import { Transactions } from '../core/transaction.js';
import { isRead, type Scope } from '../core/transaction-scope.js';
import type { PoolStats } from '../errors/pool.js';
import { AbortedError, ClosedError, TimeoutError } from '../errors/runtime.js';
import type { Command, FindCommand, SchemaReport } from '../query/command.js';
import { copyRow } from '../schema/copy.js';
import { modelOf } from '../schema/entity.js';
import type { StoredRow } from '../schema/model.js';
import type { AnyEntity } from '../schema/types.js';
import { type Clock, systemClock } from '../util/clock.js';
import { Execution } from './execute.js';
import { callIn, type MemorySession, MemoryTransactions } from './transaction.js';
import { View } from './view.js';

/** Settings of a `MemoryDatabase`. */
export interface MemoryOptions extends ObserverOptions {
  /** What `timeoutMs` of a stream is measured with. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * An engine that keeps its rows in this process: for unit tests of an application, and for small tools. It means the same
 * as the engines with a server, as the contract suite shows, down to unique sets, bounds and all-or-nothing statements.
 *
 * Rows go in and come out as deep copies. Foreign keys are not enforced, as on MongoDB.
 *
 * @example
 * ```ts
 * import { MemoryDatabase, Repository, entity, text, uuid } from 'trivet';
 *
 * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().max(50).unique() });
 * const tags = new Repository(new MemoryDatabase(), Tag);
 * await tags.insert({ name: 'news' });
 * ```
 */
export class MemoryDatabase implements Database<'memory'>, Resource {
  readonly engine = 'memory' as const;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #base = new View();
  readonly #engine = new MemoryTransactions(this.#base, () => this.#admit({}));
  readonly #transactions = new Transactions<MemorySession>(this.#engine);
  readonly #execution = new Execution(this.#base);
  #closed = false;

  constructor({ clock = systemClock, ...observed }: MemoryOptions = {}) {
    this.#observer = new Observer('memory', 'memory', observerSettings(observed));
    if (typeof clock?.now !== 'function') throw new TypeError('Expected `clock` to have a method `now`');
    this.#clock = clock;
  }

  /** Carries out one command, whole or not at all; calls never interleave. */
  run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    if (!this.#observer.listens) return this.#run(command, options);
    const entity = command.kind === 'ensureSchema' ? null : command.entity.name;
    return this.#observer.query(command.kind, entity, () => this.#run(command, options));
  }

  async #run<T>(command: Command, options: RunOptions): Promise<T> {
    this.#admit(options);
    const scope = this.#transactions.current;
    if (scope !== null) {
      const work = (view: View): unknown => {
        this.#admit(options);
        return this.#execution.run(view, command);
      };
      return callIn(scope, command, work) as Promise<T>;
    }
    // Nothing has happened yet when the caller goes on: a forgotten `await` shows here as it would with a server.
    await null;
    while (!isRead(command) && this.#engine.blocks(this.#transactions.left)) await this.#engine.turn(options);
    this.#admit(options);
    return this.#execution.run(this.#base, command) as T;
  }

  /**
   * Runs `work` as one transaction on a copy of the tables, which every call of `work` on this database joins; a `transaction` inside is a
   * savepoint. Transactions run one after another, and writes outside wait for them; reads outside see the rows as they were before.
   *
   * @throws ConflictError when a call in `detached()` changed the same rows meanwhile
   * @throws TransactionAbortedError, AfterCommitError as on the servers
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#transactions.run(work, options);
  }

  /** The transaction that a call made here joins; null outside of one. */
  get currentTransaction(): Transaction | null {
    return this.#transactions.current?.tx ?? null;
  }

  /** Runs `work` outside the transaction that it is called in. It does not see what is not committed, and does not wait for it. */
  detached<T>(work: () => T): T {
    return this.#transactions.detached(work);
  }

  /** The rows as they are when the loop begins: later writes do not show. `batch` changes nothing here. */
  stream(
    command: FindCommand,
    options: RunOptions & { readonly batch?: number | undefined } = {},
  ): AsyncGenerator<StoredRow, void, undefined> {
    const rows = this.#stream(command, options, this.#transactions.current);
    return this.#observer.listens ? this.#observer.stream('stream', command.entity.name, () => rows) : rows;
  }

  async *#stream(
    command: FindCommand,
    options: RunOptions,
    scope: Scope<MemorySession> | null,
  ): AsyncGenerator<StoredRow, void, undefined> {
    const deadline = options.timeoutMs === undefined ? null : this.#clock.now() + options.timeoutMs;
    this.#admit(options);
    const read = (view: View) => this.#execution.select(view, command);
    const entries = scope === null ? read(this.#base) : await callIn(scope, command, read);
    for (const entry of entries) {
      this.#admit(options);
      if (deadline !== null && this.#clock.now() >= deadline) throw timedOut(options.timeoutMs!);
      yield copyRow(entry.row, command.select);
    }
  }

  /** As on the servers: what the entities need is there from then on, and a second time nothing is made. */
  async ensureSchema(entities: readonly AnyEntity[], options: CallOptions = {}): Promise<SchemaReport> {
    return this.run({ kind: 'ensureSchema', entities: entities.map(modelOf) }, callLimits(options));
  }

  async connect(): Promise<void> {
    this.#admit({});
  }

  async ping(signal?: AbortSignal): Promise<void> {
    this.#admit({ signal });
  }

  async probe(signal?: AbortSignal): Promise<ServerState> {
    this.#admit({ signal });
    return { version: null, role: 'standalone', writable: true };
  }

  stats(): PoolStats {
    const total = this.#closed ? 0 : 1;
    return { max: 1, min: 0, total, active: 0, idle: total, waiting: 0, timeouts: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#base.drop();
    this.#execution.forget();
  }

  /** Removes every row of every entity; `serial` fields begin again at 1. */
  clear(): void {
    this.#base.clear();
  }

  #admit({ signal, timeoutMs }: RunOptions): void {
    if (this.#closed) throw new ClosedError('The memory database was closed: make a new one');
    if (signal?.aborted)
      throw new AbortedError('The signal was aborted before the command ran', { cause: signal.reason });
    if (timeoutMs !== undefined && timeoutMs <= 0) throw timedOut(timeoutMs);
  }
}

function timedOut(timeoutMs: number): TimeoutError {
  return new TimeoutError(`The command did not end within ${timeoutMs} ms`);
}
