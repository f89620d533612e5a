import type { Duration } from 'trivet';
import { CacheManager, cacheKey, type LockedWork, Locks, RedisLockStore, type RedisStore } from 'trivet/cache';
import { caller } from './tenancy.js';

/** The cache and the locks of the service: every key belongs to a tenant. */
export class TenantCache {
  readonly cache: CacheManager;
  readonly #locks: Locks;

  constructor(store: RedisStore, prefix: string) {
    // Only its answer is looked at here, on a machine that may be slow.
    this.cache = new CacheManager(store, { prefix, ttl: '5m', storeTimeout: '10s' });
    this.#locks = new Locks(new RedisLockStore(store, { prefix }), { ttl: '30s' });
  }

  remember<T>(name: string, load: () => Promise<T>, ttl: Duration = '1m'): Promise<T> {
    return this.cache.getOrSet(cacheKey<T>(tenant(), name), load, { ttl, tags: [tenant()] });
  }

  forget(): Promise<void> {
    return this.cache.invalidateTags(tenant());
  }

  alone<T>(name: string, work: (locked: LockedWork) => Promise<T>): Promise<T> {
    return this.#locks.withLock(`${tenant()}:${name}`, work);
  }
}

function tenant(): string {
  const current = caller();
  if (current === undefined) throw new Error('nobody asks');
  return current.tenant;
}
