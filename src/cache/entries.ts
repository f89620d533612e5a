import { type Body, bodyOf, valueIn } from './body.js';
import { type Envelope, namesOf, opened, sealed, stampsOf, TOKEN_LENGTH } from './envelope.js';
import { olderMs } from './freshness.js';
import type { CacheSettings, Freshness } from './options.js';
import type { EntryStore, Reading } from './ports.js';
import type { Space } from './space.js';
import type { StoreClock } from './store-clock.js';

/** Why an entry is not good: `absent`, of another `schema`, `cleared`, with a `tag` that was invalidated, `unreadable`; or the store is `away`. */
export type Reason =
  | { readonly kind: 'absent' | 'schema' | 'cleared' | 'unreadable' | 'away' }
  | { readonly kind: 'tag'; readonly tag: string };

/** What was found under a key. */
export interface Look {
  /** Token of the entry that is there; null where there is none. */
  readonly id: string | null;
  /** What is stored, as long as it is good; it may be old. */
  readonly envelope: Envelope | null;
  readonly body: Body | null;
  readonly reason: Reason | null;
}

/** The stamps of before a load. */
export interface Stamps {
  readonly clock: number;
  readonly clears: readonly string[];
  /** Each tag with its stamp, one behind the other. */
  readonly tags: readonly string[];
}

const ABSENT: Look = Object.freeze({ id: null, envelope: null, body: null, reason: Object.freeze({ kind: 'absent' }) });
/** How much longer than its entry a stamp lives: the entry is stored later than its stamps are. */
const STAMPS_LONGER_MS = 3_600_000;

/** The entries of one namespace, as its store has them. What the store cannot do, rejects. */
export class Entries {
  readonly #store: EntryStore;
  readonly #space: Space;
  readonly #settings: CacheSettings;
  readonly #clock: StoreClock;

  constructor(store: EntryStore, space: Space, settings: CacheSettings, clock: StoreClock) {
    this.#store = store;
    this.#space = space;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Reads one key for `lookAt`. */
  read(text: string, tags: readonly string[]): Promise<Reading> {
    return this.#store.read([this.#space.entry(text)], this.stampNames(tags));
  }

  /** As `look`, of what was read of one key. Most entries carry the tags that are named: nothing is made or waited for then. */
  lookAt({ values, stamps }: Reading, tags: readonly string[]): Look | Promise<Look> {
    const found = this.#taken(values[0] ?? null, stamps);
    const { envelope } = found;
    if (envelope === null) return found;
    const carried = envelope.tags;
    const { length } = this.#space.clears;
    for (let i = 0; i < carried.length; i += 2) {
      // Most are named in the order in which they were when it was stored.
      if (tags[i / 2] !== carried[i]) return this.#judged(found, stamps, tags);
      const stamp = carried[i + 1];
      if (stamp === undefined || stamps[length + i / 2] !== stamp)
        return bad(found.id!, { kind: 'tag', tag: carried[i]! });
    }
    return found;
  }

  async #judged(found: Look, stamps: readonly (string | null)[], tags: readonly string[]): Promise<Look> {
    const now = this.#named(tags, stamps);
    const unknown = tagsOf(found.envelope).filter((tag) => !now.has(tag));
    if (unknown.length > 0) await this.#ask(unknown, now);
    return judged(found, now);
  }

