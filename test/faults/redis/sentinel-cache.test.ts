import { afterAll, describe, expect, it } from 'vitest';
import {
  CacheManager,
  CacheUnavailableError,
  LockContendedError,
  LockLostError,
  LockUnavailableError,
  RedisStore,
} from '../../../src/index.js';
import { cacheContract } from '../../../src/testing/index.js';
import { portOf, startWatched } from '../../redis/sentinel.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';

const { first, second, atFirst, atSecond, primary, failover, client } = await startWatched();
const store = new RedisStore({ client: client(), name: 'by sentinel', timeout: '30s' });
const cache = new CacheManager(store, { prefix: 'watched', ttl: '1h', storeTimeout: '2s' });
const KEYS = 6;

expectNothingUncaught();
afterAll(async () => {
  await store.close({ deadline: '1s' });
});

/** Whether the cache's server has this port now, and takes writes. */
async function servesAt(port: number): Promise<boolean> {
  if ((await primary()) !== port) return false;
  const info = await store.run('INFO', ['all']).catch(() => '');
  return String(info).includes(`tcp_port:${port}\r`) && /role:master/.test(String(info));
}

interface Seen {
  readonly reads: number;
  readonly stale: number;
  /** Invalidations that the replica had when they were done. */
  readonly replicated: number;
  readonly unavailable: number;
  readonly fences: readonly bigint[];
}

/**
 * Readers, a writer and one who takes locks, while `work` makes another server the primary. The writer raises the version of a key, takes its value away,
 * by its key or by a tag, and waits for the replica: an invalidation that has reached it outlives the failover, and what was read before is never
 * given again. Reads never fail, whatever happens.
 */
async function underLoad(work: () => Promise<void>): Promise<Seen> {
  const truth = Array.from({ length: KEYS }, () => 0);
  const known = Array.from({ length: KEYS }, () => 0);
  const fences: bigint[] = [];
  let reads = 0;
  let stale = 0;
  let replicated = 0;
  let unavailable = 0;
  let going = true;
  let isSettled = false;
  const reader = async (): Promise<void> => {
    for (let i = 0; going; i++) {
      const key = i % KEYS;
      const least = known[key]!;
      const version = await cache.getOrSet(`k${key}`, () => truth[key]!, { tags: [`t${key}`] });
      reads += 1;
      if (version < least) stale += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writer = async (): Promise<void> => {
    for (let i = 0; going; i++) {
      const key = i % KEYS;
      truth[key]! += 1;
      const version = truth[key]!;
      const isLast = isSettled;
      try {
        await (i % 2 === 0 ? cache.delete(`k${key}`) : cache.invalidateTags(`t${key}`));
        // The replica has what this connection wrote; once another one is the primary, there is no further failover.
        if (!isLast) {
          if (Number(await store.run('WAIT', [1, 50])) < 1) continue;
          replicated += 1;
        }
        known[key] = version;
      } catch (error) {
        if (error instanceof CacheUnavailableError) unavailable += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const locker = async (): Promise<void> => {
    while (going) {
      const lock = await cache.acquireLock('counted', { ttl: '2s', wait: '1s' }).catch((error) => {
        // A lock whose release got lost is held until its time ends.
        expect(error instanceof LockUnavailableError || error instanceof LockContendedError).toBe(true);
        return null;
      });
      if (lock === null) continue;
      fences.push(lock.fence);
      await lock.release().catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const calling = [reader(), reader(), reader(), writer(), locker()];
  await Promise.race([until(async () => replicated >= 50 && fences.length >= 20), Promise.all(calling)]);
  await work();
  isSettled = true;
  const [readsThen, fencesThen] = [reads, fences.length];
  await Promise.race([
    until(async () => reads >= readsThen + 300 && fences.length >= fencesThen + 20 && cache.stats().isStoreUp),
    Promise.all(calling),
  ]);
  going = false;
  await Promise.all(calling);
  return { reads, stale, replicated, unavailable, fences };
}

function expectGrowing(fences: readonly bigint[]): void {
  for (let i = 1; i < fences.length; i++) expect(fences[i]).toBeGreaterThan(fences[i - 1]!);
}

describe('the contract of caches, on a client that asks sentinels', () => {
  const own = new RedisStore({ client: client(), name: 'by sentinel', timeout: '30s' });
  cacheContract({
    test: it,
    after: afterAll,
    open: async () => ({ store: own, close: () => own.close({ deadline: '1s' }) }),
  });
});

describe('a cache and locks over sentinels', () => {
  it('go on at the new primary after a failover that was asked for: reads never fail, fences grow', async () => {
    const kept = await cache.acquireLock('kept', { ttl: '10m', renew: true });
    const forgotten = await cache.acquireLock('forgotten', { ttl: '10s', renew: true });
    expect(Number(await store.run('WAIT', [1, 60_000]))).toBe(1);
    const { fences, stale, reads } = await underLoad(async () => {
      await failover(second);
      await until(() => servesAt(portOf(second)));
      // As if the new primary had never heard of it.
      await atSecond.run('DEL', ['{watched:forgotten}:lock']);
    });
    expect(reads).toBeGreaterThan(300);
    expectGrowing(fences);
    console.log(`[sentinel] asked for: ${stale} stale of ${reads} reads`);
    await until(async () => forgotten.signal.aborted);
    expect(forgotten.signal.reason).toBeInstanceOf(LockLostError);
    kept.assertHeld();
    expect(await kept.release()).toBe(true);
    const next = await cache.acquireLock('forgotten');
    expect(next.fence).toBeGreaterThan(forgotten.fence);
    await next.release();
    // From now on everything holds again.
    await cache.getOrSet('after', () => 1);
    await cache.delete('after');
    expect(await cache.getOrSet('after', () => 2)).toBe(2);
    await until(async () => String(await atFirst.run('INFO', ['replication'])).includes('master_link_status:up'));
  });

  it('give nothing old after the primary was killed with -9, where the replica had heard of its invalidation', async () => {
    await until(() => servesAt(portOf(second)));
    const result = await underLoad(async () => {
      await second.process.kill();
      await until(() => servesAt(portOf(first)));
    });
    const { stale, reads, replicated, fences } = result;
    console.log(`[sentinel] killed: ${stale} stale of ${reads} reads, ${replicated} invalidations`);
    expect(stale).toBe(0);
    expect(replicated).toBeGreaterThanOrEqual(50);
    expectGrowing(fences);
    await cache.getOrSet('later', () => 1);
    await cache.delete('later');
    expect(await cache.getOrSet('later', () => 2)).toBe(2);
  });
});
