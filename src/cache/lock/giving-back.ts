import { TrivetError } from '../../errors/error.js';
import { ClosedError } from '../../errors/runtime.js';
import type { ExtendedLock } from './port.js';
import type { Extending } from './renewal.js';

const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;

/**
 * Releases what nobody uses, in the background, and tries again while the store is away and the lock may last: a server that was frozen carries out what
 * it was sent before, and others would wait for the whole time of a lock that nobody has.
 */
export async function giveBack(
  { store, time, timeoutMs }: Extending,
  { name, owner, ttlMs }: ExtendedLock,
): Promise<void> {
  const endAt = time.now() + ttlMs + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)) {
    try {
      await store.release(name, owner, { timeoutMs });
      return;
    } catch (error) {
      if (!(error instanceof TrivetError) || error instanceof ClosedError || time.now() + pauseMs >= endAt) return;
    }
    await new Promise<void>((resolve) => {
      time.after(pauseMs, resolve, true);
    });
  }
}
