import type { CacheStore, EntryStore } from '../../src/index.js';

/** The control of stresses: a load stores what it read although its lease was taken away, as most caches do. */
export function withoutLeases(store: CacheStore): CacheStore {
  return {
    engine: store.engine,
    name: store.name,
    locks: (of) => store.locks(of),
    entries(of, timeoutMs): EntryStore {
      const entries = store.entries(of, timeoutMs);
      return {
        read: (...args) => entries.read(...args),
        lease: async (entry, request) => {
          const lease = await entries.lease(entry, request);
          return lease.state === 'taken' ? { state: 'ours' } : lease;
        },
        capture: (...args) => entries.capture(...args),
        write: (entry, write) => entries.write(entry, write.kind === 'fill' ? { ...write, kind: 'set' } : write),
        invalidate: (...args) => entries.invalidate(...args),
        listen: (...args) => entries.listen(...args),
      };
    },
  };
}