  /** What is under keys, with the stamps of its tags seen to stand. Where `tags` names those of the entries, in one round trip. */
  async look(texts: readonly string[], tags: readonly string[]): Promise<readonly Look[]> {
    const { values, stamps } = await this.#store.read(
      texts.map((text) => this.#space.entry(text)),
      this.stampNames(tags),
    );
    const now = this.#named(tags, stamps);
    const found = values.map((bytes) => this.#taken(bytes, stamps));
    const unknown = new Set<string>();
    for (const { envelope } of found) for (const tag of tagsOf(envelope)) if (!now.has(tag)) unknown.add(tag);
    if (unknown.size > 0) await this.#ask([...unknown], now);
    return found.map((look) => judged(look, now));
  }

  /** The stamps of tags before a load; with `since`, null when one of them may have been invalidated after it. */
  async capture(tags: readonly string[], ttlMs: number, since: number | null = null): Promise<Stamps | null> {
    const { clears } = this.#space;
    const names = this.stampNames(tags);
    const sentAt = performance.now();
    const capture = await this.#store.capture(names, ttlMs + STAMPS_LONGER_MS, since);
    if (capture === null) return null;
    this.#clock.learn(capture.clock, sentAt);
    const { clock, stamps } = capture;
    return {
      clock,
      clears: stamps.slice(0, clears.length),
      tags: tags.flatMap((tag, i) => [tag, stamps[clears.length + i]!]),
    };
  }

  /** Whether stamps still stand. */
  async stand({ clears, tags }: Stamps): Promise<boolean> {
    const { stamps } = await this.#store.read([], this.stampNames(namesOf(tags)));
    const before = [...clears, ...stampsOf(tags)];
    return before.every((stamp, i) => stamp === stamps[i]);
  }

  /** The names of the stamps that an entry with these tags carries. */
  stampNames(tags: readonly string[]): readonly string[] {
    const { clears } = this.#space;
    return tags.length === 0 ? clears : [...clears, ...tags.map((tag) => this.#space.tag(tag))];
  }

  /** Milliseconds by the store's clock. */
  async now(): Promise<number> {
    if (this.#clock.now === null) await this.capture([], 0);
    return this.#clock.now!;
  }

  /** The bytes of a value. @throws TypeError for a value that the codec cannot store */
  body(value: unknown): Promise<Body> {
    return bodyOf(value, this.#settings.codec, this.#settings.compressOver);
  }

  /** The bytes of an entry, and how long they are kept. */
  async sealed(
    { bytes, isCompressed }: Body,
    token: string,
    { clears, tags }: Stamps,
    loadMs: number,
    freshness: Freshness,
  ): Promise<{ readonly payload: Buffer; readonly ttlMs: number }> {
    const { schema } = this.#settings;
    const { ttlMs, jitter, earlyRefresh } = freshness;
    const freshMs = ttlMs * (1 - jitter * Math.random());
    const longerMs = olderMs(freshness);
    const outlives = longerMs > 0 || earlyRefresh > 0;
    const softAt = Math.round((await this.now()) + freshMs);
    const envelope = { id: token, softAt, outlives, loadMs: Math.round(loadMs), schema, isCompressed, clears, tags };
    return { payload: sealed(envelope, bytes), ttlMs: freshMs + longerMs };
  }

  /** @throws for bytes that the codec cannot read */
  value(body: Body): unknown {
    return valueIn(body, this.#settings.codec);
  }

  #taken(bytes: Buffer | null, stamps: readonly (string | null)[]): Look {
    if (bytes === null) return ABSENT;
    const parts = opened(bytes);
    if (parts === null) return bad(bytes.toString('latin1', 0, TOKEN_LENGTH), { kind: 'unreadable' });
    const { envelope, body } = parts;
    const { id } = envelope;
    if (envelope.schema !== this.#settings.schema) return bad(id, { kind: 'schema' });
    for (let i = 0; i < this.#space.clears.length; i++)
      if (envelope.clears[i] !== stamps[i]) return bad(id, { kind: 'cleared' });
    return { id, envelope, body: { bytes: body, isCompressed: envelope.isCompressed }, reason: null };
  }

  /** The stamps of tags, by their names, in what was read for `stampNames` of them. */
  #named(tags: readonly string[], stamps: readonly (string | null)[]): Map<string, string | null> {
    const { length } = this.#space.clears;
    return new Map(tags.map((tag, i) => [tag, stamps[length + i]!]));
  }

  async #ask(tags: readonly string[], into: Map<string, string | null>): Promise<void> {
    const { stamps } = await this.#store.read(
      [],
      tags.map((tag) => this.#space.tag(tag)),
    );
    for (const [i, tag] of tags.entries()) into.set(tag, stamps[i]!);
  }
}

function bad(id: string, reason: Reason): Look {
  return { id, envelope: null, body: null, reason };
}

function tagsOf(envelope: Envelope | null): readonly string[] {
  return envelope === null ? [] : namesOf(envelope.tags);
}

function judged(look: Look, now: ReadonlyMap<string, string | null>): Look {
  const { envelope, id } = look;
  if (envelope === null) return look;
  const { tags } = envelope;
  for (let i = 0; i < tags.length; i += 2) {
    if (tags[i + 1] === undefined || now.get(tags[i]!) !== tags[i + 1]) return bad(id!, { kind: 'tag', tag: tags[i]! });
  }
  return look;
}
