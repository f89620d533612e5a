import type { IncomingMessage, ServerResponse } from 'node:http';
import { lifetime } from '../cache/lifetime.js';
import { tagTexts } from '../cache/options.js';
import { expected, positiveInteger, refuseUnknown, timeLimit } from '../core/engine-options.js';
import type { Duration } from '../util/duration.js';

/** Options of `httpCache`. */
export interface HttpCacheOptions<
  Request extends IncomingMessage = IncomingMessage,
  Response extends ServerResponse = ServerResponse,
> {
  /**
   * How long an answer is fresh that does not say so itself, by `Cache-Control` or `Expires`. It counts for the statuses 200, 203, 204, 300, 301, 308, 404
   * and 410.
   * @default none: only answers that say so are stored
   */
  readonly ttl?: Duration | undefined;
  /**
   * What tells the answers of this handler apart, in place of the URL; null passes the request by the cache. The host and the scheme are always part of it.
   * It has to hold everything that the handler looks at and that the answer does not name in `Vary`.
   * @default the URL as it came
   */
  readonly key?: ((request: Request) => string | null) | undefined;
  /** Which requests have to do with the cache. @default all */
  readonly when?: ((request: Request) => boolean) | undefined;
  /** By which answers can be invalidated together, with data of the same cache. A function is asked when the handler has answered. @default none */
  readonly tags?: readonly string[] | ((request: Request, response: Response) => readonly string[]) | undefined;
  /** Fields of the request that answers differ by, beside those that they name in `Vary`. @default none */
  readonly vary?: readonly string[] | undefined;
  /** How long after that an answer is still given, while it is made anew behind, where it does not say so itself. @default none */
  readonly staleWhileRevalidate?: Duration | undefined;
  /** How long after that an answer is still given when the handler fails with 500, 502, 503 or 504, where it does not say so itself. @default none */
  readonly staleIfError?: Duration | undefined;
  /** How long answers are kept after they were fresh, for those who may have them stale. Nothing is given staler than that. @default '5m' */
  readonly keepStale?: Duration | undefined;
  /** Answers with a longer body are not stored. @default 1048576 @minimum 1 */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How many bytes of answers that are being made are held at most, over all requests. What would be more goes through, and is not stored.
   * @default 67108864 @minimum 1
   */
  readonly maxRecordingBytes?: number | undefined;
  /** How long a request waits for the answer of another one, before it runs the handler itself. @default '5s' */
  readonly waitTimeout?: Duration | undefined;
  /**
   * Whether `Cache-Control` of a request counts. Where it does, each client can have the handler run (`no-cache`), as it could without a cache.
   * @default true
   */
  readonly obeyRequests?: boolean | undefined;
  /**
   * Whether answers to requests with `Authorization` are shared, although they say neither `public` nor `s-maxage` nor `must-revalidate`.
   * @default false
   */
  readonly shareAuthorized?: boolean | undefined;
  /**
   * Whether answers to requests with `Cookie` are shared that are fresh by `ttl` alone. Turn it on where the handler looks at no cookie.
   * @default false
   */
  readonly shareCookies?: boolean | undefined;
  /** Whether answers with `Set-Cookie` are stored, and their cookies given to everybody. @default false */
  readonly shareSetCookie?: boolean | undefined;
}

/** The defaults of `HttpCacheOptions`. */
export const HTTP_CACHE_DEFAULTS: {
  readonly keepStale: Duration;
  readonly maxBodyBytes: number;
  readonly maxRecordingBytes: number;
  readonly waitTimeout: Duration;
  readonly obeyRequests: boolean;
  readonly shareAuthorized: boolean;
  readonly shareCookies: boolean;
  readonly shareSetCookie: boolean;
} = Object.freeze({
  keepStale: '5m',
  maxBodyBytes: 1_048_576,
  maxRecordingBytes: 67_108_864,
  waitTimeout: '5s',
  obeyRequests: true,
  shareAuthorized: false,
  shareCookies: false,
  shareSetCookie: false,
});

