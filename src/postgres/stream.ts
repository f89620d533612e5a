import type { QueryTrace } from '../core/channels.js';
import { Deadline } from '../core/deadline.js';
import { ClosedError, ConnectionError, TimeoutError } from '../errors/runtime.js';
import type { Connections } from './connections.js';
import { checkParameters, type Result, type Statement } from './exchange.js';
import type { Row } from './rows.js';

/** How a stream outside of a transaction is read. */
export interface StreamSettings {
  readonly resource: string;
  readonly batch: number;
  /** For the whole stream, the consumer's own time included. */
  readonly timeoutMs: number | undefined;
  /** For each answer of the server, when the whole has no limit. */
  readonly stepTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Makes one of the library's errors of the driver's. */
  readonly map: (error: unknown) => unknown;
  /** Where it is told how long the parts take, when anybody listens. */
  readonly trace: QueryTrace | null;
}

/**
 * The rows of a statement, a batch at a time: the next batch is asked for when the consumer has taken the last. The statement's portal
 * stays open between, in its own implicit transaction, so all rows are of one snapshot; nothing of it outlives the loop.
 */
export async function* streamRows(
  connections: Connections,
  statement: Statement,
  settings: StreamSettings,
): AsyncGenerator<Row, void, undefined> {
  const { resource, stepTimeoutMs, timeoutMs, trace } = settings;
  checkParameters(statement, resource);
  const askedAt = performance.now();
  const acquiring = new Deadline(timeoutMs ?? stepTimeoutMs, settings.signal);
  const session = await connections.acquire(acquiring).finally(() => acquiring.clear());
  if (trace !== null) trace.queueMs = performance.now() - askedAt;
  const left = timeoutMs === undefined ? undefined : Math.max(timeoutMs - acquiring.elapsedMs, 1);
  const whole = new Deadline(left, settings.signal);
  let failure: unknown = null;
  let pending: { resolve(result: Result): void; reject(error: unknown): void } | null = null;
  const fail = (error: unknown): void => {
    failure ??= error;
    session.destroy(true);
    pending?.reject(failure);
  };
  const closed = (): void =>
    fail(new ClosedError(`The database was closed while a stream was open (${resource})`, { resource }));
  whole.listen(() => fail(whole.error('unknown', resource, 'the stream was cancelled, its connection dropped')));
  connections.streams.add(closed);

  const exchange = session.open(statement, settings.batch, (error, result) => {
    if (result !== null) {
      pending?.resolve(result);
      return;
    }
    // Nobody may be waiting: an error between two batches must not look like the end of the rows.
    failure ??= settings.map(error);
    if (failure instanceof ConnectionError) session.destroy(false);
    pending?.reject(failure);
  });
  if (trace !== null) exchange.observe(trace);
  const step = async (start: () => void): Promise<Result> => {
    if (failure !== null) throw failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        pending = { resolve, reject };
        if (timeoutMs === undefined) timer = setTimeout(() => fail(tooSlow(stepTimeoutMs, resource)), stepTimeoutMs);
        start();
      });
    } finally {
      pending = null;
      clearTimeout(timer);
    }
  };

  try {
    if (whole.ended) throw whole.error('not-executed', resource, 'nothing was sent');
    let result = await step(() => session.submit(exchange));
    while (true) {
      for (const row of result.rows) {
        yield row;
        if (failure !== null) throw failure;
      }
      if (exchange.ended) return;
      result = await step(() => session.next(exchange));
    }
  } finally {
    try {
      if (exchange.submitted && !exchange.ended && failure === null) await step(() => session.end(exchange));
    } catch {
      session.destroy(false);
    }
    whole.clear();
    connections.streams.delete(closed);
    session.release();
  }
}

function tooSlow(milliseconds: number, resource: string): TimeoutError {
  return new TimeoutError(
    `The server gave no rows within ${milliseconds} ms: the stream was cancelled, its connection dropped`,
    {
      outcome: 'unknown',
      resource,
    },
  );
}
