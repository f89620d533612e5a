import { type CacheTrace, channels, traced } from '../core/channels.js';
import { DriverMissingError } from '../errors/runtime.js';
import type { Backing } from './backing.js';
import type { Body } from './body.js';
import { Entries, type Look } from './entries.js';
import { type Envelope, namesOf } from './envelope.js';
import { type CacheEvents, type Counts, noCounts } from './events.js';
import { type Age, ageOf } from './freshness.js';
import { type CacheKey, keyText } from './key.js';
import type { CacheSettings, Freshness } from './options.js';
import type { Space } from './space.js';

/** A value, which may be null. */
export interface Found {
  readonly value: unknown;
}

/** Nothing is known: the store was not asked, or did not answer. */
export const UNKNOWN: Look = Object.freeze({
  id: null,
  envelope: null,
  body: null,
  reason: Object.freeze({ kind: 'away' }),
});

/** A cache or one of its namespaces: where its entries are, and what is counted and told of them. */
export class Part {
  readonly backing: Backing;
  readonly space: Space;
  readonly settings: CacheSettings;
  readonly entries: Entries;
  /** Its own first, then those of what it is in. */
  readonly #counts: readonly Counts[];
  /** Names of entries by the keys that hits at hand were asked for with. */
  readonly #entryNames = new Map<string, string>();

  constructor(backing: Backing, space: Space, settings: CacheSettings, outer: Part | null) {
    this.backing = backing;
    this.space = space;
    this.settings = settings;
    this.entries = new Entries(backing.store, space, settings, backing.clock);
    this.#counts = [noCounts(), ...(outer === null ? [] : outer.#counts)];
  }

  get counts(): Counts {
    return this.#counts[0]!;
  }

  count(name: keyof Counts, by = 1): void {
    for (const counts of this.#counts) counts[name] += by;
  }

  tell<Name extends keyof CacheEvents>(name: Name, ...values: CacheEvents[Name]): void {
    this.backing.emitter.tell(name, ...values);
  }

  /** What `work` gives, traced where somebody listens. */
  traced<T>(operation: CacheTrace['operation'], work: (trace: CacheTrace | null) => Promise<T>): Promise<T> {
    if (!channels.cache.hasSubscribers) return work(null);
    const cache = `${this.settings.prefix}${this.space.path}`;
    return traced(channels.cache, () => ({ ...this.backing.origin, operation, cache }), work);
  }

  /** Something failed, and the caller is served all the same. */
  trouble(error: unknown, key: string | null): void {
    this.backing.breaker.failed(error);
    this.count('errors');
    this.tell('error', error, key);
    const { message } = error as { readonly message?: unknown };
    this.settings.logger?.warn({ key, error: message }, 'cache error');
  }

  /** What is under keys. A store that does not answer has nothing. @throws DriverMissingError: no store will ever answer without its driver */
  async looks(texts: readonly string[], tags: readonly string[]): Promise<readonly Look[]> {
    const unknown = (): readonly Look[] => texts.map(() => UNKNOWN);
    if (this.backing.breaker.error !== null) return unknown();
    try {
      return await this.entries.look(texts, tags);
    } catch (error) {
      if (error instanceof DriverMissingError) throw error;
      this.trouble(error, texts.length === 1 ? texts[0]! : null);
      return unknown();
    }
  }

  /** As `looks`, of one key. */
  async look(text: string, tags: readonly string[]): Promise<Look> {
    if (this.backing.breaker.error !== null) return UNKNOWN;
    try {
      const found = this.entries.lookAt(await this.entries.read(text, tags), tags);
      return found instanceof Promise ? await found : found;
    } catch (error) {
      if (error instanceof DriverMissingError) throw error;
      this.trouble(error, text);
      return UNKNOWN;
    }
  }

  /** How old an entry is; null where there is none that is good. */
  age({ envelope }: Look, freshness: Freshness): Age | null | Promise<Age | null> {
    if (envelope === null) return null;
    // Most end when they are gone: no clock is asked for them.
    return envelope.outlives ? this.#age(envelope, freshness) : 'fresh';
  }

  async #age(envelope: Envelope, freshness: Freshness): Promise<Age | null> {
    try {
      return ageOf(envelope, this.backing.clock.now ?? (await this.entries.now()), freshness);
    } catch (error) {
      this.trouble(error, null);
      return null;
    }
  }

  /** The value of an entry; null where the codec cannot read it. At once, unless it takes its time. */
  value(body: Body, text: string): Found | null | Promise<Found | null> {
    try {
      const value = this.entries.value(body);
      return value instanceof Promise ? this.#found(value, text) : { value };
    } catch (error) {
      this.trouble(error, text);
      return null;
    }
  }

  async #found(coming: Promise<unknown>, text: string): Promise<Found | null> {
    try {
      return { value: await coming };
    } catch (error) {
      this.trouble(error, text);
      return null;
    }
  }

  /** The value that is at hand in this process, which counts as a hit. @throws TypeError for a key that is none */
  nearby(key: string | CacheKey): { readonly value: unknown; readonly body: Body } | undefined {
    const { near, emitter } = this.backing;
    if (near === null) return undefined;
    this.backing.listen();
    // To look a key through and to put the name of its entry together takes longer than to find the value that is at hand.
    const known = typeof key === 'string' ? this.#entryNames.get(key) : undefined;
    const entry = known ?? this.space.entry(keyText(key));
    const kept = near.get(entry);
    if (kept === undefined) return undefined;
    for (const counts of this.#counts) {
      counts.hits += 1;
      counts.nearHits += 1;
    }
    if (emitter.isHeard('hit')) this.tell('hit', keyText(key));
    if (known === undefined && typeof key === 'string') {
      if (this.#entryNames.size >= near.max) this.#entryNames.clear();
      this.#entryNames.set(key, entry);
    }
    return kept;
  }

  /** How many changes of others were heard of so far; asked before something is read that may be kept. */
  get heard(): number {
    return this.backing.near?.seen ?? 0;
  }

  /** Keeps a value that was read and is fresh at hand in this process. */
  keep({ envelope, body }: Look, value: unknown, text: string, since: number): void {
    const { near, clock } = this.backing;
    if (near === null) return;
    if (clock.now === null) {
      // It is kept the next time.
      this.entries.now().catch((error) => this.trouble(error, null));
      return;
    }
    const { softAt, tags } = envelope!;
    const stamps = this.entries.stampNames(namesOf(tags));
    near.keep(this.space.entry(text), { value, body: body!, stamps, freshForMs: softAt - clock.now, since });
  }
}
