import type { Envelope } from './envelope.js';
import type { Freshness } from './options.js';

/**
 * How good an entry is, whose stamps stand: `fresh`; `early`, still fresh and worth to be loaded again behind; `stale`, given while it is loaded again;
 * `old`, only to be given when loading fails; `over`.
 */
export type Age = 'fresh' | 'early' | 'stale' | 'old' | 'over';

/** How long an entry is kept when it is no longer fresh. */
export function olderMs({ staleMs, staleIfErrorMs }: Pick<Freshness, 'staleMs' | 'staleIfErrorMs'>): number {
  return Math.max(staleMs, staleIfErrorMs);
}

/** `nowMs` is the store's time, asked only of an entry that ends before it is gone. */
export function ageOf(
  { softAt, loadMs }: Envelope,
  nowMs: number,
  { staleMs, staleIfErrorMs, earlyRefresh }: Freshness,
  random: () => number = Math.random,
): Age {
  const pastMs = nowMs - softAt;
  if (pastMs < 0) {
    if (earlyRefresh === 0) return 'fresh';
    // 1 - random, which is never 0.
    return pastMs + Math.max(loadMs, 1) * earlyRefresh * -Math.log(1 - random()) >= 0 ? 'early' : 'fresh';
  }
  if (pastMs < staleMs) return 'stale';
  return pastMs < staleIfErrorMs ? 'old' : 'over';
}
