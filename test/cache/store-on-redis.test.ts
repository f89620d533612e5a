import { afterAll, it } from 'vitest';
import { type CacheStore, RedisStore } from '../../src/index.js';
import { cacheContract } from '../../src/testing/index.js';
import { redisPrefix } from '../setup/databases.js';

const { url, prefix } = await redisPrefix();

cacheContract({
  test: it,
  after: afterAll,
  open: async () => {
    const redis = new RedisStore({ url });
    // What is left of caches that nobody clears goes with the prefix of the file.
    const store: CacheStore = {
      engine: redis.engine,
      name: redis.name,
      entries: (own, timeoutMs) => redis.entries(prefix + own, timeoutMs),
      locks: (own) => redis.locks(prefix + own),
      storeStats: (options) => redis.storeStats(options),
    };
    return { store, close: () => redis.close() };
  },
});
