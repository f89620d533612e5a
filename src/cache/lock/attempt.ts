import { randomUUID } from 'node:crypto';
import { LockUnavailableError } from '../../errors/lock.js';
import { AbortedError } from '../../errors/runtime.js';
import { isUnknown, unavailable } from './failures.js';
import { giveBack } from './giving-back.js';
import type { Acquired } from './port.js';
import type { Extending } from './renewal.js';
import { heldUntil } from './time.js';

/** What one try of an acquisition is for. */
export interface Attempt {
  readonly name: string;
  readonly ttlMs: number;
  readonly signal: AbortSignal | undefined;
  /** When the acquisition began that this is a try of: for what its errors say. */
  readonly startedAt: number;
}

/** An acquisition that came in time, or for how long the lock is held by another. */
export type Attempted =
  | { readonly owner: string; readonly fence: bigint; readonly sentAt: number }
  | { readonly owner: null; readonly leftMs: number };

/**
 * Asks the store once. An answer that comes when the time of the lock has passed is a failed acquisition, and the lock is given back; so is one that nobody
 * waits for any more, and one that got lost. Each try has a secret of its own: giving back what an earlier one may have got cannot touch a later one.
 *
 * @throws LockUnavailableError, AbortedError
 */
export async function attempt(extending: Extending, { name, ttlMs, signal, startedAt }: Attempt): Promise<Attempted> {
  const { store, time } = extending;
  const owner = randomUUID();
  const sentAt = time.now();
  const until = heldUntil(sentAt, ttlMs);
  const asked = ask(extending, name, owner, ttlMs);
  let stopTimer: () => void = () => {};
  let stopListening: () => void = () => {};
  const ended = new Promise<null>((resolve) => {
    const end = (): void => resolve(null);
    stopTimer = time.after(until - sentAt, end, false);
    signal?.addEventListener('abort', end, { once: true });
    stopListening = () => signal?.removeEventListener('abort', end);
  });
  let answer: Acquired | null;
  try {
    answer = await Promise.race([asked, ended]);
  } catch (error) {
    throw unavailable(error, name, store.name, time.now() - startedAt);
  } finally {
    stopTimer();
    stopListening();
  }
  if (answer?.leftMs !== undefined && !signal?.aborted) return { owner: null, leftMs: answer.leftMs };
  if (answer?.fence !== undefined && !signal?.aborted && time.now() < until)
    return { owner, fence: answer.fence, sentAt };
  asked
    .then(({ fence }) => (fence === undefined ? undefined : giveBack(extending, { name, owner, ttlMs })))
    .catch(() => {});
  const elapsedMs = Math.round(time.now() - startedAt);
  if (signal?.aborted) throw aborted(signal, store.name, elapsedMs);
  throw new LockUnavailableError(
    { lock: name, resource: store.name, elapsedMs, outcome: 'unknown' },
    `the store did not answer within its ttl of ${ttlMs} ms`,
  );
}

async function ask(extending: Extending, name: string, owner: string, ttlMs: number): Promise<Acquired> {
  const { store, timeoutMs } = extending;
  try {
    return await store.acquire(name, owner, ttlMs, { timeoutMs });
  } catch (error) {
    if (isUnknown(error)) void giveBack(extending, { name, owner, ttlMs });
    throw error;
  }
}

export function aborted(signal: AbortSignal, resource: string, elapsedMs: number): AbortedError {
  return new AbortedError('The wait for a lock was aborted by its signal', {
    resource,
    elapsedMs,
    cause: signal.reason,
  });
}
