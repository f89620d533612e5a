import { inspect } from 'node:util';
import { type CacheTrace, channels } from '../core/channels.js';
import { expected } from '../core/engine-options.js';
import { typeName } from '../util/describe.js';
import { Backing } from './backing.js';
import type { CacheEvents, CacheStats } from './events.js';
import { type Explanation, explained } from './explain.js';
import { aborted, Fill } from './fill.js';
import { Finds } from './finds.js';
import { type CacheKey, keyText, type UntypedKey } from './key.js';
import type { Load } from './load.js';
import type { Lock } from './lock/lock.js';
import type { LockedWork, Locks } from './lock/locks.js';
import type { AcquireOptions } from './lock/options.js';
import { fillMany, type LoadMany } from './many.js';
import {
  type CacheOptions,
  cacheSettings,
  callSettings,
  type GetOptions,
  type GetOrSetOptions,
  type SetOptions,
  tagTexts,
} from './options.js';
import { Part } from './part.js';
import type { CacheStore } from './ports.js';
import { Space } from './space.js';
import type { StoreStats, StoreStatsOptions } from './store-stats.js';
import { type ClearOptions, clearSettings, sweep } from './sweep.js';
import { Writes } from './writes.js';

/** Options of several values that are loaded where they are missing. */
export type GetOrSetManyOptions = Omit<GetOrSetOptions<never>, 'softTimeout'>;

/**
 * A cache over a store, `RedisStore` or `MemoryStore`. What was invalidated is never served again, also where a load of it was under way, in this process
 * or in another one: an entry carries the stamps that its tags had before it was loaded, and a load may store only as long as its lease stands.
 *
 * A cache makes no request fail that would work without it: while its store does not answer, values are loaded, once per key and process. Only changes
 * (`set`, `delete`, `invalidateTags`, `clear`) say so, and what they were to take away is taken away when it answers again.
 *
 * @throws TypeError when an option is not what was expected
 * @example
 * ```ts
 * import { CacheManager, MemoryStore } from 'trivet';
 *
 * const cache = new CacheManager(new MemoryStore(), { prefix: 'app', ttl: '10m' });
 * const top = await cache.getOrSet('top', async () => ['Ann', 'Bob'], { tags: ['users'], stale: '1h' });
 * console.log(top);
 * await cache.invalidateTags('users');
 * ```
 */
export class CacheManager {
  static {
    // Shows no address: it may hold a password.
    const value = function (this: CacheManager): string {
      const { prefix } = this.#part.settings;
      return `CacheManager(${prefix}${this.#part.space.path})`;
    };
    Object.defineProperty(this.prototype, inspect.custom, { value });
  }

  readonly #part: Part;
  readonly #finds: Finds;
  readonly #fill: Fill;
  readonly #writes: Writes;
  #locks: Locks | null = null;

  constructor(store: CacheStore, options?: CacheOptions);
  constructor(store: CacheStore | Part, options: CacheOptions = {}) {
    if (store instanceof Part) this.#part = store;
    else {
      if (typeof (store as Partial<CacheStore> | undefined)?.entries !== 'function')
        throw expected('store', 'a RedisStore or a MemoryStore', store);
      const settings = cacheSettings(options);
      this.#part = new Part(new Backing(store, settings), new Space(), settings, null);
    }
    this.#finds = new Finds(this.#part);
    this.#fill = new Fill(this.#part);
    this.#writes = new Writes(this.#part);
  }

  /**
   * The value of a key; `undefined` where there is none, or none that is good any more, or the store does not answer.
   * @throws TypeError for a key or an option that is none
   */
  get<T = unknown>(key: CacheKey<T> | string, options?: GetOptions): Promise<T | undefined> {
    if (!channels.cache.hasSubscribers) return this.#finds.one(key, options, null) as Promise<T | undefined>;
    return this.#part.traced('get', (trace) => this.#finds.one(key, options, trace) as Promise<T | undefined>);
  }

