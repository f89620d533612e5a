import type { HttpCacheSettings } from './cache-options.js';
import { type Directives, dateOf, directivesOf, type FieldValue, millisecondsOf, namesOf } from './directives.js';
import type { Terms } from './stored.js';

/** What a request says that matters for storing its answer. */
export interface Asker {
  readonly isAuthorized: boolean;
  readonly hasCookies: boolean;
}

/** The head of an answer: `field` gives the value under a lower-case name. */
export interface AnswerHead {
  readonly status: number;
  field(name: string): FieldValue;
  /** Whether the handler itself sets a cookie. */
  readonly setsCookie: boolean;
}

/** Why an answer is not stored; `isLasting` when the next one to whoever asks alike will not be either. */
export interface Refusal {
  readonly detail: string;
  readonly isLasting: boolean;
}

/** Cacheable by heuristics (RFC 9110, 15.1), without those that a client can provoke by what no key holds: 405, 414 and 501. */
const BY_TTL: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 410]);
/** Those whose meaning is known well enough to store them where they say so. */
const UNDERSTOOD: ReadonlySet<number> = new Set([...BY_TTL, 302, 303, 307, 405, 414, 451, 501]);
/** An answer that differs by more fields is the same for nobody; what a client can add to `Vary` is no longer than that. */
export const MOST_VARY = 32;
const NEVER = ['no-store', 'private', 'no-cache'] as const;

/** Whether an answer may be stored by a shared cache, and on which terms (RFC 9111, 3). */
export function termsOf(
  head: AnswerHead,
  asker: Asker,
  settings: HttpCacheSettings,
  now: number = Date.now(),
): Terms | Refusal {
  const directives = directivesOf(head.field('cache-control'));
  const lasting = (detail: string): Refusal => ({ detail, isLasting: true });
  // Before what it says of itself: an error, which often says `no-store`, is soon over.
  if (!UNDERSTOOD.has(head.status)) return { detail: 'status', isLasting: false };
  const forbidden = NEVER.find((name) => directives.has(name));
  if (forbidden !== undefined) return lasting(forbidden);
  if (head.setsCookie && !settings.shareSetCookie) return lasting('set-cookie');
  const vary = namesOf(head.field('vary'));
  // Under that name no request has a value that could be looked at.
  if (vary.includes('*') || vary.includes('__proto__')) return lasting('vary');
  if (vary.length > MOST_VARY) return { detail: 'vary', isLasting: false };
  // What has no end is for one client.
  if (/^text\/event-stream\b/i.test(String(head.field('content-type') ?? ''))) return lasting('event-stream');
  if (head.field('trailer') !== undefined || head.field('content-range') !== undefined) return lasting('partial');
  const said = lifetimeOf(directives, head, now);
  const lifetimeMs = said ?? (BY_TTL.has(head.status) ? settings.ttlMs : null);
  if (lifetimeMs === null) return { detail: 'no-freshness', isLasting: settings.ttlMs === null };
  const ageMs = ageOf(head, now);
  if (lifetimeMs - ageMs < 1) return lasting('not-fresh');
  const isPublic = ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name));
  if (asker.isAuthorized && !isPublic && !settings.shareAuthorized) return lasting('authorization');
  const isExplicit = said !== null || isPublic;
  if (asker.hasCookies && !isExplicit && !settings.shareCookies) return lasting('cookie');
  return { lifetimeMs, ageMs, isPublic, isExplicit, ...staleTerms(directives, settings) };
}

/** How long it says itself that it is fresh; null where it does not (RFC 9111, 4.2.1). */
function lifetimeOf(directives: Directives, head: AnswerHead, now: number): number | null {
  const said = millisecondsOf(directives, 's-maxage') ?? millisecondsOf(directives, 'max-age');
  if (said !== null) return said;
  const expires = head.field('expires');
  if (expires === undefined) return null;
  const at = dateOf(expires);
  return at === null ? 0 : Math.max(0, at - (dateOf(head.field('date')) ?? now));
}

function ageOf(head: AnswerHead, now: number): number {
  const said = Number(head.field('age') ?? 0) * 1_000;
  const apparent = now - (dateOf(head.field('date')) ?? now);
  return Math.max(0, Number.isFinite(said) ? said : 0, apparent);
}

/** RFC 9111, 4.2.4, and RFC 5861. `s-maxage` forbids what is not said beside it; what is said beside it is meant. */
function staleTerms(
  directives: Directives,
  settings: HttpCacheSettings,
): Pick<Terms, 'mayBeStale' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'> {
  if (directives.has('must-revalidate') || directives.has('proxy-revalidate'))
    return { mayBeStale: false, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
  const mayBeStale = !directives.has('s-maxage');
  const within = (name: string, otherwise: number): number =>
    Math.min(settings.keepStaleMs, millisecondsOf(directives, name) ?? (mayBeStale ? otherwise : 0));
  return {
    mayBeStale,
    staleWhileRevalidateMs: within('stale-while-revalidate', settings.staleWhileRevalidateMs),
    staleIfErrorMs: within('stale-if-error', settings.staleIfErrorMs),
  };
}
