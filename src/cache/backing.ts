import { CacheUnavailableError } from '../errors/cache.js';
import { DriverMissingError } from '../errors/runtime.js';
import { Emitter } from '../util/emitter.js';
import { Breaker } from './breaker.js';
import { CACHE_EVENTS, type CacheEvents } from './events.js';
import type { Flight } from './flight.js';
import { Locks } from './lock/locks.js';
import { Near } from './near.js';
import type { CacheSettings } from './options.js';
import type { CacheStore, EntryStore } from './ports.js';
import { StoreClock } from './store-clock.js';
import type { StoreStats, StoreStatsOptions } from './store-stats.js';

/** More than these are not remembered one by one: the whole cache is cleared instead. */
const MOST_OWED = 10_000;

/** What a cache and its namespaces share: the store, whether it answers, and what is owed to it. */
export class Backing {
  readonly store: EntryStore;
  readonly clock: StoreClock = new StoreClock(() => performance.now());
  readonly breaker: Breaker;
  readonly emitter: Emitter<CacheEvents> = new Emitter<CacheEvents>(CACHE_EVENTS);
  /** What is at hand in this process; null where that is off. */
  readonly near: Near | null;
  /** Loads of this process that may be joined, by the name of their entry. */
  readonly flights: Map<string, Flight> = new Map();
  /** What is to be invalidated or deleted once the store answers: until then nothing of it is read. */
  readonly #owed = new Map<string, () => Promise<unknown>>();
  readonly #resource: string;
  /** What its traces begin with. */
  readonly origin: { readonly engine: string; readonly resource: string };
  readonly #store: CacheStore;
  readonly #prefix: string;

  #unlisten: (() => void) | null = null;

  constructor(store: CacheStore, { prefix, storeTimeoutMs, logger, near }: CacheSettings) {
    this.#store = store;
    this.#prefix = prefix;
    this.origin = { engine: store.engine, resource: store.name };
    this.store = store.entries(prefix, storeTimeoutMs);
    this.near = near === null ? null : new Near(near.max, near.ttlMs);
    this.#resource = `${store.name} (${prefix})`;
    const resource = this.#resource;
    this.breaker = new Breaker({
      attempt: () => this.#recover(),
      opened: (error) => {
        logger?.error({ resource, error: error.message }, 'cache store down');
        this.emitter.tell('storeDown', error);
      },
      closed: () => {
        logger?.info({ resource }, 'cache store up');
        this.emitter.tell('storeUp');
      },
    });
  }

  /** The locks of a namespace. */
  locks(path: string): Locks {
    return new Locks(this.#store.locks(this.#prefix + path));
  }

  /** What the store tells of itself; null where it cannot. It is asked even while the cache does not ask it for values. */
  async storeStats(options: StoreStatsOptions): Promise<StoreStats | null> {
    return (await this.#store.storeStats?.(options)) ?? null;
  }

  /** Begins to listen for what others change, with the first value that is asked for: to make a cache connects to nothing. */
  listen(): void {
    if (this.near !== null) this.#unlisten ??= this.store.listen(this.near);
  }

  /** Carries out a change. One that fails is carried out when the store answers again, and until then the store is not read. @throws CacheUnavailableError */
  async change<T>(name: string, work: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
    const { error } = this.breaker;
    if (error !== null) {
      this.#owe(name, undo);
      throw this.#unavailable(error);
    }
    try {
      return await work();
    } catch (reason) {
      if (!(reason instanceof Error) || reason instanceof TypeError || reason instanceof DriverMissingError)
        throw reason;
      this.#owe(name, undo);
      this.breaker.open(reason);
      throw this.#unavailable(reason);
    }
  }

  #unavailable(cause: Error): CacheUnavailableError {
    const message = `The store of the cache does not answer (${this.#resource}): ${cause.message}. What was to be changed is invalidated when it does`;
    return new CacheUnavailableError(message, {
      resource: this.#resource,
      retryable: true,
      outcome: 'unknown',
      cause,
    });
  }

  #owe(name: string, work: () => Promise<unknown>): void {
    if (this.#owed.size < MOST_OWED || this.#owed.has(name)) {
      this.#owed.set(name, work);
      return;
    }
    this.#owed.clear();
    this.#owed.set('c', () => this.store.invalidate(['c']));
  }

  async #recover(): Promise<void> {
    const sentAt = performance.now();
    const capture = await this.store.capture([], 1, null);
    if (capture !== null) this.clock.learn(capture.clock, sentAt);
    for (const [name, work] of this.#owed) {
      await work();
      // It may have been owed once more meanwhile.
      if (this.#owed.get(name) === work) this.#owed.delete(name);
    }
  }
}
