import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/** What is common to every trace. Nothing in a trace is a value of a row, a parameter or a secret. */
export interface Trace {
  /** `postgres`, `mongo`, `redis`, `memory`, or what a third engine calls itself. */
  readonly engine: string;
  /** The name of the database or store as in its errors. */
  readonly resource: string;
  /** Set before `asyncEnd`, by Node: what failed. */
  error?: unknown;
}

/** One new connection, login included. */
export interface ConnectTrace extends Trace {}

/** One wait for a connection of the pool; a connection that is free is not waited for. On MongoDB also for a server, and not told before the event loop turns. */
export interface AcquireTrace extends Trace {}

/** One command of a repository, or a statement of the caller's own. */
export interface QueryTrace extends Trace {
  /** Kind of the command (`find`, `insert`, …), or `query` for a statement of the caller's own. */
  readonly operation: string;
  /** Name of the entity, or null for a statement of the caller's own. */
  readonly entity: string | null;
  /** The statement with its placeholders, where the engine has one. */
  statement?: string | undefined;
  /** Milliseconds from the call until it had a connection; on MongoDB with those that its further commands waited for theirs. */
  queueMs?: number | undefined;
  /**
   * Milliseconds from sending until the last byte of the answer, without `decodeMs`; of a stream, all waiting for rows, without `queueMs` too. Where it
   * cannot be told apart, undefined.
   */
  serverMs?: number | undefined;
  /** Milliseconds for making rows of the answer. */
  decodeMs?: number | undefined;
  /** Rows given or changed. */
  rows?: number | undefined;
}

/** One transaction, all of its attempts. */
export interface TransactionTrace extends Trace {
  attempts?: number | undefined;
  outcome?: 'committed' | 'rolled back' | 'unknown' | undefined;
}

/** What a cache gave to who asked for one key, and where it was. */
export interface CacheOutcome {
  /** `hit` and `stale` were there, fresh or old; `load` was loaded, here or by another process; `miss` was nowhere, and nothing was given. */
  result?: 'hit' | 'stale' | 'load' | 'miss' | undefined;
  /** Where a `hit` or a `stale` value was: in the memory of the process (`l1`), or in the store. */
  level?: 'l1' | 'store' | undefined;
}

/** One call of a cache, or a load that one brought about, behind it too. Neither keys nor tags are ever in it. */
export interface CacheTrace extends Trace, CacheOutcome {
  /** The method that was called; `load` is the load of one value. */
  readonly operation:
    | 'get'
    | 'getMany'
    | 'getOrSet'
    | 'getOrSetMany'
    | 'set'
    | 'setMany'
    | 'delete'
    | 'invalidateTags'
    | 'clear'
    | 'load';
  /** Prefix and namespace, such as `app/users`. */
  readonly cache: string;
  /** Of a call for several keys: how many values were there. */
  hits?: number | undefined;
  /** Of a call for several keys: how many were not. */
  misses?: number | undefined;
}

/** What was done about one lock. */
export interface LockTrace extends Trace {
  /** A renewal is an `extend`. `lost` takes no time, and has the `LockLostError` as its `error`. */
  readonly operation: 'acquire' | 'extend' | 'release' | 'lost';
  /** Name of the lock. */
  readonly lock: string;
  /** The fencing token in decimal digits, because most of what writes traces down cannot write a bigint; where it was acquired. */
  fence?: string | undefined;
  /** Of `acquire`: milliseconds that it waited before the attempt that decided. */
  waitedMs?: number | undefined;
  /** Of `extend` and `release`: whether the store still had it as ours. */
  isOurs?: boolean | undefined;
}

/** The channels that the engines publish to. Who subscribes pays; without subscribers a call costs one look. */
export const channels: {
  readonly connect: TracingChannel<string, ConnectTrace>;
  readonly acquire: TracingChannel<string, AcquireTrace>;
  readonly query: TracingChannel<string, QueryTrace>;
  readonly transaction: TracingChannel<string, TransactionTrace>;
  readonly cache: TracingChannel<string, CacheTrace>;
  readonly lock: TracingChannel<string, LockTrace>;
} = Object.freeze({
  connect: tracingChannel<string, ConnectTrace>('trivet:connect'),
  acquire: tracingChannel<string, AcquireTrace>('trivet:acquire'),
  query: tracingChannel<string, QueryTrace>('trivet:query'),
  transaction: tracingChannel<string, TransactionTrace>('trivet:transaction'),
  cache: tracingChannel<string, CacheTrace>('trivet:cache'),
  lock: tracingChannel<string, LockTrace>('trivet:lock'),
});

/**
 * What `work` gives, traced where somebody listens; the trace is made only then. The events are those of `TracingChannel.tracePromise`, which would put
 * the result into the trace too: rows are not for everybody who listens.
 */
export function traced<T, C extends Trace>(
  channel: TracingChannel<string, C>,
  trace: () => C,
  work: (trace: C | null) => Promise<T>,
): Promise<T> {
  return channel.hasSubscribers ? publishing(channel, trace(), work) : work(null);
}

async function publishing<T, C extends Trace>(
  { start, end, asyncStart, asyncEnd, error }: TracingChannel<string, C>,
  context: C,
  work: (trace: C) => Promise<T>,
): Promise<T> {
  // With it begin the stores that are bound to the channel, such as a span.
  const promise = start.runStores(context, async () => work(context));
  end.publish(context);
  try {
    return await promise;
  } catch (reason) {
    context.error = reason;
    error.publish(context);
    throw reason;
  } finally {
    asyncStart.publish(context);
    asyncEnd.publish(context);
  }
}
