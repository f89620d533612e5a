import { expected, refuseUnknown, timeLimit } from '../core/engine-options.js';
import { checkLogger, type Logger } from '../core/observer.js';
import { type Duration, parseDuration } from '../util/duration.js';
import { type CacheCodec, jsonCodec } from './codec.js';
import { nameText } from './key.js';
import { type L1Options, type L1Settings, l1Settings } from './l1-options.js';
import { lifetime } from './lifetime.js';

/** How long a value is good for; each of them may stand on the cache, on a namespace and on a call, where the nearest counts. */
export interface FreshnessOptions {
  /** How long a value is fresh. @default '1h' */
  readonly ttl?: Duration | undefined;
  /** How long after that it is still given, while it is loaded again behind. @default none */
  readonly stale?: Duration | undefined;
  /** How long after `ttl` it is still given when loading fails. @default none */
  readonly staleIfError?: Duration | undefined;
  /** By which part of `ttl`, at random, values end earlier, so that those made together do not end together. @default 0 @minimum 0 @maximum 1 */
  readonly jitter?: number | undefined;
  /**
   * Loads a value again behind, before it ends: the likelier the nearer the end is and the longer it took to load, so that one of many callers does it
   * ("XFetch", Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015). 1 is the paper's measure, more is earlier, 0 is never.
   * @default 0
   */
  readonly earlyRefresh?: number | undefined;
}

/** Options of a cache. */
export interface CacheOptions extends FreshnessOptions {
  /** What the keys of this cache begin with in its store. @default 'trivet' */
  readonly prefix?: string | undefined;
  /** Version of what values look like: entries of another one are misses. @default 0 */
  readonly schema?: number | undefined;
  /** How values become bytes. @default JSON, with dates, bigints, maps, sets and bytes */
  readonly codec?: CacheCodec | undefined;
  /** Values of more bytes are compressed. @default never */
  readonly compressOver?: number | undefined;
  /**
   * Keeps values in the memory of the process too, and gives them from there without asking the store. They are kept in step by its messages: what another
   * process invalidates is gone here as soon as its message comes, and while messages do not come, nothing is given from here; at the latest after a
   * second. Such values are frozen, because many have the same one. @default off
   */
  readonly l1?: L1Options | undefined;
  /** Longest time for a call of the store. One that takes longer is given up: the value is loaded. @default '100ms' */
  readonly storeTimeout?: Duration | undefined;
  /** Longest time for a load, unless the call says otherwise. @default '30s' */
  readonly loadTimeout?: Duration | undefined;
  /** Told of errors of the store and of loads behind. @default none */
  readonly logger?: Logger | undefined;
}

/** Options of a value that is stored. */
export interface SetOptions extends FreshnessOptions {
  /** By which it can be invalidated together with others. @default none */
  readonly tags?: readonly string[] | undefined;
}

/** Options of a value that is read. */
export interface GetOptions {
  /** The tags that it was stored with: where they are known, reading takes one round trip, else two. @default none */
  readonly tags?: readonly string[] | undefined;
  /** How long after its `ttl` a value is still given. @default none */
  readonly stale?: Duration | undefined;
}

/** Options of a value that is loaded where it is missing. */
export interface GetOrSetOptions<T = unknown> extends Omit<SetOptions, 'ttl'> {
  /** How long the value is fresh; a function is asked with the value. @default the cache's `ttl` */
  readonly ttl?: Duration | ((value: T) => Duration) | undefined;
  /** Longest time for the load, then `TimeoutError`. @default the cache's `loadTimeout` */
  readonly loadTimeout?: Duration | undefined;
  /** How long to wait for a load where an old value can be given instead; the load goes on behind. @default as long as it takes */
  readonly softTimeout?: Duration | undefined;
  /** Ends this caller's wait; the load goes on for others, and ends when nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Loads again although a value is there. @default no */
  readonly fresh?: boolean | undefined;
}

/** The defaults of `CacheOptions`. */
export const CACHE_DEFAULTS: {
  readonly prefix: string;
  readonly ttl: Duration;
  readonly schema: number;
  readonly storeTimeout: Duration;
  readonly loadTimeout: Duration;
  readonly jitter: number;
  readonly earlyRefresh: number;
} = Object.freeze({
  prefix: 'trivet',
  ttl: '1h',
  schema: 0,
  storeTimeout: '100ms',
  loadTimeout: '30s',
  jitter: 0,
  earlyRefresh: 0,
});

/** `FreshnessOptions` after they were checked, in milliseconds. */
export interface Freshness {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly staleIfErrorMs: number;
  readonly jitter: number;
  readonly earlyRefresh: number;
}

/** Options of a cache after they were checked. */
export interface CacheSettings extends Freshness {
  readonly prefix: string;
  readonly schema: number;
  readonly codec: CacheCodec;
  readonly compressOver: number;
  readonly storeTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly logger: Logger | null;
  readonly near: L1Settings | null;
}

const FRESHNESS = ['ttl', 'stale', 'staleIfError', 'jitter', 'earlyRefresh'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...FRESHNESS,
  'prefix',
  'l1',
  'schema',
  'codec',
  'compressOver',
  'storeTimeout',
  'loadTimeout',
  'logger',
]);
const KNOWN_OF_CALLS: ReadonlySet<string> = new Set([
  ...FRESHNESS,
  'tags',
  'loadTimeout',
  'softTimeout',
  'signal',
  'fresh',
]);

