import { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';
import { createKeyv as createMemory } from 'cacheable';
import { NEAR_MAX, type Opened, type Opening, type Peer, TTL_MS, Unheard } from '../peer.js';

export const cacheManager: Peer = {
  name: 'cache-manager',
  package: 'cache-manager',
  setup: 'wrap() on @keyv/redis; in the process CacheableMemory before it, as its pages show',
  lacks: { tags: 'it has no tags' },
  async open({ url, prefix, near }: Opening): Promise<Opened> {
    const redis = createKeyv(url, { namespace: prefix });
    const unheard = new Unheard();
    redis.on('error', unheard.note);
    const memory = near ? [createMemory({ ttl: TTL_MS, lruSize: NEAR_MAX })] : [];
    const cache = createCache({ stores: [...memory, redis], ttl: TTL_MS });
    return {
      getOrSet: (key, load) => cache.wrap(key, async () => load()),
      delete: (key) => cache.del(key),
      async close() {
        unheard.rethrow();
        await cache.disconnect();
      },
    };
  },
};
