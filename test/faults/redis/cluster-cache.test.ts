import { afterAll, describe, expect, it } from 'vitest';
import { CacheManager, RedisStore } from '../../../src/index.js';
import { cacheContract } from '../../../src/testing/index.js';
import { until } from '../../postgres/kit.js';
import { clusterOf, startCluster } from '../../redis/cluster.js';

const nodes = await startCluster();
const store = new RedisStore({ client: clusterOf(nodes), name: 'a cluster', timeout: '30s' });
await store.connect();

// No command of it crosses a slot: the nodes would refuse it.
describe('the contract of caches, on a cluster of three', () => {
  cacheContract({
    test: it,
    after: afterAll,
    open: async () => ({ store, close: () => store.close({ deadline: '1s' }) }),
  });
});

describe('a cache on a cluster', () => {
  it('is swept on each of its masters after it was cleared', async () => {
    const other = new RedisStore({ client: clusterOf(nodes), timeout: '30s' });
    const cache = new CacheManager(other, { prefix: 'swept', ttl: '1d', storeTimeout: '30s' });
    await cache.setMany(Array.from({ length: 200 }, (_, i) => [`k${i}`, i] as const));
    const done = new Promise<unknown>((resolve) => {
      cache.on('swept', (removed, error) => resolve([removed, error]));
    });
    await cache.clear({ sweep: true });
    await cache.set('later', 1);
    expect(await done).toEqual([200, null]);
    expect(await cache.get('later')).toBe(1);
    await other.close({ deadline: '1s' });
  });

  it('has its entries on all nodes, and goes on without those of one that is frozen', async () => {
    const other = new RedisStore({ client: clusterOf(nodes), timeout: '30s' });
    const cache = new CacheManager(other, { prefix: 'spread', storeTimeout: '2s' });
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    await cache.setMany(keys.map((key) => [key, key] as const));
    const sizes = await Promise.all(nodes.map(({ alone }) => alone.run('DBSIZE')));
    expect(sizes.every((size) => Number(size) > 5)).toBe(true);
    await nodes[1]!.server.process.freeze();
    const values = await Promise.all(keys.map((key) => cache.getOrSet(key, () => 'loaded')));
    expect(values.every((value, i) => value === 'loaded' || value === keys[i])).toBe(true);
    await nodes[1]!.server.process.thaw();
    await until(async () => cache.stats().isStoreUp);
    expect(await cache.getOrSet('k0', () => 'never')).toMatch(/^(k0|loaded)$/);
    await other.close({ deadline: '1s' });
  });
});
