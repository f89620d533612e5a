import { inspect } from 'node:util';
import type { ConnectionListener } from '../core/connection-events.js';
import { CLOSE_DEADLINE, callLimits, SCHEMA_TIMEOUT_MS, timeLimit } from '../core/engine-options.js';
import { logConnections } from '../core/observer.js';
import type { CallOptions } from '../core/options.js';
import type {
  CloseOptions,
  Database,
  Resource,
  RunOptions,
  ServerState,
  StreamRunOptions,
  Transaction,
  TransactionOptions,
} from '../core/ports.js';
import { Transactions } from '../core/transaction.js';
import type { PoolStats } from '../errors/pool.js';
import type { Command, FindCommand, SchemaReport } from '../query/command.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import type { Call } from './call.js';
import { Calls } from './calls.js';
import type { MongoCollectionLike, MongoSessionLike } from './client.js';
import { AskedConcerns, type MongoConcernOptions } from './concerns.js';
import { Connection, type Opened } from './connection.js';
import { ensureSchema } from './ensure-schema.js';
import { execute } from './execute.js';
import { type MongoOptions, parseOptions, type Settings } from './options.js';
import { Prober } from './probe.js';
import { RawCommands } from './raw.js';
import { sentLimit } from './sending.js';
import { streamRows } from './stream.js';
import { joined, type MongoTransactionOptions, MongoTransactions, withoutTransaction } from './transaction.js';

interface EntityLike {
  readonly '~model': EntityModel;
}

/**
 * A MongoDB database: the place that repositories store in. It connects at the first call, with the driver `mongodb` that
 * the application installed.
 *
 * Writes of many rows are all or nothing on a replica set and on a sharded cluster, by a transaction, whose limit on the server
 * is 60 seconds by default. A single server has no transactions: there a failing write keeps the rows that were written before it.
 *
 * @throws TypeError for a wrong option.
 * @example
 * ```ts
 * import { MongoDatabase } from 'trivet';
 *
 * const database = new MongoDatabase({ url: 'mongodb://localhost:27017/app', max: 20 });
 * await database.connect();
 * await database.close();
 * ```
 */
export class MongoDatabase implements Database<'mongo'>, Resource {
  static {
    // Shows no connection string: it may hold a password.
    const value = function (this: MongoDatabase): string {
      return `MongoDatabase(${this.#settings.label})`;
    };
    Object.defineProperty(this.prototype, inspect.custom, { value });
  }

  readonly engine = 'mongo' as const;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #transactions: Transactions<MongoSessionLike>;
  readonly #concerns = new AskedConcerns();
  readonly #prober: Prober;
  readonly #calls: Calls;
  #closing: Promise<void> | null = null;