function freshness(
  options: Omit<FreshnessOptions, 'ttl'> & { readonly ttl?: unknown },
  base: Freshness,
  isByValue = false,
): Freshness {
  const { ttl, stale, staleIfError, jitter = base.jitter, earlyRefresh = base.earlyRefresh } = options;
  if (!(jitter >= 0 && jitter <= 1)) throw expected('jitter', 'from 0 to 1', jitter);
  if (!(earlyRefresh >= 0 && earlyRefresh <= 100)) throw expected('earlyRefresh', 'from 0 to 100', earlyRefresh);
  return {
    ttlMs: ttl === undefined || isByValue ? base.ttlMs : lifetime(ttl as Duration, 'ttl'),
    staleMs: stale === undefined ? base.staleMs : lifetime(stale, 'stale', 0),
    staleIfErrorMs: staleIfError === undefined ? base.staleIfErrorMs : lifetime(staleIfError, 'staleIfError', 0),
    jitter,
    earlyRefresh,
  };
}

/** The tags of a call, encoded. @throws TypeError */
export function tagTexts(tags: readonly string[] | undefined): readonly string[] {
  if (tags === undefined) return NONE;
  if (!Array.isArray(tags)) throw expected('tags', 'a list of texts', tags);
  if (tags.length === 0) return NONE;
  const texts = tags.map((tag) => nameText(tag, 'a tag'));
  // A set would be made for each call, and most have one or two.
  return texts.length === 1 || (texts.length === 2 && texts[0] !== texts[1]) ? texts : [...new Set(texts)];
}

const NONE: readonly string[] = Object.freeze([]);

/** Of calls without options, made once for each cache. */
const plain = new WeakMap<CacheSettings, CallSettings>();

function plainSettings(base: CacheSettings): CallSettings {
  let settings = plain.get(base);
  if (settings === undefined) {
    settings = callSettings({}, base);
    plain.set(base, settings);
  }
  return settings;
}

/** What a call asks for, after its options were checked. */
export interface CallSettings extends Freshness {
  readonly tags: readonly string[];
  readonly loadTimeoutMs: number;
  readonly softTimeoutMs: number | null;
  readonly signal: AbortSignal | undefined;
  readonly fresh: boolean;
  /** Gives the milliseconds from the value, where the call wants it so. */
  readonly ttlOf: ((value: unknown) => number) | null;
}

/** @throws TypeError that names the option and says what was expected */
export function callSettings(options: GetOrSetOptions<never> | undefined, base: CacheSettings): CallSettings {
  if (options === undefined) return plainSettings(base);
  refuseUnknown(options, KNOWN_OF_CALLS);
  const { ttl, loadTimeout, softTimeout } = options;
  const byValue = typeof ttl === 'function' ? (ttl as (value: unknown) => Duration) : null;
  const { ttlMs, staleMs, staleIfErrorMs, jitter, earlyRefresh } = freshness(options, base, byValue !== null);
  // Written out: to spread them takes longer than all the rest of a hit.
  return {
    ttlMs,
    staleMs,
    staleIfErrorMs,
    jitter,
    earlyRefresh,
    tags: tagTexts(options.tags),
    loadTimeoutMs: loadTimeout === undefined ? base.loadTimeoutMs : timeLimit(loadTimeout, 'loadTimeout'),
    softTimeoutMs: softTimeout === undefined ? null : timeLimit(softTimeout, 'softTimeout'),
    signal: options.signal,
    fresh: options.fresh ?? false,
    ttlOf: byValue === null ? null : (value) => lifetime(byValue(value), 'ttl'),
  };
}

/** Checks the options of a cache; a namespace has those of its parent where it has none. @throws TypeError that says what was expected */
export function cacheSettings(options: CacheOptions, base: CacheSettings = DEFAULT_SETTINGS): CacheSettings {
  refuseUnknown(options, KNOWN);
  const { prefix, schema = base.schema, codec = base.codec, compressOver = base.compressOver, logger } = options;
  const { storeTimeout, loadTimeout } = options;
  if (!Number.isSafeInteger(schema) || schema < 0) throw expected('schema', 'an integer from 0', schema);
  if (!(compressOver >= 0)) throw expected('compressOver', 'a number of bytes', compressOver);
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function')
    throw expected('codec', 'an object with `encode` and `decode`', codec);
  return {
    ...freshness(options, base),
    prefix: prefix === undefined ? base.prefix : nameText(prefix, '`prefix`'),
    schema,
    codec,
    compressOver,
    storeTimeoutMs: storeTimeout === undefined ? base.storeTimeoutMs : timeLimit(storeTimeout, 'storeTimeout'),
    loadTimeoutMs: loadTimeout === undefined ? base.loadTimeoutMs : timeLimit(loadTimeout, 'loadTimeout'),
    logger: logger === undefined ? base.logger : checkLogger(logger),
    near: options.l1 === undefined ? base.near : l1Settings(options.l1),
  };
}

const DEFAULT_SETTINGS: CacheSettings = Object.freeze({
  ttlMs: lifetime(CACHE_DEFAULTS.ttl, 'ttl'),
  staleMs: 0,
  staleIfErrorMs: 0,
  jitter: CACHE_DEFAULTS.jitter,
  earlyRefresh: CACHE_DEFAULTS.earlyRefresh,
  prefix: CACHE_DEFAULTS.prefix,
  schema: CACHE_DEFAULTS.schema,
  codec: jsonCodec,
  compressOver: Number.POSITIVE_INFINITY,
  storeTimeoutMs: parseDuration(CACHE_DEFAULTS.storeTimeout, 'storeTimeout'),
  loadTimeoutMs: parseDuration(CACHE_DEFAULTS.loadTimeout, 'loadTimeout'),
  logger: null,
  near: null,
});
