import { positiveInteger, refuseUnknown } from '../../core/engine-options.js';
import type { LockStore } from '../lock/port.js';
import type { CacheStore, EntryStore } from '../ports.js';
import type { StoreStats } from '../store-stats.js';
import { MemoryEntries } from './entries.js';
import { MemoryLockStore } from './locks.js';

/** How much a store in memory holds. */
export interface MemoryStoreOptions {
  /** Most entries; those that were not asked for the longest go first. @default 10000 @minimum 1 */
  readonly max?: number | undefined;
  /** Milliseconds that only go on; tests bring their own. @default the process's monotonic clock */
  readonly clock?: (() => number) | undefined;
  /** Name in errors. @default 'memory' */
  readonly name?: string | undefined;
}

/** The defaults of `MemoryStoreOptions`. */
export const MEMORY_STORE_DEFAULTS: { readonly max: number; readonly name: string } = Object.freeze({
  max: 10_000,
  name: 'memory',
});

const KNOWN: ReadonlySet<string> = new Set(['max', 'clock', 'name']);

/**
 * A cache's store in the memory of the process: for one process, for tests, and for machines without Redis. It keeps the same rules as
 * `RedisStore`, and holds bytes as that does, so that a value read is never the one that was given.
 *
 * @throws TypeError when an option is not what was expected
 * @example
 * ```ts
 * import { CacheManager, MemoryStore } from 'trivet';
 *
 * const cache = new CacheManager(new MemoryStore({ max: 1_000 }), { ttl: '5m' });
 * console.log(await cache.getOrSet('answer', () => 42));
 * ```
 */
export class MemoryStore implements CacheStore {
  readonly engine = 'memory' as const;
  readonly name: string;
  readonly #max: number;
  readonly #clock: () => number;
  readonly #spaces = new Map<string, MemoryEntries>();
  readonly #locks = new Map<string, MemoryLockStore>();

  constructor(options: MemoryStoreOptions = {}) {
    refuseUnknown(options, KNOWN);
    this.#max = positiveInteger(options.max ?? MEMORY_STORE_DEFAULTS.max, 'max');
    this.#clock = options.clock ?? (() => performance.now());
    this.name = options.name ?? MEMORY_STORE_DEFAULTS.name;
  }

  /** The entries under a prefix: the same ones for each cache that asks with it. */
  entries(prefix: string): EntryStore {
    let space = this.#spaces.get(prefix);
    if (space === undefined) {
      space = new MemoryEntries(this.#max, this.#clock);
      this.#spaces.set(prefix, space);
    }
    return space;
  }

  /** The locks under a prefix: the same ones for each cache that asks with it. */
  locks(prefix: string): LockStore {
    let locks = this.#locks.get(prefix);
    if (locks === undefined) {
      locks = new MemoryLockStore();
      this.#locks.set(prefix, locks);
    }
    return locks;
  }

  /** The entries of all prefixes, and the bytes of their values. */
  async storeStats(): Promise<StoreStats> {
    const startedAt = performance.now();
    const held = [...this.#spaces.values()].map((space) => space.held());
    const sum = (of: (each: (typeof held)[number]) => number): number =>
      held.reduce((total, each) => total + of(each), 0);
    const keys = sum((each) => each.keys);
    const averageTtlMs = keys === 0 ? null : Math.round(sum((each) => each.leftMs) / keys);
    const stats = {
      memory: { used: sum((each) => each.bytes), peak: null, max: null, policy: 'lru' },
      clients: null,
      keyspace: {
        keys,
        expiring: keys,
        averageTtlMs,
        evicted: sum((each) => each.evicted),
        expired: null,
        hits: null,
        misses: null,
      },
    };
    const roundTripMs = performance.now() - startedAt;
    const nodes = [{ node: this.name, version: null, ...stats }];
    return { engine: this.engine, roundTripMs, ...stats, nodes, warnings: [] };
  }
}