  /** The values of several keys, in their order, in one round trip. @throws TypeError */
  getMany<T = unknown>(keys: readonly (CacheKey<T> | string)[], options?: GetOptions): Promise<(T | undefined)[]> {
    return this.#part.traced(
      'getMany',
      (trace) => this.#finds.many(keys, options, trace) as Promise<(T | undefined)[]>,
    );
  }

  /**
   * The value of a key, or what `load` gives, which is stored. All who ask for a key while it is loaded get one load, over all processes; when it fails, all
   * of them learn it. Inside a transaction a value that is missing is loaded and not stored: what is read there is not for others.
   *
   * @throws what `load` throws; TimeoutError when it takes longer than `loadTimeout`; AbortedError; LoadFailedError when another process loaded it and failed;
   * TypeError for a key or an option that is none
   */
  getOrSet<T, K = unknown>(key: UntypedKey<K> | string, load: Load<T>, options?: GetOrSetOptions<T>): Promise<T>;
  getOrSet<T>(key: CacheKey<T> | string, load: Load<T>, options?: GetOrSetOptions<T>): Promise<T>;
  getOrSet<T>(key: CacheKey | string, load: Load<T>, options?: GetOrSetOptions<T>): Promise<T> {
    // Looked at here, because a hit in this process takes hardly longer than what it would take to hand the call on.
    if (!channels.cache.hasSubscribers) return this.#getOrSet(key, load, options, null);
    return this.#part.traced('getOrSet', (trace) => this.#getOrSet(key, load, options, trace));
  }

  async #getOrSet<T>(
    key: CacheKey | string,
    load: Load<T>,
    options: GetOrSetOptions<T> | undefined,
    trace: CacheTrace | null,
  ): Promise<T> {
    if (typeof load !== 'function') throw new TypeError(`Expected \`load\` to be a function, got ${typeName(load)}`);
    // Before the options are looked at, which takes longer.
    const near = options?.fresh === true ? undefined : this.#part.nearby(key);
    if (near !== undefined) return this.#finds.near(near, trace) as T;
    const text = keyText(key);
    const call = callSettings(options, this.#part.settings);
    if (call.signal?.aborted) throw aborted(call.signal);
    return (await this.#fill.value({ text, load, call, outcome: trace }, null)) as T;
  }

  /**
   * The values of several keys, in their order: one round trip for those that are there, and one load for those that are not, which is given their keys and
   * gives a list of their values.
   * @throws what `load` throws, and as `getOrSet`
   */
  getOrSetMany<T, K extends CacheKey<T> | string = CacheKey<T> | string>(
    keys: readonly K[],
    load: LoadMany<K, T>,
    options?: GetOrSetManyOptions,
  ): Promise<(T | undefined)[]> {
    return this.#part.traced('getOrSetMany', (trace) => this.#getOrSetMany(keys, load, options, trace));
  }

  async #getOrSetMany<T, K extends CacheKey<T> | string>(
    keys: readonly K[],
    load: LoadMany<K, T>,
    options: GetOrSetManyOptions | undefined,
    trace: CacheTrace | null,
  ): Promise<(T | undefined)[]> {
    const wanted = keys.map((key) => ({ key, text: keyText(key) }));
    if (typeof load !== 'function') throw new TypeError(`Expected \`load\` to be a function, got ${typeName(load)}`);
    const call = callSettings(options, this.#part.settings);
    if (call.signal?.aborted) throw aborted(call.signal);
    const values = await fillMany(this.#part, this.#fill, wanted, load as LoadMany<K, unknown>, call, trace);
    return values as (T | undefined)[];
  }

  /**
   * Stores a value; a load of it that is under way does not overwrite it. Where the value was read before something was invalidated, `getOrSet` is what
   * notices; this does not.
   * @throws TypeError for `undefined`, and for what the codec cannot store; CacheUnavailableError
   */
  set<T>(key: CacheKey<T> | string, value: T, options?: SetOptions): Promise<void> {
    return this.#part.traced('set', async () =>
      this.#writes.set(keyText(key), value, callSettings(options, this.#part.settings)),
    );
  }

  /** Stores several values. @throws as `set` */
  setMany<T>(
    entries: readonly (readonly [key: CacheKey<T> | string, value: T])[],
    options?: SetOptions,
  ): Promise<void> {
    return this.#part.traced('setMany', async () => {
      const call = callSettings(options, this.#part.settings);
      const checked = entries.map(([key, value]) => [keyText(key), value] as const);
      await Promise.all(checked.map(([text, value]) => this.#writes.set(text, value, call)));
    });
  }

  /** Takes the value of a key away; whether there was one. A load of it that is under way is not stored. @throws CacheUnavailableError */
  delete(key: CacheKey | string): Promise<boolean> {
    return this.#part.traced('delete', async () => this.#writes.delete(keyText(key)));
  }

  /**
   * Takes all values with one of these tags away, in a time that does not grow with their number. There is no count: their entries are not touched.
   * @throws CacheUnavailableError
   */
  invalidateTags(...tags: readonly string[]): Promise<void> {
    return this.#part.traced('invalidateTags', async () => this.#writes.invalidate(tagTexts(tags)));
  }

  /**
   * Takes all values of this cache or namespace away, with those of the namespaces in it, at once, in a time that does not grow with their number. Their
   * entries take room in the store until their `ttl` ends; with `sweep` they are taken out of it behind.
   * @throws CacheUnavailableError; TypeError
   */
  clear(options: ClearOptions = {}): Promise<void> {
    return this.#part.traced('clear', async () => {
      const { sweep: sweeps, signal } = clearSettings(options);
      await this.#writes.clear();
      if (sweeps) void sweep(this.#part, signal);
    });
  }

  /**
   * A cache of its own in this one: its keys and tags are its own, and `clear()` of this one clears it. Options that it does not have are those of this one.
   * @throws TypeError
   */
  namespace(name: string, options: Omit<CacheOptions, 'prefix' | 'storeTimeout' | 'l1'> = {}): CacheManager {
    const { backing, space, settings } = this.#part;
    const part = new Part(backing, space.inner(name), cacheSettings(options, settings), this.#part);
    return new CacheManager(part as unknown as CacheStore);
  }

  /**
   * Takes a lock of this cache or namespace, over all processes; fails at once when another has it, unless `wait` says how long to wait. It is not renewed
   * unless `renew` says so.
   * @throws LockContendedError, LockUnavailableError, AbortedError; TypeError
   * @example
   * ```ts
   * import { CacheManager, MemoryStore } from 'trivet';
   *
   * const cache = new CacheManager(new MemoryStore());
   * await using lock = await cache.acquireLock('report', { ttl: '10s', wait: '2s' });
   * lock.assertHeld();
   * ```
   */
  acquireLock(name: string, options?: AcquireOptions): Promise<Lock> {
    this.#locks ??= this.#part.backing.locks(this.#part.space.path);
    return this.#locks.acquire(name, options);
  }

  /**
   * Runs `work` while a lock is held, which is renewed meanwhile, and releases it. Give `fence` to what the work writes to, such as
   * `update(id, patch, { fence })` of an entity with `fenced()`: it refuses who has lost the lock without knowing it.
   * @throws what `acquireLock` and `work` throw; LockLostError
   */
  withLock<T>(name: string, work: (given: LockedWork) => Promise<T> | T, options?: AcquireOptions): Promise<T> {
    this.#locks ??= this.#part.backing.locks(this.#part.space.path);
    return this.#locks.withLock(name, work, options);
  }

  /** Why a read of a key hits or misses now. */
  async explain(key: CacheKey | string, options: GetOptions = {}): Promise<Explanation> {
    const call = callSettings(options, this.#part.settings);
    const [look] = await this.#part.looks([keyText(key)], call.tags);
    const age = await this.#part.age(look!, { ...call, earlyRefresh: 0 });
    return explained(look!, age, this.#part.backing.clock.now);
  }

  /** Figures since it was made, counted in this process. */
  stats(): CacheStats {
    return { ...this.#part.counts, isStoreUp: this.#part.backing.breaker.error === null };
  }

  /**
   * What the store says of its memory, its clients and its keys, those of others too, which takes a round trip; null where it cannot tell. `warnings` name
   * what should be looked at, such as a policy that evicts locks.
   * @throws what the store fails with
   * @example
   * ```ts
   * import { CacheManager, MemoryStore } from 'trivet';
   *
   * const cache = new CacheManager(new MemoryStore());
   * const stats = await cache.storeStats();
   * console.log(stats?.memory.used, stats?.keyspace.keys, stats?.warnings);
   * ```
   */
  storeStats(options: StoreStatsOptions = {}): Promise<StoreStats | null> {
    return this.#part.backing.storeStats(options);
  }

  /** Tells of what happens in this cache and its namespaces; gives the function that ends it. @throws TypeError for an event that is none */
  on<Name extends keyof CacheEvents>(event: Name, listener: (...values: CacheEvents[Name]) => void): () => void {
    return this.#part.backing.emitter.on(event, listener);
  }
}
