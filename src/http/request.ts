import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type CacheKey, cacheKey } from '../cache/key.js';
import type { HttpCacheSettings } from './cache-options.js';
import { type Directives, directivesOf, fieldText, millisecondsOf } from './directives.js';
import type { StoredIndex } from './stored.js';
import type { Asker } from './storing.js';

/** What a client says about the age of the answer that it wants (RFC 9111, 5.2.1); null where it says nothing. */
export interface Wish {
  /** Whether it wants one that is made now. */
  readonly isFresh: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAgeMs: number | null;
  readonly minFreshMs: number;
  /** How much over its time an answer may be. */
  readonly maxStaleMs: number;
}

const NO_WISH: Wish = { isFresh: false, onlyIfCached: false, maxAgeMs: null, minFreshMs: 0, maxStaleMs: 0 };
const NOTHING: Directives = new Map();

function requestDirectives({ headers }: IncomingMessage): Directives {
  const said = headers['cache-control'];
  if (said !== undefined) return directivesOf(said);
  // RFC 9111, 5.4: what it meant before there was `Cache-Control`.
  return /\bno-cache\b/i.test(fieldText(headers.pragma)) ? directivesOf('no-cache') : NOTHING;
}

export function wishOf(request: IncomingMessage, { obeyRequests }: HttpCacheSettings): Wish {
  if (!obeyRequests) return NO_WISH;
  const directives = requestDirectives(request);
  if (directives.size === 0) return NO_WISH;
  const maxStale = directives.get('max-stale');
  return {
    isFresh: directives.has('no-cache'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAgeMs: millisecondsOf(directives, 'max-age'),
    minFreshMs: millisecondsOf(directives, 'min-fresh') ?? 0,
    // Without an argument, any.
    maxStaleMs: maxStale === null ? Number.POSITIVE_INFINITY : (millisecondsOf(directives, 'max-stale') ?? 0),
  };
}

/** Why a request with a safe method has nothing to do with the cache, as a detail of `Cache-Status`; null where it has. */
export function bypassOf(request: IncomingMessage, settings: HttpCacheSettings): string | null {
  const { headers } = request;
  const url = targetOf(request);
  // An absolute URL says its own host, and `*` is none.
  if (!url.startsWith('/')) return 'target';
  if (headers.range !== undefined) return 'range';
  // These are for the origin to judge (RFC 9110, 13.2.1).
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) return 'precondition';
  // No key holds a body that a handler may read.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) return 'body';
  if (headers.upgrade !== undefined) return 'upgrade';
  // Over HTTP/2 a host can be said twice, and a handler may look at either (RFC 9113, 8.3.1).
  const authority = headers[':authority'];
  if (authority !== undefined && headers.host !== undefined && authority !== headers.host) return 'target';
  if (settings.obeyRequests && requestDirectives(request).has('no-store')) return 'no-store';
  // A promise, which JavaScript would take for yes, is none.
  return settings.when !== null && settings.when(request) !== true ? 'when' : null;
}

/** The URL as the client sent it, also where a router has cut it. */
export function targetOf(request: IncomingMessage): string {
  const { originalUrl } = request as { readonly originalUrl?: unknown };
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
}

/** `https://example.com`: whose the URL is. */
export function originOf(request: IncomingMessage): string {
  // Where Express trusts a proxy it says what the proxy does.
  const { protocol, host: forwarded } = request as { readonly protocol?: unknown; readonly host?: unknown };
  const isSecure = (request.socket as TLSSocket | null)?.encrypted === true;
  const scheme = typeof protocol === 'string' ? protocol : isSecure ? 'https' : 'http';
  const said = request.headers.host ?? fieldText(request.headers[':authority']);
  const host = typeof forwarded === 'string' ? forwarded : said;
  return `${scheme}://${host.toLowerCase()}`;
}

/**
 * The key of a URL. It is taken as it came: a router may tell two spellings apart that mean the same, and the answer to one of them, such as a 404, must
 * not become that of the other.
 */
export function keyOfTarget(origin: string, target: string): CacheKey {
  return cacheKey('http', origin, target);
}

/** The key of a request; null where the application says that there is none. */
export function keyOf(request: IncomingMessage, { key }: HttpCacheSettings): CacheKey | null {
  if (key === null) return keyOfTarget(originOf(request), targetOf(request));
  const own = key(request);
  // What an application makes up is no URL, also where it looks like one.
  return own === null ? null : cacheKey('http', originOf(request), 1, own);
}

/** The key of an answer among those of one URL, by the fields that they differ by. Their values may be secrets, and are not in it. */
export function keyOfVariant(own: CacheKey, { id, vary }: StoredIndex, headers: IncomingHttpHeaders): CacheKey {
  const values = vary.map((name) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    // Absent is not empty; spaces around commas mean nothing (RFC 9111, 4.1).
    if (value === undefined) return null;
    // No pattern looks for the spaces: of many in a row, which a client sends as it likes, it would begin at each one anew.
    const members = fieldText(value).split(',');
    return members.map((each) => each.trim()).join(',');
  });
  const digest = createHash('sha256').update(JSON.stringify(values)).digest('base64url');
  return cacheKey('http-variant', own.text, id, digest);
}

export function askerOf({ headers }: IncomingMessage): Asker {
  return { isAuthorized: headers.authorization !== undefined, hasCookies: headers.cookie !== undefined };
}
