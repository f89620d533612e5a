import type { Backing } from './backing.js';
import { Entries, type Look } from './entries.js';
import { type CacheEvents, type Counts, noCounts } from './events.js';
import { type Age, ageOf } from './freshness.js';
import type { CacheSettings, Freshness } from './options.js';
import type { Space } from './space.js';

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

  /** Something failed, and the caller is served all the same. */
  trouble(error: unknown, key: string | null): void {
    this.backing.breaker.failed(error);
    this.count('errors');
    this.tell('error', error, key);
    const { message } = error as { readonly message?: unknown };
    this.settings.logger?.warn({ key, error: message }, 'cache error');
  }

  /** What is under keys. Never rejects: a store that does not answer has nothing. */
  async looks(texts: readonly string[], tags: readonly string[]): Promise<readonly Look[]> {
    const unknown = (): readonly Look[] => texts.map(() => UNKNOWN);
    if (this.backing.breaker.error !== null) return unknown();
    try {
      return await this.entries.look(texts, tags);
    } catch (error) {
      this.trouble(error, texts.length === 1 ? texts[0]! : null);
      return unknown();
    }
  }

  /** How old an entry is; null where there is none that is good. */
  async age({ envelope }: Look, freshness: Freshness): Promise<Age | null> {
    if (envelope === null) return null;
    // Most end when they are gone: no clock is asked for them.
    if (envelope.softAt === 0) return 'fresh';
    try {
      return ageOf(envelope, this.backing.clock.now ?? (await this.entries.now()), freshness);
    } catch (error) {
      this.trouble(error, null);
      return null;
    }
  }

  /** The value of an entry; null where the codec cannot read it. */
  async value({ body }: Look, text: string): Promise<{ readonly value: unknown } | null> {
    try {
      return { value: await this.entries.value(body!) };
    } catch (error) {
      this.trouble(error, text);
      return null;
    }
  }
}
