import { inspect } from 'node:util';
import { PlanCache } from '../core/plan-cache.js';
import type {
  Database,
  Resource,
  RunOptions,
  StreamRunOptions,
  Transaction,
  TransactionOptions,
} from '../core/ports.js';
import { Transactions } from '../core/transaction.js';
import type { PoolStats } from '../errors/pool.js';
import { ClosedError, SchemaError } from '../errors/runtime.js';
import type { Command, FindCommand, SchemaReport } from '../query/command.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import { type Call, type Subject, within } from './call.js';
import { carryOut } from './carry-out.js';
import type { MongoCollectionLike, MongoSessionLike } from './client.js';
import { AskedConcerns, type Concerns, type MongoConcernOptions, NO_CONCERNS } from './concerns.js';
import { Connection, type Opened } from './connection.js';
import { ensureSchema } from './ensure-schema.js';
import { toError } from './errors.js';
import { Names } from './names.js';
import { type MongoOptions, parseOptions, type Settings } from './options.js';
import { streamRows } from './stream.js';
import { Target } from './target.js';
import { joined, type MongoTransactionOptions, MongoTransactions, withoutTransaction } from './transaction.js';

// Building an index over a large collection takes minutes.
const SCHEMA_TIMEOUT_MS = 600_000;

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
  readonly #plans = new PlanCache();
  readonly #transactions: Transactions<MongoSessionLike>;
  #targets = new WeakMap<EntityModel, Target>();
  readonly #concerns = new AskedConcerns();

  constructor(options: MongoOptions = {}) {
    this.#settings = parseOptions(options);
    this.#connection = new Connection(this.#settings);
    const opened = async (call: Call): Promise<Opened> => this.#opened(call);
    this.#transactions = new Transactions(new MongoTransactions(this.#settings, opened));
  }

  run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    const isSchema = command.kind === 'ensureSchema';
    return this.#join(
      command,
      isSchema ? null : command,
      options,
      isSchema ? SCHEMA_TIMEOUT_MS : this.#settings.timeoutMs,
      async (call) => {
        const opened = await this.#opened(call);
        return this.#dispatch(command, opened, call) as Promise<T>;
      },
    );
  }

  #dispatch(command: Command, opened: Opened, call: Call): Promise<unknown> {
    if (command.kind === 'ensureSchema') {
      const { naming, label } = this.#settings;
      return ensureSchema(opened, command.entities, naming, call, label);
    }
    return carryOut(this.#target(opened, command.entity), command, call);
  }

  stream(command: FindCommand, options: StreamRunOptions = {}): AsyncIterable<StoredRow> {
    const scope = this.#transactions.current;
    const concerns = this.#concerns.of(command.entity.name, scope !== null);
    return streamRows(command, options, {
      concerns,
      join: (call, work) => {
        if (scope === null) return work(call);
        // The loop may ask from a nested transaction, which has the session then.
        const { current } = this.#transactions;
        const on = current?.isWithin(scope) === true ? current : scope;
        return joined(on, call, work, (error) => this.#toError(error, command, call));
      },
      resource: this.#settings.label,
      defaultMs: this.#settings.timeoutMs,
      target: async (call) => this.#target(await this.#opened(call), command.entity),
      toError: (error, call) => this.#toError(error, command, call),
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
    return this.#transactions.run(work, options);
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

  /** Runs `work` outside the transaction that it is called in. It does not see what is not committed. */
  detached<T>(work: () => T): T {
    return this.#transactions.detached(work);
  }

  /** Connects and logs in. The first command does it too. @throws ConnectionError, AuthenticationError, DriverMissingError */
  async connect(): Promise<void> {
    await this.#within(null, {}, this.#settings.timeoutMs, (call) => this.#open(call));
  }

  /** Asks the server for a sign of life, within `connectTimeout`. @throws ConnectionError, TimeoutError */
  async ping(signal?: AbortSignal): Promise<void> {
    await this.#within(null, { signal }, this.#settings.connectTimeoutMs, async (call) => {
      const { db } = await this.#opened(call);
      await db.command({ ping: 1, maxTimeMS: call.left() }, { signal: call.signal });
    });
  }

  /** Connections now. `max` is for each server; the figures are of all together. */
  stats(): PoolStats {
    return this.#connection.stats();
  }

  /** Closes the client, unless the caller brought it. Calls after it throw `ClosedError`. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** `await using` closes the database at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Makes what is missing: collections with a validator, indexes. Alters and drops nothing.
   *
   * @param options `timeoutMs` defaults to ten minutes, because an index over a large collection takes its time.
   */
  ensureSchema(entities: readonly EntityLike[], options?: RunOptions): Promise<SchemaReport> {
    return this.run({ kind: 'ensureSchema', entities: entities.map(modelOf) }, options);
  }

  /**
   * The driver's own collection of an entity, for what repositories do not have. Documents are as stored: a single key is
   * `_id`, and there are no nulls. `trivet/mongo` has `collectionOf`, which gives it with the driver's types.
   */
  async collection(entity: EntityLike): Promise<MongoCollectionLike> {
    const model = modelOf(entity);
    return this.#within({ entity: model }, {}, this.#settings.timeoutMs, async (call) => {
      const opened = await this.#opened(call);
      return this.#target(opened, model).collection;
    });
  }

  /** @internal Runs what a repository of this engine does with the driver's collection, under the limits of a call. */
  '~use'<T>(
    entity: EntityModel,
    options: RunOptions,
    work: (collection: MongoCollectionLike, call: Call) => Promise<T>,
  ): Promise<T> {
    return this.#join(null, { entity }, options, this.#settings.timeoutMs, async (call) => {
      const opened = await this.#opened(call);
      return work(this.#target(opened, entity).collection, call);
    });
  }

  /** @internal Runs work whose calls are read and written as `options` say. */
  '~with'(subject: string, options: MongoConcernOptions): <T>(work: () => T) => T {
    return this.#concerns.with(subject, options);
  }

  toJSON(): { readonly engine: 'mongo'; readonly resource: string } {
    return { engine: 'mongo', resource: this.#settings.label };
  }

  /** What is open, or will be: waiting for the first costs a call nothing but its turn. */
  #opened(call: Call): Opened | Promise<Opened> {
    return this.#connection.opened ?? this.#open(call);
  }

  async #open(call: Call): Promise<Opened> {
    const opened = await this.#connection.open();
    // Nobody waits any more: the command must not be sent.
    if (call.over) throw new ClosedError('The call is over');
    return opened;
  }

  #target(opened: Opened, entity: EntityModel): Target {
    let target = this.#targets.get(entity);
    if (target === undefined) {
      target = new Target(opened, entity, this.#settings.naming, this.#plans);
      this.#targets.set(entity, target);
    }
    return target;
  }

  /** Runs work as a call of the transaction of the context, if there is one. Without a command, what it writes is not known. */
  async #join<T>(
    command: Command | null,
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const scope = this.#transactions.current;
    const concerns = this.#concerns.of(subject?.entity.name ?? this.#settings.label, scope !== null);
    if (scope === null) return this.#within(subject, options, defaultMs, work, concerns);
    if (command?.kind === 'ensureSchema') {
      throw new SchemaError(
        'MongoDB makes no collections and indexes in a transaction: call `ensureSchema()` before it, or in `database.detached()`',
        { resource: this.#settings.label },
      );
    }
    scope.admit(command);
    return this.#within(subject, options, defaultMs, (call) =>
      joined(scope, call, work, (error) => this.#toError(error, subject, call)),
    );
  }

  #within<T>(
    subject: Subject | null,
    options: RunOptions,
    defaultMs: number,
    work: (call: Call) => Promise<T>,
    concerns: Concerns = NO_CONCERNS,
  ): Promise<T> {
    const { signal, timeoutMs } = options;
    const limits = { resource: this.#settings.label, signal, timeoutMs, defaultMs, concerns };
    return within(limits, work, (error, call) => this.#toError(error, subject, call));
  }

  #toError(error: unknown, subject: Subject | null, { startedAt, sent }: Call): unknown {
    const { label: resource, naming } = this.#settings;
    const names = subject === null ? null : new Names(subject.entity, naming);
    const increments = (subject?.assignments ?? [])
      .filter(({ op, field }) => op === 'increment' && field.kind === 'bigint')
      .map(({ field }) => field.path);
    return toError(error, { resource, names, increments, startedAt, sent });
  }
}
