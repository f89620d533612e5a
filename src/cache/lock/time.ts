/**
 * Where locks take the time from. It never goes back and never jumps, whatever is done to the clock of the machine. Tests bring their own.
 */
export interface LockTime {
  /** Milliseconds since some moment. */
  now(): number;
  /** Calls back after some milliseconds, once; gives the function that prevents it. With `background` it keeps no process from ending. */
  after(milliseconds: number, callback: () => void, background: boolean): () => void;
}

// Node takes a longer delay for 1 ms.
const LONGEST_MS = 2 ** 31 - 1;

export const systemTime: LockTime = Object.freeze({
  now: () => performance.now(),
  after: (milliseconds: number, callback: () => void, background: boolean) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(milliseconds)), LONGEST_MS));
    if (background) timer.unref();
    return () => clearTimeout(timer);
  },
});

/**
 * Until when a lock counts as held that the store keeps for `ttlMs` from some moment after `sentAt`: clocks that run apart by up to 1 % cannot make two
 * holders of it, and 2 ms are for the rounding of either side.
 */
export function heldUntil(sentAt: number, ttlMs: number): number {
  return sentAt + ttlMs - (ttlMs * 0.01 + 2);
}
