import { newToken } from './envelope.js';
import { olderMs } from './freshness.js';
import type { CallSettings } from './options.js';
import type { Part } from './part.js';

/** Changes of entries: what they take away, no load brings back. */
export class Writes {
  readonly #part: Part;

  constructor(part: Part) {
    this.#part = part;
  }

  async set(text: string, value: unknown, call: CallSettings): Promise<void> {
    if (value === undefined) throw new TypeError('Expected a value to store, got undefined: null can be stored');
    const { backing, entries } = this.#part;
    const ttlMs = call.ttlOf?.(value) ?? call.ttlMs;
    const body = await entries.body(value);
    await this.#change(text, async (entry) => {
      const stamps = await entries.capture(call.tags, ttlMs + olderMs(call));
      const sealed = await entries.sealed(body, newToken(), stamps!, 0, { ...call, ttlMs });
      return backing.store.write(entry, { kind: 'set', payload: sealed.payload, ttlMs: sealed.ttlMs });
    });
    this.#part.tell('set', text);
  }

  async delete(text: string): Promise<boolean> {
    const { store } = this.#part.backing;
    const was = await this.#change(text, (entry) => store.write(entry, { kind: 'delete' }));
    this.#part.tell('delete', text);
    return was;
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return;
    await this.#invalidate(tags.map((tag) => this.#part.space.tag(tag)));
    this.#part.tell('invalidate', tags);
  }

  async clear(): Promise<void> {
    await this.#invalidate([this.#part.space.clear]);
    this.#part.tell('clear');
  }

  async #invalidate(stamps: readonly string[]): Promise<void> {
    const { backing } = this.#part;
    const work = (): Promise<void> => backing.store.invalidate(stamps);
    try {
      await backing.change(`s${stamps.join(' ')}`, work, work);
    } finally {
      // Our own message comes back later than whoever reads now; and loads that began before are joined by nobody who does.
      backing.near?.stamps(stamps);
      backing.flights.clear();
    }
  }

  /** What fails may have been half done: the entry is deleted when the store answers again. */
  async #change<T>(text: string, work: (entry: string) => Promise<T>): Promise<T> {
    const { backing, space } = this.#part;
    const entry = space.entry(text);
    try {
      const undo = (): Promise<boolean> => backing.store.write(entry, { kind: 'delete' });
      return await backing.change(`e${entry}`, () => work(entry), undo);
    } finally {
      backing.near?.entry(entry);
      backing.flights.delete(entry);
    }
  }
}
