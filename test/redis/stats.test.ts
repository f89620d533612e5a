import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { CacheManager, type CacheStore, MemoryStore, RedisStore } from '../../src/index.js';
import { startOwnRedis } from '../../src/testing/index.js';
import { until } from '../postgres/kit.js';
import { clusterOf, startCluster } from './cluster.js';
import { caught, openedAt } from './kit.js';

// Its figures are those of one user alone.
const server = await startOwnRedis({ log: () => {} });
afterAll(() => server.stop());
const redis = openedAt(server.url, { name: 'stats test', timeout: '30s' });
const cache = new CacheManager(redis, { prefix: 'stats', storeTimeout: '30s' });
const MEGABYTES = 2 ** 20;

describe('storeStats() of a server', () => {
  it('tells its memory, its clients, its keys and how often they were found', async () => {
    await redis.run('FLUSHALL');
    await redis.run('CONFIG', ['RESETSTAT']);
    await redis.run('SET', ['stays', 'x']);
    await redis.run('SET', ['ends', 'x', 'PX', 3_600_000]);
    await redis.run('GET', ['stays']);
    await redis.run('GET', ['none']);
    const stats = await redis.storeStats();
    expect(stats).toMatchObject({
      engine: 'redis',
      memory: { max: null, policy: 'noeviction' },
      clients: { blocked: 0 },
      keyspace: { keys: 2, expiring: 1, evicted: 0, expired: 0, hits: 1, misses: 1 },
      warnings: [],
    });
    expect(stats.memory.used).toBeGreaterThan(100_000);
    expect(stats.memory.peak).toBeGreaterThanOrEqual(stats.memory.used * 0.9);
    expect(stats.clients!.connected).toBeGreaterThanOrEqual(1);
    expect(stats.roundTripMs).toBeGreaterThan(0);
    const { engine: _engine, roundTripMs: _roundTripMs, nodes, warnings: _warnings, ...sums } = stats;
    expect(nodes).toMatchObject([{ node: 'stats test', version: expect.stringMatching(/^\d+\.\d+/), ...sums }]);
    await until(async () => (await redis.storeStats()).keyspace.averageTtlMs !== null);
    const { averageTtlMs } = (await redis.storeStats()).keyspace;
    expect(averageTtlMs).toBeGreaterThan(0);
    expect(averageTtlMs).toBeLessThanOrEqual(3_600_000);
  });

  it('counts the keys of all databases, and a client that waits for a blocking command', async () => {
    await redis.run('FLUSHALL');
    const other = new RedisStore({ url: server.url, db: 3, timeout: '60s' });
    await other.run('MSET', ['a', 1, 'b', 2]);
    await redis.run('SET', ['c', 3]);
    const waiting = caught(other.run('BLPOP', ['nothing', 0]));
    await until(async () => (await redis.storeStats()).clients!.blocked === 1);
    expect((await redis.storeStats()).keyspace.keys).toBe(3);
    await other.close({ deadline: '1ms' });
    await waiting;
  });

  // The older driver has one.
  it.each(inject('drivers').ioredis >= 6 ? [2, 3] : [2])('reads the answer of protocol %i', async (protocol) => {
    const client = new Redis(server.url, { protocol, lazyConnect: true } as object);
    const store = new RedisStore({ client });
    await store.run('SET', ['d', 4]);
    expect(await store.storeStats()).toMatchObject({ keyspace: { evicted: 0 }, memory: { policy: 'noeviction' } });
    await store.close();
    client.disconnect();
  });

  it('is asked by the cache, also while that does not ask it for values, and ends by a signal', async () => {
    expect(await cache.storeStats()).toMatchObject({ engine: 'redis', warnings: [] });
    expect(await caught(cache.storeStats({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
    expect(await caught(cache.storeStats({ timeout: '1' as never }))).toBeInstanceOf(TypeError);
  });

  it('warns of a policy that may evict locks, where there is a limit, and counts what was evicted', async () => {
    await redis.run('CONFIG', ['SET', 'maxmemory-policy', 'volatile-lru']);
    expect((await redis.storeStats()).warnings).toEqual([]);
    const { memory } = await redis.storeStats();
    const limit = memory.used + 2 * MEGABYTES;
    await redis.run('CONFIG', ['SET', 'maxmemory', limit]);
    const warned = await redis.storeStats();
    expect(warned.memory).toMatchObject({ max: limit, policy: 'volatile-lru' });
    expect(warned.warnings).toMatchObject([{ code: 'eviction', node: 'stats test' }]);
    expect(warned.warnings[0]!.message).toContain('volatile-lru');
    for (let i = 0; (await redis.storeStats()).keyspace.evicted === 0; i++)
      await redis.run('SET', [`big ${i}`, 'x'.repeat(100_000), 'PX', 3_600_000]);
    await redis.run('CONFIG', ['SET', 'maxmemory-policy', 'noeviction']);
    expect((await redis.storeStats()).warnings).toEqual([]);
    await redis.run('CONFIG', ['SET', 'maxmemory', 0]);
  });

  it('that refuses to tell is a QueryError, and shows no secret', async () => {
    await redis.run('ACL', ['SETUSER', 'mute', 'on', '>planted', '~*', '+@all', '-info']);
    const address = new URL(server.url);
    address.username = 'mute';
    address.password = 'planted';
    // The driver asks for it too, before it says that it is ready.
    const client = new Redis(address.href, { enableReadyCheck: false, lazyConnect: true });
    const error = await caught(new RedisStore({ client }).storeStats());
    client.disconnect();
    expect(error).toMatchObject({ code: 'AUTHENTICATION', outcome: 'not-executed' });
    expect(JSON.stringify([error, error.message])).not.toContain('planted');
  });
});

describe('storeStats() of a cluster', async () => {
  const nodes = await startCluster();
  const store = new RedisStore({ client: clusterOf(nodes), name: 'a cluster', timeout: '30s' });
  afterAll(() => store.close({ deadline: '1s' }));

  it('sums its masters, and tells of each', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    for (const key of keys) await store.run('SET', [key, 'x', 'PX', 3_600_000]);
    const stats = await store.storeStats();
    expect(stats.nodes.map(({ node }) => node).sort()).toEqual(nodes.map(({ port }) => `127.0.0.1:${port}`).sort());
    expect(stats.keyspace).toMatchObject({ keys: 60, expiring: 60 });
    expect(stats.nodes.every(({ keyspace }) => keyspace.keys > 5)).toBe(true);
    for (const of of [
      ({ memory }) => memory.used,
      ({ keyspace }) => keyspace.keys,
      ({ clients }) => clients!.connected,
    ] as readonly ((each: (typeof stats)['nodes'][number]) => number)[])
      expect(of({ ...stats, node: '', version: null })).toBe(stats.nodes.reduce((sum, each) => sum + of(each), 0));
    expect(stats).toMatchObject({ memory: { max: null, policy: 'noeviction' }, warnings: [] });
  });

  it('names the server whose policy may evict locks', async () => {
    const [, second] = nodes;
    await second!.alone.run('CONFIG', ['SET', 'maxmemory-policy', 'allkeys-lru']);
    await second!.alone.run('CONFIG', ['SET', 'maxmemory', 100 * MEGABYTES]);
    const stats = await store.storeStats();
    expect(stats.memory).toMatchObject({ max: null, policy: 'allkeys-lru, noeviction' });
    expect(stats.warnings).toMatchObject([{ code: 'eviction', node: `127.0.0.1:${second!.port}` }]);
  });

  it('tells of the others when one is gone, and warns of it', async () => {
    const last = nodes[2]!;
    await last.server.process.kill();
    await until(async () => {
      const stats = await store.storeStats().catch(() => null);
      return stats !== null && stats.nodes.length === 2;
    });
    const { warnings } = await store.storeStats();
    const silent = warnings.filter(({ code }) => code === 'silent');
    // Until the driver has heard of it from the others it is asked.
    for (const { node } of silent) expect(node).toBe(`127.0.0.1:${last.port}`);
  });
});

describe('storeStats() of a store in memory', () => {
  it('tells its entries and their bytes, and what had to go for others', async () => {
    let now = 0;
    const store = new MemoryStore({ max: 3, clock: () => now });
    const inMemory = new CacheManager(store, { ttl: '10s' });
    await inMemory.setMany<unknown>([
      ['a', 'x'.repeat(1_000)],
      ['b', 2],
    ]);
    now = 4_000;
    const stats = await inMemory.storeStats();
    expect(stats).toMatchObject({
      engine: 'memory',
      memory: { peak: null, max: null, policy: 'lru' },
      clients: null,
      keyspace: { keys: 2, expiring: 2, averageTtlMs: 6_000, evicted: 0, expired: null, hits: null, misses: null },
      nodes: [{ node: 'memory', version: null }],
      warnings: [],
    });
    expect(stats!.memory.used).toBeGreaterThan(1_000);
    await inMemory.setMany([
      ['c', 3],
      ['d', 4],
    ]);
    expect((await store.storeStats()).keyspace).toMatchObject({ keys: 3, evicted: 1 });
    now = 20_000;
    expect((await store.storeStats()).keyspace).toMatchObject({ keys: 0, averageTtlMs: null });
  });

  it('of a store of your own that cannot tell is null', async () => {
    const memory = new MemoryStore();
    const own: CacheStore = {
      engine: 'own',
      name: 'own',
      entries: (prefix) => memory.entries(prefix),
      locks: (prefix) => memory.locks(prefix),
    };
    expect(await new CacheManager(own).storeStats()).toBeNull();
  });
});
