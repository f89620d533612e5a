import type { QueryTrace } from '../core/channels.js';
import type { ConnectionListener } from '../core/connection-events.js';
import type { Deadline } from '../core/deadline.js';
import { CLOSE_DEADLINE, callLimits, DEFAULT_BATCH, SCHEMA_TIMEOUT_MS, timeLimit } from '../core/engine-options.js';
import { logConnections } from '../core/observer.js';
import type { CallOptions } from '../core/options.js';
import { PlanCache } from '../core/plan-cache.js';
import type {
  CloseOptions,
  Database,
  Resource,
  RunOptions,
  ServerState,
  StreamRunOptions,
  Transaction,
} from '../core/ports.js';
import { Transactions } from '../core/transaction.js';
import type { PoolStats } from '../errors/pool.js';
import type { Command, FindCommand, SchemaReport } from '../query/command.js';
import { modelOf } from '../schema/entity.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import type { AnyEntity } from '../schema/types.js';
import type { Duration } from '../util/duration.js';
import type { BesideConnection, NameOf } from './beside-connection.js';
import { Calls } from './calls.js';
import { Connections } from './connections.js';
import { ensureSchema } from './ensure-schema.js';
import { mapError } from './errors.js';
import { plain, type Statement } from './exchange.js';
import { type CommandContext, type CommandRun, commandRun, findStatement } from './execute.js';
import { type Explained, explain } from './explain.js';
import { type Table, tableOf } from './fields.js';
import { checkLock } from './lock.js';
import { type PostgresOptions, parseOptions, type Settings } from './options.js';
import { Prober } from './probe.js';
import { streamInScope } from './scope-stream.js';
import type { Session } from './session.js';
import { encodeParameter, SqlFragment } from './sql.js';
import { streamRows } from './stream.js';
import { type PostgresTransactionOptions, PostgresTransactions } from './transaction.js';

/** Options of statements of the caller's own. */
export interface QueryOptions {
  /** Ends the call with `AbortedError`; the statement is cancelled on the server. */
  readonly signal?: AbortSignal | undefined;
  /** @default the database's `timeout` */
  readonly timeout?: Duration | undefined;
}

/**
 * A PostgreSQL database, over the driver `pg`, which is loaded at the first connection.
 *
 * Every call has a deadline. A call that ends at it, or by its signal, is cancelled on the server, and its connection is dropped.
 * @throws TypeError when an option is not what was expected.
 *
 * @example
 * ```ts
 * import { PostgresDatabase } from 'trivet';
 *
 * const database = new PostgresDatabase({ url: 'postgres://app@localhost:5432/shop', max: 10, timeout: '10s' });
 * const rows = await database.query<{ now: Date }>('select now() as now');
 * await database.close();
 * ```
 */
export class PostgresDatabase implements Database<'postgres'>, Resource {
  // Settings are private, so neither `inspect` nor JSON shows them: one of them is a password.
  readonly engine = 'postgres' as const;
  /** The name given, or `host:port/database`. */
  readonly name: string;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #plans = new PlanCache();
  readonly #transactions: Transactions<Session>;
  readonly #calls: Calls;
  readonly #prober: Prober;

