import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { CacheKey } from '../cache/key.js';
import type { LoadContext } from '../cache/load.js';
import type { CacheManager } from '../cache/manager.js';
import { AbortedError } from '../errors/runtime.js';
import type { Duration } from '../util/duration.js';
import { answerFrom, answerNothing } from './answer.js';
import type { HttpCacheSettings } from './cache-options.js';
import { markStatus } from './head.js';
import { type Judgement, judged } from './judgement.js';
import { type Recorded, type Room, recorded } from './recording.js';
import { Refreshes } from './refresh.js';
import { bypassOf, keyOf, keyOfVariant, wishOf } from './request.js';
import { type Stored, type StoredAnswer, storedIn, storedIndex } from './stored.js';
import { MOST_VARY } from './storing.js';
import { SAFE_METHODS, watchChange } from './unsafe.js';
import { type NextHandler, type Place, Visit } from './visit.js';

/** The longest time that something is stored for; what says that it is good for longer is made anew then. */
const LONGEST_MS = 86_400_000;
const LONGEST: Duration = `${LONGEST_MS}ms`;
/** How much the clocks of processes and of the store may differ. */
const CLOCKS_DIFFER_MS = 2_000;
/** How often one asks again whose answer turned out to be somewhere else, or whose maker gave up. */
const MOST_TRIES = 4;
/** How long it is believed that a handler's answers are not for storing: nobody waits for one that cannot be shared. */
const PASSED_FOR_MS = 5_000;

/** Why a request is passed by that a cache could have answered: where the client wants nothing else, it is told so. */
const ANSWERABLE: ReadonlySet<string> = new Set(['range', 'precondition', 'body', 'no-store']);

type Loaded =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again' }
  | { readonly kind: 'alone' }
  | { readonly kind: 'answer'; readonly answer: StoredAnswer };

/** Requests whose answers are being recorded. Another cache behind that one would wait for the same answer: it lets them pass. */
const led = new WeakSet<IncomingMessage>();

/** A shared cache for what is behind one middleware. */
export class SharedCache {
  readonly #cache: CacheManager;
  readonly #settings: HttpCacheSettings;
  readonly #refreshes = new Refreshes();
  readonly #room: Room = { used: 0 };
  readonly #passed = new LRUCache<string, true>({ max: 1_000, ttl: PASSED_FOR_MS });
  /** Keys that are made anew because a client wants it so, each with the one whose handler runs. */
  readonly #forced = new Map<string, Visit>();

  constructor(cache: CacheManager, settings: HttpCacheSettings) {
    this.#cache = cache;
    this.#settings = settings;
  }

