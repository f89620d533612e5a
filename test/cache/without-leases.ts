import type { CacheStore } from '../../src/index.js';
import { storeLike } from '../../src/testing/cache-contract/kit.js';

/** The control of stresses: a load stores what it read although its lease was taken away, as most caches do. */
export function withoutLeases(store: CacheStore): CacheStore {
  return storeLike(store, (entries) => ({
    lease: async (entry, request) => {
      const lease = await entries.lease(entry, request);
      return lease.state === 'taken' ? { state: 'ours' } : lease;
    },
    write: (entry, write) => entries.write(entry, write.kind === 'fill' ? { ...write, kind: 'set' } : write),
  }));
}
