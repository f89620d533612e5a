import { DEFAULT_BATCH } from '../core/engine-options.js';
import type { StreamRunOptions } from '../core/ports.js';
import type { FindCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';
import { type Call, within } from './call.js';
import { findCommand } from './compile-read.js';
import type { Concerns } from './concerns.js';
import { type BatchCursor, openCursor } from './cursor.js';
import { findPlan } from './reads.js';
import type { Target } from './target.js';

/** How a stream is read, and where its steps run. */
export interface StreamSettings {
  readonly resource: string;
  readonly defaultMs: number;
  readonly target: (call: Call) => Promise<Target>;
  /** Runs a step of the stream as a call of the transaction, if it belongs to one. */
  readonly join: <T>(call: Call, work: (call: Call) => Promise<T>) => Promise<T>;
  readonly concerns: Concerns;
  readonly mapError: (error: unknown, call: Call) => unknown;
}

/**
 * The rows of a find. A timeout of the call is for all of it; the default one is for each batch, because a stream may well
 * last for hours. Whatever ends the loop, the server's cursor is closed.
 */
export async function* streamRows(
  command: FindCommand,
  options: StreamRunOptions,
  settings: StreamSettings,
): AsyncGenerator<StoredRow, void, undefined> {
  const { signal, timeoutMs, batch = DEFAULT_BATCH } = options;
  const { resource, defaultMs, mapError, join, concerns } = settings;
  const startedAt = performance.now();
  const left = () => (timeoutMs === undefined ? undefined : Math.max(1, startedAt + timeoutMs - performance.now()));
  const step = <T>(work: (call: Call) => Promise<T>): Promise<T> =>
    within({ resource, signal, timeoutMs: left(), defaultMs, concerns }, work, mapError);
  const target = await step(settings.target);
  const plan = findPlan(target, command);
  const controller = new AbortController();
  const find = findCommand(plan, target.names.collection, command, batch);
  let cursor: BatchCursor | null = null;
  // Aborted between two batches, nobody asks for the next one.
  const abandon = (): void => void cursor?.close();
  signal?.addEventListener('abort', abandon, { once: true });
  let failed = false;
  try {
    for (;;) {
      const rows = await step((call) =>
        join(call, (joined) => (cursor ??= openCursor(target, plan, find, joined)).next(joined, controller.signal)),
      );
      if (rows === null) return;
      yield* rows;
    }
  } catch (error) {
    failed = true;
    // Its connection is closed: a reply that did not come in time must not reach anybody.
    controller.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abandon);
    const closing = (cursor as BatchCursor | null)?.close() ?? Promise.resolve();
    // A server that does not answer must not hold the error back.
    if (!failed)
      await within({ resource, signal: undefined, timeoutMs: undefined, defaultMs }, () => closing, mapError);
  }
}
