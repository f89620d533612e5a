import { TrivetError } from '../errors/error.js';
import { ConnectionError } from '../errors/runtime.js';
import { anySignal } from '../util/any-signal.js';
import { Backoff } from '../util/backoff.js';
import type { Pools } from './health.js';

const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 1_000;

/** Pools that could not be opened. */
export class PoolStartError extends ConnectionError {
  static override readonly code: string = 'POOL_START';
  /** What each of them failed with, by name. */
  readonly failures: Readonly<Record<string, Error>>;

  constructor(failures: Readonly<Record<string, Error>>, elapsedMs: number) {
    const list = Object.entries(failures);
    super(
      `${list.length} of the pools could not be opened: ${list.map(([name, { message }]) => `\`${name}\`: ${message}`).join('; ')}`,
      {
        cause: list[0]?.[1],
        elapsedMs: Math.round(elapsedMs),
        retryable: list.every(([, error]) => isWorthAnotherTry(error)),
      },
    );
    this.failures = failures;
  }
}

/** Opens every pool once. @throws PoolStartError */
export async function openAll(pools: Pools): Promise<void> {
  await settleAll(pools, async (resource) => resource.connect());
}

/**
 * Opens every pool, and tries again until the signal aborts. What cannot get better, such as wrong credentials, fails at once, and ends the wait for
 * the others. @throws PoolStartError
 */
export async function openWaiting(pools: Pools, signal: AbortSignal): Promise<void> {
  const hopeless = new AbortController();
  const either = anySignal([signal, hopeless.signal]);
  await settleAll(pools, async (resource) => {
    const backoff = new Backoff(FIRST_PAUSE_MS, MOST_PAUSE_MS);
    for (;;) {
      try {
        await ended(resource.connect(), signal);
        return;
      } catch (error) {
        if (!isWorthAnotherTry(error)) hopeless.abort();
        if (either.aborted) throw error;
        await pause(backoff.failed(), either);
        if (either.aborted) throw error;
      }
    }
  });
}

async function settleAll(pools: Pools, open: (resource: Pools[string]) => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  const failures: Record<string, Error> = {};
  await Promise.all(
    Object.entries(pools).map(async ([name, resource]) => {
      try {
        await open(resource);
      } catch (error) {
        failures[name] = error instanceof Error ? error : new Error('unknown failure');
      }
    }),
  );
  if (Object.keys(failures).length > 0) throw new PoolStartError(failures, performance.now() - startedAt);
}

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof TrivetError && error.retryable;
}

/** What `promise` gives, unless the signal aborts before. */
function ended(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new ConnectionError('It did not connect within the time', { retryable: true }));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
