import type { HttpCacheSettings } from './cache-options.js';
import type { Wish } from './request.js';
import { ageNow, type StoredAnswer } from './stored.js';
import type { Asker } from './storing.js';

/** What a stored answer is good for to one who asks. */
export type Judgement =
  /** It is the answer; with how many milliseconds it is fresh for yet, which may be less than none. */
  | { readonly kind: 'hit'; readonly freshMs: number }
  /** It is the answer, and is made anew behind. */
  | { readonly kind: 'stale'; readonly freshMs: number }
  /** The handler is asked; `ifError` when it is the answer if that fails. */
  | { readonly kind: 'over'; readonly ifError: boolean }
  /** The client wants another one. */
  | { readonly kind: 'refused' }
  /** It is not for this client. */
  | { readonly kind: 'foreign'; readonly detail: string };

export function judged(
  answer: StoredAnswer,
  asker: Asker,
  wish: Wish,
  { shareAuthorized, shareCookies }: HttpCacheSettings,
  mayRefresh: boolean,
  now: number = Date.now(),
): Judgement {
  if (asker.isAuthorized && !answer.isPublic && !shareAuthorized) return { kind: 'foreign', detail: 'authorization' };
  if (asker.hasCookies && !answer.isExplicit && !shareCookies) return { kind: 'foreign', detail: 'cookie' };
  const ageMs = ageNow(answer, now);
  const freshMs = answer.lifetimeMs - ageMs;
  if (wish.isFresh || (wish.maxAgeMs !== null && ageMs > wish.maxAgeMs)) return { kind: 'refused' };
  if (freshMs > 0) return freshMs < wish.minFreshMs ? { kind: 'refused' } : { kind: 'hit', freshMs };
  if (answer.mayBeStale && -freshMs <= wish.maxStaleMs) return { kind: 'hit', freshMs };
  if (-freshMs < answer.staleWhileRevalidateMs && wish.minFreshMs === 0 && mayRefresh)
    return { kind: 'stale', freshMs };
  return { kind: 'over', ifError: -freshMs < answer.staleIfErrorMs };
}
