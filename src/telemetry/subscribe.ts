import type { TracingChannel } from 'node:diagnostics_channel';
import {
  type AcquireTrace,
  type CacheTrace,
  type ConnectTrace,
  channels,
  type LockTrace,
  type QueryTrace,
  type Trace,
  type TransactionTrace,
} from '../core/channels.js';

/** Told when something has ended, well or not: then `trace.error` is what it failed with. `durationMs` is the whole of it. */
export type Ended<T extends Trace> = (trace: Readonly<T>, durationMs: number) => void;

/** Who wants to know of what. */
export interface TraceListeners {
  readonly connect?: Ended<ConnectTrace> | undefined;
  readonly acquire?: Ended<AcquireTrace> | undefined;
  readonly query?: Ended<QueryTrace> | undefined;
  readonly transaction?: Ended<TransactionTrace> | undefined;
  readonly cache?: Ended<CacheTrace> | undefined;
  readonly lock?: Ended<LockTrace> | undefined;
}

/**
 * Listens to the connections, waits, queries and transactions of every database of the process, to its caches and locks; gives the function that ends it. For spans, use the
 * channels themselves: `channels.query.start.bindStore(...)` keeps a store for what a call does.
 *
 * @example
 * ```ts
 * import { subscribe } from 'trivet/telemetry';
 *
 * const stop = subscribe({
 *   query: ({ engine, entity, operation, rows, error }, durationMs) =>
 *     console.log(engine, entity, operation, rows, durationMs, error === undefined ? 'ok' : 'failed'),
 * });
 * stop();
 * ```
 */
export function subscribe(listeners: TraceListeners): () => void {
  const ends: (() => void)[] = [];
  const listen = <T extends Trace>(channel: TracingChannel<string, T>, listener: Ended<T> | undefined): void => {
    if (listener === undefined) return;
    const started = new WeakMap<object, number>();
    const handlers = {
      start: (trace: T): void => void started.set(trace, performance.now()),
      end: (): void => {},
      asyncStart: (): void => {},
      asyncEnd: (trace: T): void => {
        const at = started.get(trace);
        if (at !== undefined) listener(trace, performance.now() - at);
      },
      error: (): void => {},
    };
    channel.subscribe(handlers as never);
    ends.push(() => channel.unsubscribe(handlers as never));
  };
  listen(channels.connect, listeners.connect);
  listen(channels.acquire, listeners.acquire);
  listen(channels.query, listeners.query);
  listen(channels.transaction, listeners.transaction);
  listen(channels.cache, listeners.cache);
  listen(channels.lock, listeners.lock);
  return () => {
    for (const end of ends.splice(0)) end();
  };
}