  serve(request: IncomingMessage, response: ServerResponse, next: NextHandler): void {
    if (led.has(request)) {
      next();
      return;
    }
    const method = request.method ?? '';
    let key: CacheKey | null = null;
    let why: string | null = 'error';
    try {
      key = keyOf(request, this.#settings);
      why = bypassOf(request, this.#settings);
    } catch {
      // A function of the application threw: it is as if there was no cache.
    }
    if (method !== 'GET' && method !== 'HEAD') {
      markStatus(response, 'fwd=method');
      if (!SAFE_METHODS.has(method)) watchChange(request, response, key, (keys) => this.#forget(keys));
      next();
      return;
    }
    if (why !== null && ANSWERABLE.has(why) && wishOf(request, this.#settings).onlyIfCached) {
      answerNothing(response, `fwd=request; detail=${why}`);
      return;
    }
    if (key === null || why !== null) {
      markStatus(response, why === 'no-store' ? 'fwd=request; detail=no-store' : `fwd=bypass; detail=${why ?? 'key'}`);
      next();
      return;
    }
    for (const name of this.#settings.vary) addVary(response, name);
    const visit = new Visit(request, response, next, key, this.#settings);
    this.#visited(visit).catch((error) => {
      if (visit.isTaken) visit.fail(error);
      else this.#pass(visit, 'fwd=bypass; detail=error');
    });
  }

  async #visited(visit: Visit): Promise<void> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const place = await this.#found(visit);
      const judgement = place.answer === null ? null : this.#judged(place.answer, visit);
      if (judgement !== null && this.#answered(visit, place, place.answer!, judgement, '')) return;
      const status = statusOf(place, judgement);
      if (visit.wish.onlyIfCached) {
        if (!visit.isTaken) answerNothing(visit.response, `${status}; detail=only-if-cached`);
        visit.isTaken = true;
        return;
      }
      const passed = `${visit.kind}:${place.key.text}`;
      // An answer without a body says nothing of one; and what is not for this client is not made for others by it.
      if (visit.isHead || judgement?.kind === 'foreign' || (judgement === null && this.#passed.has(passed)))
        return this.#pass(visit, status);
      const loaded = await this.#loaded(visit, place, judgement, status);
      if (loaded.kind === 'taken') return;
      if (loaded.kind === 'alone') return this.#pass(visit, status);
      if (loaded.kind === 'again') continue;
      const after = this.#judged(loaded.answer, visit);
      const collapsed = `; ${status}; collapsed`;
      if (this.#answered(visit, place, loaded.answer, after, collapsed)) return;
      if (after.kind === 'over' && after.ifError) {
        visit.isTaken = true;
        return answerFrom(visit.request, visit.response, loaded.answer, `hit${collapsed}; detail=stale-if-error`);
      }
      return this.#pass(visit, status);
    }
    this.#pass(visit, 'fwd=bypass; detail=contended');
  }

  /** Runs the handler as if there was no cache. */
  #pass(visit: Visit, status: string): void {
    if (visit.isTaken) return;
    markStatus(visit.response, status);
    visit.handle();
  }

  #judged(answer: StoredAnswer, visit: Visit): Judgement {
    const mayRefresh = this.#refreshes.canRefresh(visit.request);
    return judged(answer, visit.asker, visit.wish, this.#settings, mayRefresh);
  }

  /** Whether a stored answer was given. */
  #answered(visit: Visit, place: Place, answer: StoredAnswer, judgement: Judgement, parameters: string): boolean {
    if (judgement.kind !== 'hit' && judgement.kind !== 'stale') return false;
    visit.isTaken = true;
    const ttl = `; ttl=${Math.floor(judgement.freshMs / 1_000)}`;
    answerFrom(visit.request, visit.response, answer, `hit${parameters}${ttl}`);
    if (judgement.kind === 'stale' && !visit.wish.onlyIfCached) this.#refreshes.start(place.key.text, visit.request);
    return true;
  }

  async #found(visit: Visit): Promise<Place> {
    const { key } = visit;
    const first = await this.#get(key);
    if (first?.kind !== 'index') return { key, index: null, answer: first };
    const variant = keyOfVariant(key, first, visit.headers);
    const second = await this.#get(variant);
    return { key: variant, index: first, answer: second?.kind === 'answer' ? second : null };
  }

  async #get(key: CacheKey): Promise<Stored | null> {
    const { tags, keepStaleMs } = this.#settings;
    return storedIn(await this.#cache.get(key, { tags, stale: `${keepStaleMs}ms` }));
  }

  /** Has the handler run, by this request or by one that does already. */
  async #loaded(visit: Visit, place: Place, judgement: Judgement | null, status: string): Promise<Loaded> {
    const { tags, keepStaleMs, waitTimeoutMs } = this.#settings;
    const { text } = place.key;
    const isForced = visit.wish.isFresh || judgement?.kind === 'refused';
    // Who wants one made now does not wait for the handler of others who do.
    if (isForced && this.#forced.has(text)) return { kind: 'alone' };
    const waiting = new AbortController();
    const giveUp = (): void => waiting.abort();
    const timer = setTimeout(giveUp, waitTimeoutMs);
    visit.response.once('close', giveUp);
    const settled = (): void => {
      clearTimeout(timer);
      visit.response.off('close', giveUp);
    };
    let isRun = false;
    const load = async (context: LoadContext): Promise<Stored | undefined> => {
      // Behind, or too late: it is answered, and who waits for it has to ask itself.
      if (visit.isTaken || visit.isGone) throw new AbortedError('The one who would have the handler run is gone');
      isRun = true;
      led.add(visit.request);
      settled();
      const ifError = judgement?.kind === 'over' && judgement.ifError ? place.answer : null;
      const refused = ({ isLasting }: { readonly isLasting: boolean }): void => {
        if (isLasting) this.#passed.set(`${visit.kind}:${text}`, true);
      };
      const run = await recorded(visit, { settings: this.#settings, room: this.#room, status, ifError, refused });
      // Who comes while it is stored has a later one made, which is stored behind this one.
      this.#over(visit, text);
      // What cannot be stored after all was answered all the same.
      return run === null ? undefined : this.#placed(visit, place, run, context).catch(() => undefined);
    };
    if (isForced) this.#forced.set(text, visit);
    try {
      const value = await this.#cache.getOrSet(place.key as CacheKey<Stored | undefined>, load, {
        ttl: LONGEST,
        // What is old is loaded by one, and not given meanwhile.
        stale: '0ms',
        staleIfError: `${keepStaleMs}ms`,
        jitter: 0,
        earlyRefresh: 0,
        tags,
        signal: waiting.signal,
        fresh: isForced,
      });
      if (isRun) return { kind: 'taken' };
      const stored = storedIn(value);
      if (stored === null) return { kind: 'alone' };
      return stored.kind === 'index' ? { kind: 'again' } : { kind: 'answer', answer: stored };
    } catch {
      if (isRun || visit.isGone) return { kind: 'taken' };
      return { kind: waiting.signal.aborted ? 'alone' : 'again' };
    } finally {
      settled();
      this.#over(visit, text);
    }
  }

  #over(visit: Visit, text: string): void {
    if (this.#forced.get(text) === visit) this.#forced.delete(text);
  }

  /** What stands under the key of a place for an answer; undefined where it belongs to another key. */
  async #placed(
    visit: Visit,
    { index }: Place,
    { answer, vary }: Recorded,
    context: LoadContext,
  ): Promise<Stored | undefined> {
    const { tags, tagsOf, keepStaleMs } = this.#settings;
    const own = tagsOf === null ? [] : tagsOf(visit.request, visit.response);
    if (own.length > 0) context.tag(...own);
    const ttl: Duration = `${leaseMs(answer)}ms`;
    const freshness = { staleIfError: `${keepStaleMs}ms`, jitter: 0, tags: [...tags, ...own] } as const;
    if (index !== null && vary.every((name) => index.vary.includes(name))) {
      context.ttl(ttl);
      return answer;
    }
    if (index !== null) {
      // Under a new index there is nothing, so that it may be stored whatever was invalidated meanwhile.
      const all = storedIndex([...index.vary, ...vary]);
      const wider = all.vary.length > MOST_VARY ? storedIndex(vary) : all;
      await this.#cache.set(visit.key, wider, { ...freshness, ttl: LONGEST });
      return undefined;
    }
    if (vary.length === 0) {
      context.ttl(ttl);
      return answer;
    }
    // The answer is reached by its index alone, which is stored only if nothing was invalidated since the handler began.
    const first = storedIndex(vary);
    const variant = keyOfVariant(visit.key, first, visit.headers);
    await this.#cache.set(variant, answer, { ...freshness, ttl });
    return first;
  }

  /** Takes away what is stored under keys; where the store does not answer, it is done when it does. */
  async #forget(keys: readonly CacheKey[]): Promise<void> {
    await Promise.allSettled(keys.map((key) => this.#cache.delete(key)));
  }
}

/**
 * How long the cache below takes an answer for fresh: a little shorter than it is. Whether it is fresh is judged here, by another clock, and who
 * finds it over must not be given it again by the cache as one that is not.
 */
function leaseMs({ lifetimeMs, ageMs }: StoredAnswer): number {
  const freshMs = Math.min(LONGEST_MS, lifetimeMs - ageMs);
  return Math.max(1, freshMs - Math.min(freshMs / 2, CLOCKS_DIFFER_MS));
}

function statusOf({ index, answer }: Place, judgement: Judgement | null): string {
  if (answer === null) return index === null ? 'fwd=uri-miss' : 'fwd=vary-miss';
  switch (judgement?.kind) {
    case 'refused':
      return 'fwd=request';
    case 'foreign':
      return `fwd=bypass; detail=${judgement.detail}`;
    default:
      return 'fwd=stale';
  }
}

function addVary(response: ServerResponse, name: string): void {
  const names = String(response.getHeader('vary') ?? '');
  if (!names.toLowerCase().split(/,\s*/).includes(name))
    response.setHeader('Vary', names === '' ? name : `${names}, ${name}`);
}
