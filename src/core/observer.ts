import { AsyncLocalStorage } from 'node:async_hooks';
import type { Duration } from '../util/duration.js';
import { channels, type QueryTrace, traced } from './channels.js';
import type { ConnectionEvents } from './connection-events.js';
import { timeLimit } from './engine-options.js';

/** A logger as pino has it: what happened as an object, then a message. It is never given a value of a row, a parameter or a secret. */
export interface Logger {
  info(what: object, message: string): void;
  warn(what: object, message: string): void;
  error(what: object, message: string): void;
}

/** What every database takes for being seen from outside. */
export interface ObserverOptions {
  /** Told of calls that fail or are slow, and of what happens to connections. @default none */
  readonly logger?: Logger | undefined;
  /** Calls that take longer are told to `logger`, with what they waited for; needs one. @default off */
  readonly slowQuery?: Duration | undefined;
}

/** @throws TypeError for what is no logger */
export function checkLogger(logger: Logger): Logger {
  for (const level of ['info', 'warn', 'error'] as const) {
    if (typeof logger?.[level] !== 'function') throw new TypeError(`Expected \`logger\` to have a method \`${level}\``);
  }
  return logger;
}

/** Settings of an observer after they were checked. */
export interface ObserverSettings {
  readonly logger: Logger | null;
  readonly slowMs: number | null;
}

/** Checks the options. @throws TypeError */
export function observerSettings({ logger, slowQuery }: ObserverOptions): ObserverSettings {
  if (slowQuery !== undefined && logger === undefined)
    throw new TypeError('Expected `logger` beside `slowQuery`: it is where slow calls are told');
  return {
    logger: logger === undefined ? null : checkLogger(logger),
    slowMs: slowQuery === undefined ? null : timeLimit(slowQuery, 'slowQuery'),
  };
}

/** Writes down what happens to the connections of a database. */
export function logConnections({ logger }: ObserverSettings, resource: string, events: ConnectionEvents): void {
  if (logger === null) return;
  events.watch((event) => {
    if (event.type === 'error') logger.warn({ resource, error: event.error.message }, 'connection error');
    else if (event.type === 'disconnected') logger.error({ resource, error: event.error.message }, 'disconnected');
    else logger.info({ resource }, event.type);
  });
}

/** Tells whoever listens, on the channels or by a logger, of the calls of one database. */
export class Observer {
  readonly #engine: string;
  readonly #resource: string;
  readonly #settings: ObserverSettings;

  constructor(engine: string, resource: string, settings: ObserverSettings) {
    this.#engine = engine;
    this.#resource = resource;
    this.#settings = settings;
  }

  /** Whether anybody wants to know: else a call costs this look, and nothing more. */
  get listens(): boolean {
    return this.#settings.logger !== null || channels.query.hasSubscribers;
  }

  /** Runs `work` as one query, which fills in of its trace what it knows. */
  async query<T>(operation: string, entity: string | null, work: (trace: QueryTrace) => Promise<T>): Promise<T> {
    const trace: QueryTrace = { engine: this.#engine, resource: this.#resource, operation, entity };
    const startedAt = performance.now();
    let failure: unknown = null;
    try {
      const result = await traced(
        channels.query,
        () => trace,
        async () => {
          const given = await work(trace);
          trace.rows ??= rowsOf(operation, given);
          return given;
        },
      );
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#log(trace, performance.now() - startedAt, failure);
    }
  }

  /**
   * The rows of a stream, which is one query from its first row to its last. What the consumer takes its time for is not the server's. `open` is called at
   * once, and fills in what it knows when the rows are asked for.
   */
  stream<T>(
    operation: string,
    entity: string,
    open: (trace: QueryTrace) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    const trace: QueryTrace = { engine: this.#engine, resource: this.#resource, operation, entity, rows: 0 };
    return this.#told(trace, open(trace));
  }

  async *#told<T>(trace: QueryTrace, rows: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const { query } = channels;
    const startedAt = performance.now();
    let failure: unknown = null;
    // What is bound to the channel, such as a span, holds for each row that is asked for.
    const inContext = query.start.runStores(trace, () => AsyncLocalStorage.snapshot());
    query.end.publish(trace);
    let waitedMs = 0;
    try {
      const iterator = rows[Symbol.asyncIterator]();
      try {
        for (;;) {
          const askedAt = performance.now();
          let next: IteratorResult<T>;
          try {
            next = await inContext(() => iterator.next());
          } finally {
            waitedMs += performance.now() - askedAt;
          }
          if (next.done === true) return;
          trace.rows! += 1;
          yield next.value;
        }
      } finally {
        await iterator.return?.();
      }
    } catch (error) {
      failure = error;
      trace.error = error;
      query.error.publish(trace);
      throw error;
    } finally {
      trace.serverMs = waitedMs - (trace.queueMs ?? 0) - (trace.decodeMs ?? 0);
      query.asyncStart.publish(trace);
      query.asyncEnd.publish(trace);
      this.#log(trace, performance.now() - startedAt, failure, waitedMs);
    }
  }

  #log(trace: QueryTrace, totalMs: number, failure: unknown, slowness: number = totalMs): void {
    const { logger, slowMs } = this.#settings;
    if (logger === null) return;
    const { error: _error, ...what } = trace;
    try {
      if (failure !== null) {
        const { code, outcome, message } = failure as { code?: unknown; outcome?: unknown; message?: unknown };
        logger.error({ ...what, totalMs, code, outcome, error: message }, 'query failed');
      } else if (slowMs !== null && slowness >= slowMs) logger.warn({ ...what, totalMs }, 'slow query');
    } catch {
      // Who writes it down is no part of the call.
    }
  }
}

/** A number is one of rows only where rows were changed: a count is an answer. */
function rowsOf(operation: string, result: unknown): number | undefined {
  if (Array.isArray(result)) return result.length;
  return typeof result === 'number' && (operation === 'update' || operation === 'delete') ? result : undefined;
}