  constructor(options: MongoOptions = {}) {
    this.#settings = parseOptions(options);
    this.#connection = new Connection(this.#settings);
    logConnections(this.#settings.observer, this.#settings.label, this.#connection.pool.events);
    this.#prober = new Prober(this.#settings);
    this.#calls = new Calls(this.#settings, this.#connection, this.#concerns, () => this.#transactions.current);
    const opened = async (call: Call): Promise<Opened> => this.#calls.opened(call);
    this.#transactions = new Transactions(new MongoTransactions(this.#settings, opened));
  }

  run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    const isSchema = command.kind === 'ensureSchema';
    return this.#calls.join(
      command,
      isSchema ? null : command,
      options,
      isSchema ? SCHEMA_TIMEOUT_MS : this.#settings.timeoutMs,
      async (call) => {
        const opened = await this.#calls.opened(call);
        return this.#dispatch(command, opened, call) as Promise<T>;
      },
    );
  }

  #dispatch(command: Command, opened: Opened, call: Call): Promise<unknown> {
    if (command.kind === 'ensureSchema') {
      const { naming, label } = this.#settings;
      return ensureSchema(opened, command.entities, naming, call, label);
    }
    return execute(this.#calls.target(opened, command.entity), command, call);
  }

  stream(command: FindCommand, options: StreamRunOptions = {}): AsyncIterable<StoredRow> {
    return this.#calls.observed(command.entity.name, () => this.#stream(command, options));
  }

  #stream(command: FindCommand, options: StreamRunOptions): AsyncIterable<StoredRow> {
    const scope = this.#transactions.current;
    const concerns = this.#concerns.of(command.entity.name, scope !== null);
    return streamRows(command, options, {
      concerns,
      join: (call, work) => {
        if (scope === null) return work(call);
        // The loop may ask from a nested transaction, which has the session then.
        const { current } = this.#transactions;
        const on = current?.isWithin(scope) === true ? current : scope;
        return joined(on, call, work, (error) => this.#calls.mapError(error, command, call));
      },
      resource: this.#settings.label,
      defaultMs: this.#settings.timeoutMs,
      target: async (call) => this.#calls.target(await this.#calls.opened(call), command.entity),
      mapError: (error, call) => this.#calls.mapError(error, command, call),
    });
  }

  /**
   * Runs `work` as one transaction: a snapshot, stored by a majority. Every call that `work` makes on this database joins it, whichever
   * repository it is made with, and so does a `transaction` inside: MongoDB has no savepoints, so when that fails, all of it does.
   * When `work` throws, nothing is stored, and the error comes out. The server ends a transaction after 60 seconds by default.
   *
   * @throws QueryError on a single server, which has no transactions
   * @throws ConflictError when it lost against another transaction, after the `retries` given. It happens at the first write of a row that
   * another transaction is changing: give `retries`
   * @throws TransactionAbortedError when a call in it failed although `work` went on
   * @throws AfterCommitError when it is stored, but one of its `afterCommit` callbacks failed
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: MongoTransactionOptions): Promise<T> {
    if (this.#calls.refuses) return Promise.reject(this.#connection.closedError());
    return this.#calls.inFlight.during(() => this.#transactions.run(work, options));
  }

  /** Runs `work` as `transaction` does, and on a single server, which has no transactions, without one: then what was written stays. */
  async atomically<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    if (this.#connection.opened === null) await this.connect();
    const single = this.#connection.opened?.transactions === false;
    if (single) return withoutTransaction(work, options?.signal);
    // A transaction around has its own write concern, and refuses that of a call.
    if (this.#transactions.current !== null) return this.transaction(work, options);
    return this.#concerns.handOver((concerns) => this.transaction(work, { ...options, ...concerns }));
  }

  /** The transaction that a call made here joins; null outside of one. */
  get currentTransaction(): Transaction | null {
    return this.#transactions.current?.tx ?? null;
  }

  /** Runs `work` outside the transaction that it is called in. It does not see what is not committed. */
  detached<T>(work: () => T): T {
    return this.#transactions.detached(work);
  }

  /** Connects and logs in. The first command does it too. @throws ConnectionError, AuthenticationError, DriverMissingError */
  async connect(): Promise<void> {
    await this.#calls.within(null, {}, this.#settings.timeoutMs, (call) => this.#calls.open(call));
  }

  /** Asks the server for a sign of life, within `connectTimeout`. @throws ConnectionError, TimeoutError */
  async ping(signal?: AbortSignal): Promise<void> {
    await this.#calls.within(null, { signal }, this.#settings.connectTimeoutMs, async (call) => {
      const { db } = await this.#calls.opened(call);
      await db.command({ ping: 1, maxTimeMS: sentLimit(call) }, { signal: call.signal });
    });
  }

  /**
   * Asks the server for its state on a connection of its own, within `connectTimeout`, which is kept for the next time; a client that was given is asked on
   * one of its connections.
   */
  probe(signal?: AbortSignal): Promise<ServerState> {
    return this.#prober.probe(signal);
  }

  /** Connections now. `max` is for each server; the figures are of all together. */
  stats(): PoolStats {
    return this.#connection.stats(this.#calls.inFlight.size);
  }

  /** Tells `listener` what happens to the servers; gives the function that ends it. */
  watch(listener: ConnectionListener): () => void {
    return this.#connection.pool.events.watch(listener);
  }

  /**
   * Refuses new calls with `ClosedError`, lets those in flight finish until the deadline, then cancels them, and closes the client, unless the caller
   * brought it. Idempotent.
   */
  close({ deadline = CLOSE_DEADLINE }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeLimit(deadline, 'deadline'));
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#calls.refuse();
    this.#connection.refuse();
    this.#prober.close();
    await this.#calls.inFlight.drained(deadlineMs, (outcome) => this.#connection.closedError(outcome));
    await this.#connection.close();
  }

  /** `await using` closes the database at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Makes what the entities need and the database has not: collections with a validator, indexes. Alters and drops nothing, and says what differs.
   *
   * @param options `timeout` is ten minutes unless told, because an index over a large collection takes its time.
   */
  async ensureSchema(entities: readonly EntityLike[], options: CallOptions = {}): Promise<SchemaReport> {
    return this.run({ kind: 'ensureSchema', entities: entities.map(modelOf) }, callLimits(options));
  }

  /**
   * The driver's own collection of an entity, for what repositories do not have. Documents are as stored: a single key is
   * `_id`, and there are no nulls. `trivet/mongo` has `collectionOf`, which gives it with the driver's types.
   */
  async collection(entity: EntityLike): Promise<MongoCollectionLike> {
    const model = modelOf(entity);
    return this.#calls.within({ entity: model }, {}, this.#settings.timeoutMs, async (call) => {
      const opened = await this.#calls.opened(call);
      return this.#calls.target(opened, model).collection;
    });
  }

  /** @internal Runs what a repository of this engine does with the driver's collection, under the limits of a call. */
  '~use'<T>(
    entity: EntityModel,
    options: RunOptions,
    work: (collection: MongoCollectionLike, call: Call) => Promise<T>,
  ): Promise<T> {
    return this.#calls.join(null, { entity }, options, this.#settings.timeoutMs, async (call) => {
      const opened = await this.#calls.opened(call);
      return work(this.#calls.target(opened, entity).collection, call);
    });
  }

  /** @internal Runs commands that are of no entity, under the limits of a call and in the transaction of the context. */
  '~raw'<T>(options: RunOptions, work: (raw: RawCommands) => Promise<T>): Promise<T> {
    return this.#calls.join(null, null, options, this.#settings.timeoutMs, async (call) =>
      work(new RawCommands(await this.#calls.opened(call), this.#settings.naming, call)),
    );
  }

  /** @internal Runs work whose calls are read and written as `options` say. */
  '~with'(subject: string, options: MongoConcernOptions): <T>(work: () => T) => T {
    return this.#concerns.with(subject, options);
  }

  toJSON(): { readonly engine: 'mongo'; readonly resource: string } {
    return { engine: 'mongo', resource: this.#settings.label };
  }
}