/** `HttpCacheOptions` after they were checked. */
export interface HttpCacheSettings {
  readonly ttlMs: number | null;
  readonly key: ((request: IncomingMessage) => string | null) | null;
  readonly when: ((request: IncomingMessage) => boolean) | null;
  /** Those that are known before the handler runs. */
  readonly tags: readonly string[];
  readonly tagsOf: ((request: IncomingMessage, response: ServerResponse) => readonly string[]) | null;
  readonly vary: readonly string[];
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly keepStaleMs: number;
  readonly maxBodyBytes: number;
  readonly maxRecordingBytes: number;
  readonly waitTimeoutMs: number;
  readonly obeyRequests: boolean;
  readonly shareAuthorized: boolean;
  readonly shareCookies: boolean;
  readonly shareSetCookie: boolean;
}

const DURATIONS = ['ttl', 'staleWhileRevalidate', 'staleIfError'] as const;
const FUNCTIONS = ['key', 'when'] as const;
const SWITCHES = ['obeyRequests', 'shareAuthorized', 'shareCookies', 'shareSetCookie'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...DURATIONS,
  ...FUNCTIONS,
  'tags',
  'vary',
  ...Object.keys(HTTP_CACHE_DEFAULTS),
]);
/** Names of no field that a request could have a value of. */
const NO_FIELDS: ReadonlySet<string> = new Set(['*', '__proto__']);
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws TypeError that names the option and says what was expected */
export function httpCacheSettings(options: HttpCacheOptions<never, never>): HttpCacheSettings {
  refuseUnknown(options, KNOWN);
  const given = { ...HTTP_CACHE_DEFAULTS, ...present(options) };
  for (const name of FUNCTIONS)
    if (given[name] !== undefined && typeof given[name] !== 'function') throw expected(name, 'a function', given[name]);
  for (const name of SWITCHES) if (typeof given[name] !== 'boolean') throw expected(name, 'true or false', given[name]);
  const [ttlMs, staleWhileRevalidateMs, staleIfErrorMs] = DURATIONS.map((name) => {
    const duration = given[name];
    return duration === undefined ? null : lifetime(duration, name);
  });
  const { key = null, when = null, tags = [], vary = [] } = given;
  const isAsked = typeof tags === 'function';
  if (!isAsked) tagTexts(tags);
  if (
    !Array.isArray(vary) ||
    !vary.every((name) => typeof name === 'string' && FIELD_NAME.test(name) && !NO_FIELDS.has(name))
  )
    throw expected('vary', 'a list of names of fields', vary);
  return {
    ttlMs: ttlMs!,
    key: key as HttpCacheSettings['key'],
    when: when as HttpCacheSettings['when'],
    tags: isAsked ? [] : tags,
    tagsOf: isAsked ? (tags as HttpCacheSettings['tagsOf']) : null,
    vary: vary.map((name) => name.toLowerCase()),
    staleWhileRevalidateMs: staleWhileRevalidateMs ?? 0,
    staleIfErrorMs: staleIfErrorMs ?? 0,
    keepStaleMs: Math.max(lifetime(given.keepStale, 'keepStale'), staleWhileRevalidateMs ?? 0, staleIfErrorMs ?? 0),
    maxBodyBytes: positiveInteger(given.maxBodyBytes, 'maxBodyBytes'),
    maxRecordingBytes: positiveInteger(given.maxRecordingBytes, 'maxRecordingBytes'),
    waitTimeoutMs: timeLimit(given.waitTimeout, 'waitTimeout'),
    obeyRequests: given.obeyRequests,
    shareAuthorized: given.shareAuthorized,
    shareCookies: given.shareCookies,
    shareSetCookie: given.shareSetCookie,
  };
}

/** Options that are there and undefined are not given. */
function present<T extends object>(options: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]: Exclude<T[Name], undefined> };
}
