import type { PoolStats } from '../errors/pool.js';
import type { Command, FindCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import type { Duration } from '../util/duration.js';
import type { ConnectionListener } from './connection-events.js';
import type { CallOptions } from './options.js';

/** The engines that the library ships. A third engine names itself. */
export type EngineName = 'postgres' | 'mongo' | 'memory';

/** The limits of one command. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call. */
  readonly timeoutMs?: number | undefined;
}

/** The limits of a stream, and how its rows are fetched. */
export interface StreamRunOptions extends RunOptions {
  /** Rows fetched at a time. @default 500 */
  readonly batch?: number | undefined;
}

/** What a transaction sees of the others. An engine gives at least what the name says, or refuses it. */
export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable';

/** Options of `transaction`. `signal` and `timeout` are for the whole of it, every attempt included. */
export interface TransactionOptions extends CallOptions {
  /** Ends the call with `AbortedError`, unless COMMIT was sent already; nothing is stored then. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for the whole call, then `TimeoutError`. @default '1m' */
  readonly timeout?: Duration | undefined;
  /** Inside another transaction it can only be one that the outer gives. @default the weakest that the engine has */
  readonly isolation?: IsolationLevel | undefined;
  /** Refuses every write. @default false, or what the outer transaction has */
  readonly readOnly?: boolean | undefined;
  /** How many times the whole of `work` may run again after it lost against another transaction. Inside another one, the outer's counts. @default 0 */
  readonly retries?: number | undefined;
}

/** A transaction while its `work` runs. */
export interface Transaction {
  /** Aborts when the transaction must end: by its timeout or by the caller's signal. For what `work` does elsewhere. */
  readonly signal: AbortSignal;
  /**
   * Runs `work` once, when the outermost transaction has committed and before its call gives its result. What was asked for in an attempt that
   * is run again, or in a nested transaction that is undone, does not run.
   * With `evenIfUnknown` it also runs when the answer to COMMIT got lost, so that it may have committed: for what does no harm if it has not, such as
   * taking values out of a cache.
   * @throws TransactionClosedError after the end
   */
  afterCommit(work: () => unknown, options?: { readonly evenIfUnknown?: boolean | undefined }): void;
}

/** An engine. Commands reach it checked: fields exist, values are canonical, filters are pushed down. */
export interface Database<N extends string = string> {
  readonly engine: N;
  /** Runs one command and gives what its interface says. */
  run<T>(command: Command, options?: RunOptions): Promise<T>;
  /** The rows of a find, `batch` at a time; nothing is held on the server after the loop ends or breaks. */
  stream(command: FindCommand, options?: StreamRunOptions): AsyncIterable<StoredRow>;
  /** Runs `work` as one transaction, which every call on this database that `work` makes joins. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs `work` as `transaction` does where the deployment has transactions, else without one. @default `transaction` */
  atomically?<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** The transaction that a call made here would join; null outside of one. Middleware is told of it. */
  readonly currentTransaction?: Transaction | null;
  /** Runs `work` outside the transaction that it is called in. */
  detached<T>(work: () => T): T;
}

/** What a server says of itself. */
export interface ServerState {
  /** Such as `15.20`; null where the server does not say. */
  readonly version: string | null;
  readonly role: 'primary' | 'replica' | 'router' | 'standalone' | 'starting' | 'unknown';
  /** Whether it takes writes now. */
  readonly writable: boolean;
}

/** Options of `close`. */
export interface CloseOptions {
  /** How long calls in flight may take to finish; then they are cancelled and their connections destroyed. @default '10s' */
  readonly deadline?: Duration | undefined;
}

/** Something with connections that can be opened, asked and closed: what `ConnectionPoolManager` manages. */
export interface Resource {
  /** Opens at least one connection and logs in; one attempt. Optional: the first command does it too. */
  connect(): Promise<void>;
  /** Asks the server for a sign of life, on a connection of the pool. */
  ping(signal?: AbortSignal): Promise<void>;
  /** Asks the server for its state on a connection of its own, so that neither an exhausted pool nor a hung connection is in the way. */
  probe?(signal?: AbortSignal): Promise<ServerState>;
  stats(): PoolStats;
  /** Tells `listener` what happens to connections; gives the function that ends it. */
  watch?(listener: ConnectionListener): () => void;
  /** Refuses new calls, lets those in flight finish until the deadline, then cancels them. Idempotent. A client or pool that the caller brought is left open. */
  close(options?: CloseOptions): Promise<void>;
}
