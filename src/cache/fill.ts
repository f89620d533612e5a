import type { CacheOutcome } from '../core/channels.js';
import { isInTransaction } from '../core/transaction.js';
import { AbortedError } from '../errors/runtime.js';
import type { Look } from './entries.js';
import { Flight, type Landing } from './flight.js';
import type { Load } from './load.js';
import { Loader } from './loader.js';
import type { CallSettings } from './options.js';
import type { Part } from './part.js';

/** A value that was invalidated so many times while it was loaded is given as it is, and not stored. */
const MOST_TRIES = 10;

/** One value that is wanted: under a key, or else by its load. */
export interface Want {
  readonly text: string;
  readonly load: Load<unknown>;
  readonly call: CallSettings;
  /** Called when it is known whether this call loads it. */
  readonly answered?: () => void;
  /** `heard` of before what was seen already was read. */
  readonly heard?: number;
  /** Told what became of it, where somebody listens. */
  readonly outcome?: CacheOutcome | null;
}

/** Serves values, and loads those that are missing: one load for all who ask for a key. */
export class Fill {
  readonly #part: Part;
  readonly #loader: Loader;

  constructor(part: Part) {
    this.#part = part;
    this.#loader = new Loader(part);
  }

  /** The value; `look` is what was seen under its key already. */
  async value(want: Want, look: Look | null): Promise<unknown> {
    const { text, call } = want;
    const part = this.#part;
    for (let tries = 1; ; tries++) {
      const { heard } = part;
      const seen: Look = tries === 1 && look !== null ? look : await part.look(text, call.tags);
      const aged = call.fresh ? null : part.age(seen, call);
      // Most is known at once: to wait for it costs a turn.
      const age = aged instanceof Promise ? await aged : aged;
      if (age === 'fresh' || age === 'early' || age === 'stale') {
        const given = part.value(seen.body!, text);
        const found = given instanceof Promise ? await given : given;
        if (found !== null) {
          if (age !== 'stale') part.keep(seen, found.value, text, tries === 1 && look !== null ? want.heard! : heard);
          this.#served(age, want, seen);
          return found.value;
        }
      }
      if (tries === 1) {
        part.count('misses');
        part.tell('miss', text);
        if (want.outcome) want.outcome.result = 'load';
      }
      // What a transaction reads is its own until it commits: it is shared with nobody.
      if (isInTransaction()) return this.#unshared(want);
      const old = age === 'old' ? seen : null;
      const landed = await this.#landed(want, seen, old);
      if (landed !== null) return landed.value;
      if (tries >= MOST_TRIES) return this.#unshared(want);
    }
  }

  #unshared({ load, answered }: Want): unknown {
    answered?.();
    return load(NO_CONTEXT);
  }

  /** A value that is loaded behind, unless it is already. */
  refresh(want: Want, seen: Look): void {
    if (this.#part.backing.flights.has(this.#part.space.entry(want.text)) || isInTransaction()) return;
    const flight = this.#fly(want, seen, false);
    flight.join();
  }

  #served(age: 'fresh' | 'early' | 'stale', want: Want, seen: Look): void {
    const part = this.#part;
    want.answered?.();
    if (want.outcome) found(want.outcome, age === 'stale' ? 'stale' : 'hit');
    if (age === 'stale') {
      part.count('stale');
      part.tell('stale', want.text);
    } else {
      part.count('hits');
      part.tell('hit', want.text);
    }
    if (age !== 'fresh') this.refresh(want, seen);
  }

  /** The value of a load of this process, its own or one that goes on; null when it may have been invalidated before this caller came. */
  async #landed(want: Want, seen: Look, old: Look | null): Promise<{ readonly value: unknown } | null> {
    const { text, call } = want;
    const going = call.fresh ? undefined : this.#part.backing.flights.get(this.#part.space.entry(text));
    if (going !== undefined) want.answered?.();
    const flight = going ?? this.#fly(want, seen, true);
    const number = flight.join();
    let landing: Landing | null;
    try {
      landing = await this.#waited(flight, call, old);
    } catch (error) {
      if (old === null || error instanceof AbortedError) throw error;
      return this.#old(old, want);
    } finally {
      flight.leave();
    }
    if (landing === null) return old === null ? null : this.#old(old, want);
    if (number >= landing.goodFor) return null;
    if (number === 0 || landing.body === null) return { value: landing.value };
    return this.#part.value(landing.body, text);
  }

  async #old(look: Look, { text, outcome }: Want): Promise<{ readonly value: unknown } | null> {
    if (outcome) found(outcome, 'stale');
    this.#part.count('stale');
    this.#part.tell('stale', text);
    return this.#part.value(look.body!, text);
  }

  #fly(want: Want, look: Look, waits: boolean): Flight {
    const { flights } = this.#part.backing;
    const { text, load, call } = want;
    const entry = this.#part.space.entry(text);
    const flight = new Flight();
    flights.set(entry, flight);
    const closed = (): void => {
      if (flights.get(entry) === flight) flights.delete(entry);
    };
    const { answered } = want;
    const request = { text, load, call, look, waits, takesOthers: !call.fresh, closed, answered };
    flight.landing = this.#loader.fly(flight, request);
    // Those who wait for it are told; behind nobody does.
    flight.landing.catch(() => {});
    return flight;
  }

  /** Null when the old value is to be given meanwhile. */
  #waited(flight: Flight, { signal, softTimeoutMs }: CallSettings, old: Look | null): Promise<Landing | null> {
    if (signal === undefined && (softTimeoutMs === null || old === null)) return flight.landing;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const abort = (): void => {
        clearTimeout(timer);
        reject(aborted(signal!));
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      if (softTimeoutMs !== null && old !== null) {
        timer = setTimeout(() => {
          // The load goes on, although this caller does not wait for it.
          flight.join();
          end();
          resolve(null);
        }, softTimeoutMs);
      }
      flight.landing.then(resolve, reject).finally(end);
    });
  }
}

function found(outcome: CacheOutcome, result: 'hit' | 'stale'): void {
  outcome.result = result;
  outcome.level = 'store';
}

export function aborted(signal: AbortSignal): AbortedError {
  return new AbortedError('The call was aborted by its signal: it waited for a value', { cause: signal.reason });
}

const NO_CONTEXT: Parameters<Load<unknown>>[0] = Object.freeze({
  signal: new AbortController().signal,
  tag: () => {},
  ttl: () => {},
});
