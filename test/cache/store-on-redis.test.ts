import { afterAll, it } from 'vitest';
import { RedisStore } from '../../src/index.js';
import { cacheContract } from '../../src/testing/index.js';
import { redisPrefix } from '../setup/databases.js';

cacheContract({
  test: it,
  after: afterAll,
  open: async () => {
    const { url } = await redisPrefix();
    const store = new RedisStore({ url });
    return { store, close: () => store.close() };
  },
});
