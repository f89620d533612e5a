import { CacheManager, RedisStore } from 'trivet';
import { NEAR_MAX, type Opened, type Opening, type Peer, TTL_MS } from '../peer.js';

export const trivet: Peer = {
  name: 'trivet',
  package: null,
  setup:
    'RedisStore by its defaults, but for a `storeTimeout` that a loaded machine does not reach; in the process `l1`',
  lacks: {},
  async open({ url, prefix, near, tags }: Opening): Promise<Opened> {
    const store = new RedisStore({ url, timeout: '60s' });
    const options = { prefix, ttl: `${TTL_MS}ms`, storeTimeout: '60s' } as const;
    const cache = new CacheManager(store, near ? { ...options, l1: { max: NEAR_MAX } } : options);
    return {
      getOrSet: (key, load, tagged) => cache.getOrSet(key, load, tagged && { tags: tagged }),
      delete: (key) => cache.delete(key),
      ...(tags && { invalidate: (tag: string) => cache.invalidateTags(tag) }),
      async close() {
        const { errors } = cache.stats();
        await store.close();
        if (errors > 0) throw new Error(`The store failed ${errors} times`);
      },
    };
  },
};