  constructor(options: PostgresOptions = {}) {
    this.#settings = parseOptions(options);
    this.name = this.#settings.resource;
    this.#connections = new Connections(this.#settings);
    logConnections(this.#settings.observer, this.name, this.#connections.events);
    this.#prober = new Prober(this.#settings);
    this.#transactions = new Transactions(new PostgresTransactions(this.#connections, this.#settings));
    this.#calls = new Calls(this.#connections, this.#transactions, this.#settings);
  }

  async run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    if (command.kind === 'ensureSchema')
      return this['~onTables'](command.entities, ensureSchema, options) as Promise<T>;
    if (command.kind === 'find') checkLock(command, this.#transactions.current);
    const table = tableOf(command.entity, this.#settings.naming);
    const run = commandRun(command, this.#context(table)) as CommandRun<T>;
    return this.#calls.run(options.timeoutMs, options.signal, table, run, command);
  }

  stream(command: FindCommand, options: StreamRunOptions = {}): AsyncIterable<StoredRow> {
    return this.#calls.observed(command.entity.name, (trace) => this.#stream(command, options, trace));
  }

  #stream(command: FindCommand, options: StreamRunOptions, trace: QueryTrace | null): AsyncIterable<StoredRow> {
    const { resource, timeoutMs, naming } = this.#settings;
    const table = tableOf(command.entity, naming);
    const statement = findStatement(command, this.#context(table));
    const scope = this.#transactions.current;
    if (trace !== null) trace.statement = statement.text;
    if (scope !== null) {
      const batch = options.batch ?? DEFAULT_BATCH;
      return streamInScope(scope, statement, batch, options.timeoutMs, (left, work) => {
        // The loop may ask from a nested transaction, which has the connection then.
        const { current } = this.#transactions;
        const on = current?.isWithin(scope) === true ? current : scope;
        return this.#calls.inside(on, left, options.signal, table, work, command);
      });
    }
    return streamRows(this.#connections, statement, {
      resource,
      batch: options.batch ?? DEFAULT_BATCH,
      timeoutMs: options.timeoutMs,
      stepTimeoutMs: timeoutMs,
      signal: options.signal,
      map: (error) => mapError(error, { resource, sent: true, table }),
      trace,
    });
  }

  /**
   * Runs `work` as one transaction, on one connection. Every call that `work` makes on this database joins it, whichever repository it is made
   * with; a `transaction` inside is a savepoint. When `work` throws, nothing is stored, and the error comes out.
   *
   * @throws ConflictError when it lost against another transaction, after the `retries` given
   * @throws TransactionAbortedError when a call in it failed although `work` went on
   * @throws ConnectionError with `outcome: 'unknown'` when the connection broke at COMMIT and the server could not be asked
   * @throws AfterCommitError when it is stored, but one of its `afterCommit` callbacks failed
   * @example
   * ```ts
   * import { entity, increment, integer, PostgresDatabase, Repository, text } from 'trivet';
   *
   * const Account = entity('accounts', { id: text().max(20).primaryKey(), balance: integer().min(0) });
   * const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
   * const accounts = new Repository(database, Account);
   *
   * async function move(amount: number) {
   *   await database.transaction(
   *     async (tx) => {
   *       await accounts.update('ann', { balance: increment(-amount) });
   *       await accounts.update('bob', { balance: increment(amount) });
   *       tx.afterCommit(() => console.log('moved'));
   *     },
   *     { isolation: 'serializable', retries: 3 },
   *   );
   * }
   * ```
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: PostgresTransactionOptions): Promise<T> {
    return this.#transactions.run(work, options);
  }

  /** @internal The plan of a find. */
  '~explain'(command: FindCommand, analyze: boolean, options: RunOptions): Promise<Explained> {
    const { current } = this.#transactions;
    checkLock(command, current);
    const table = tableOf(command.entity, this.#settings.naming);
    const statement = findStatement(command, this.#context(table));
    return explain(this.#calls, command, statement, table, analyze, current !== null, options);
  }

  /** The transaction that a call made here joins; null outside of one. */
  get currentTransaction(): Transaction | null {
    return this.#transactions.current?.tx ?? null;
  }

  /** Runs `work` outside the transaction that it is called in: on another connection, which does not see what is not committed. */
  detached<T>(work: () => T): T {
    return this.#transactions.detached(work);
  }

  /** Opens a connection and logs in, and as many as `min`; one attempt. @throws ConnectionError, AuthenticationError, DriverMissingError */
  async connect(): Promise<void> {
    await this.#connections.connect();
  }

  /** Asks the server for an answer, within `connectTimeout`. */
  async ping(signal?: AbortSignal): Promise<void> {
    const statement = plain('select 1');
    const run = (session: Session, deadline: Deadline) => session.run(statement, deadline);
    await this.#calls.alone(this.#settings.connectTimeoutMs, signal, null, run, null, true);
  }

  /**
   * Asks the server for its state on a connection of its own, within `connectTimeout`: neither an exhausted pool nor a connection that hangs is in
   * the way. The connection is kept for the next time.
   */
  probe(signal?: AbortSignal): Promise<ServerState> {
    return this.#prober.probe(signal);
  }

  /** @internal A connection of its own, beside the pool. */
  '~beside'(nameOf: NameOf, signal?: AbortSignal): Promise<BesideConnection> {
    return this.#prober.beside(nameOf, signal);
  }

  stats(): PoolStats {
    return this.#connections.stats();
  }

  /** Tells `listener` what happens to the connections; gives the function that ends it. */
  watch(listener: ConnectionListener): () => void {
    return this.#connections.events.watch(listener);
  }

  /**
   * Refuses new calls, fails those that wait for a connection, ends open streams, lets calls in flight finish until the deadline, then cancels them,
   * and closes the connections; a pool that was given stays open. Idempotent; a later call may bring an earlier deadline.
   */
  async close({ deadline = CLOSE_DEADLINE }: CloseOptions = {}): Promise<void> {
    const deadlineMs = timeLimit(deadline, 'deadline');
    this.#prober.close();
    await this.#connections.close(deadlineMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Runs a statement of your own with `$1`-style parameters, or one made by the tag `sql`, and gives its rows.
   * Columns are read by their types: `int8` as number (past 2^53 as bigint), `numeric` as text, `timestamptz` as `Date`, `bytea` as `Uint8Array`.
   */
  query<R extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<R[]>;
  query<R extends object = Record<string, unknown>>(fragment: SqlFragment, options?: QueryOptions): Promise<R[]>;
  async query<R extends object>(
    source: string | SqlFragment,
    second?: readonly unknown[] | QueryOptions,
    third?: QueryOptions,
  ): Promise<R[]> {
    if (source instanceof SqlFragment) {
      const { text, values } = source.compile(this.#settings.naming);
      return this.#own<R>(plain(text, values), second as QueryOptions | undefined);
    }
    const values = ((second as readonly unknown[] | undefined) ?? []).map(encodeParameter);
    return this.#own<R>(plain(source, values), third);
  }

  /** Like `query`, and the statement stays prepared on its connection under this name. */
  async prepared<R extends object = Record<string, unknown>>(
    name: string,
    text: string,
    values: readonly unknown[] = [],
    options?: QueryOptions,
  ): Promise<R[]> {
    const statement: Statement = {
      text,
      values: values.map(encodeParameter),
      name: this.#settings.prepare ? name : null,
      columns: null,
    };
    return this.#own<R>(statement, options);
  }

  /**
   * Makes what the entities need and the database has not: tables, columns, indexes. Alters and drops nothing, and says what differs.
   *
   * @param options `timeout` is ten minutes unless told, because an index over a large table takes its time.
   */
  async ensureSchema(entities: readonly AnyEntity[], options: CallOptions = {}): Promise<SchemaReport> {
    return this['~onTables'](entities.map(modelOf), ensureSchema, callLimits(options));
  }

  /** @internal Work on the tables of entities, on one connection. */
  '~onTables'<T>(
    entities: readonly EntityModel[],
    work: (session: Session, tables: readonly Table[], deadline: Deadline) => Promise<T>,
    { timeoutMs = SCHEMA_TIMEOUT_MS, signal }: RunOptions,
  ): Promise<T> {
    const tables = entities.map((each) => tableOf(each, this.#settings.naming));
    const run = (session: Session, deadline: Deadline): Promise<T> => work(session, tables, deadline);
    return this.#calls.run(timeoutMs, signal, tables[0] ?? null, run, { kind: 'ensureSchema', entities });
  }

  async #own<R>(statement: Statement, options: QueryOptions = {}): Promise<R[]> {
    const { timeoutMs, signal } = callLimits(options);
    const result = await this.#calls.run(timeoutMs, signal, null, (session, deadline) =>
      session.run(statement, deadline),
    );
    return result.rows as R[];
  }

  #context(table: Table): CommandContext {
    return { table, plans: this.#plans, prepare: this.#settings.prepare };
  }
}
