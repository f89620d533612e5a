import { Cluster } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  LockContendedError,
  type LockedWork,
  LockLostError,
  Locks,
  type LocksOptions,
  LockUnavailableError,
  RedisLockStore,
  RedisStore,
} from '../../../src/index.js';
import { type OwnRedis, startOwnRedis } from '../../../src/testing/index.js';
import { behindProxy, caught, openedAt } from '../../redis/kit.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { FencedCounter } from './fenced-counter.js';

const server = await startOwnRedis({ log: () => {} });
const admin = openedAt(server.url, { timeout: '60s' });
const keyOf = (name: string): string => `{trivet:${name}}:lock`;

function locksOf(options: LocksOptions = {}, store: RedisStore = openedAt(server.url, { timeout: '60s' })): Locks {
  const kept = new RedisLockStore(store);
  return new Locks(kept, { timeout: '60s', ...options });
}

expectNothingUncaught();
beforeAll(async () => {
  // The server knows the scripts: what the tests lose is no refusal of an unknown one.
  const lock = await locksOf().acquire('known');
  await lock.extend();
  await lock.release();
});
afterEach(() => server.process.thaw());
afterAll(async () => {
  await server.stop();
});

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const end = (): void => resolve(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

describe('a process that is paused for longer than its lock lasts', () => {
  /** One reads, is paused until another has read and written, and goes on as if nothing had happened. */
  async function overlap(counter: FencedCounter): Promise<{ readonly late: boolean; readonly inTime: boolean }> {
    const name = `paused ${Math.random()}`;
    // An answer that comes when the time has passed is no lock: it is asked for again.
    const paused = await locksOf({ ttl: '100ms' }).acquire(name, { wait: '1m' });
    const seen = counter.read(paused.fence);
    const next = await locksOf({ ttl: '1m' }).acquire(name, { wait: '1m' });
    expect(next.fence).toBeGreaterThan(paused.fence);
    const inTime = counter.write(counter.read(next.fence)! + 1, next.fence);
    const late = counter.write(seen! + 1, paused.fence);
    expect(() => paused.assertHeld()).toThrow(LockLostError);
    expect(await paused.release()).toBe(false);
    expect(await next.release()).toBe(true);
    return { late, inTime };
  }

  it('is stopped by the fence at the resource, where its signal comes too late', async () => {
    const counter = new FencedCounter(true);
    expect(await overlap(counter)).toEqual({ late: false, inTime: true });
    expect(counter.value).toBe(1);
  });

  it('the control: without the fence a write is lost', async () => {
    const counter = new FencedCounter(false);
    expect(await overlap(counter)).toEqual({ late: true, inTime: true });
    expect(counter.value).toBe(1);
    expect(counter.writes).toBe(2);
  });
});

describe('locks that are evicted and flushed, and holders that go on after their time', () => {
  /** Eight workers read and write a counter until enough of them were at work together. */
  async function storm(counter: FencedCounter): Promise<number> {
    let overlaps = 0;
    let inside = 0;
    let acquired = 0;
    let going = true;
    const fences = new Set<bigint>();
    const worker = async (): Promise<void> => {
      const locks = locksOf({ ttl: '40ms', poll: '10ms' });
      while (going) {
        const lock = await locks.acquire('storm', { wait: '1m' });
        expect(fences.has(lock.fence)).toBe(false);
        fences.add(lock.fence);
        acquired += 1;
        inside += 1;
        if (inside > 1) overlaps += 1;
        const seen = counter.read(lock.fence);
        // Every third is stopped until its time has passed, and does not look at its signal.
        if (acquired % 3 === 0) await aborted(lock.signal);
        await new Promise((resolve) => setImmediate(resolve));
        if (seen !== null) counter.write(seen + 1, lock.fence);
        inside -= 1;
        await lock.release();
      }
    };
    const evicting = (async () => {
      for (let i = 0; going; i++) {
        if (i % 50 === 0) await admin.run('FLUSHALL');
        else await admin.run('DEL', [i % 2 === 0 ? keyOf('storm') : '{trivet:storm}:fence']);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const workers = Array.from({ length: 8 }, worker);
    try {
      await Promise.race([
        until(async () => !going || (acquired >= 1_000 && overlaps >= 100)),
        // A worker that fails ends the wait.
        Promise.all(workers),
      ]);
    } finally {
      going = false;
    }
    await Promise.all(workers);
    await evicting;
    return overlaps;
  }

  it('lose no write that the fence admits, however many overlap', async () => {
    const counter = new FencedCounter(true);
    expect(await storm(counter)).toBeGreaterThanOrEqual(100);
    expect(counter.refused).toBeGreaterThan(0);
    expect(counter.value).toBe(counter.writes);
  });

  it('the control: without the fence writes are lost', async () => {
    const counter = new FencedCounter(false);
    await storm(counter);
    expect(counter.value).toBeLessThan(counter.writes);
  });
});

describe('a lock that the server forgets', () => {
  it.each([
    ['by eviction', async () => void (await admin.run('DEL', [keyOf('forgotten')]))],
    ['by FLUSHALL', async () => void (await admin.run('FLUSHALL'))],
    [
      'by a restart',
      async () => {
        await server.process.kill();
        await server.process.restart();
      },
    ],
  ])('%s is lost at the next renewal, and the fence of the next holder is greater', async (_how, forget) => {
    const other = locksOf({ ttl: '1m' });
    let first = 0n;
    let second = 0n;
    let reason: unknown;
    const work = async ({ fence, signal }: LockedWork): Promise<string> => {
      first = fence;
      await forget();
      const next = await other.acquire('forgotten', { wait: '1m' });
      second = next.fence;
      reason = await aborted(signal);
      await next.release();
      return 'done';
    };
    const error = await caught(locksOf({ ttl: '1s' }).withLock('forgotten', work, { wait: '1m' }));
    expect(reason).toBeInstanceOf(LockLostError);
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ result: 'done', outcome: 'executed' });
    expect(second).toBeGreaterThan(first);
  });
});

describe('a server that is frozen', () => {
  it('does not delay the end of a lock: its signal aborts while the renewal hangs', async () => {
    const locks = locksOf({ ttl: '1s' });
    const lock = await locks.acquire('frozen', { renew: true, wait: '1m' });
    await server.process.freeze();
    const reason = await aborted(lock.signal);
    expect(reason).toBeInstanceOf(LockLostError);
    expect(lock.leftMs).toBe(0);
    // It is frozen yet: no answer can have come.
    expect(await caught(new Locks(new RedisLockStore(admin), { timeout: '50ms' }).acquire('x'))).toBeInstanceOf(
      LockUnavailableError,
    );
    await server.process.thaw();
    const next = await locksOf().acquire('frozen', { wait: '1m' });
    expect(next.fence).toBeGreaterThan(lock.fence);
    expect(await next.release()).toBe(true);
  });

  it('keeps nobody waiting for ever: each call and each wait has an end, and a signal ends it sooner', async () => {
    const store = openedAt(server.url, { timeout: '60s' });
    const locks = locksOf({ ttl: '1m', timeout: '100ms' }, store);
    const patient = locksOf({ ttl: '1m' }, store);
    await (await patient.acquire('connected')).release();
    await server.process.freeze();
    const controller = new AbortController();
    const { signal } = controller;
    const waits = Array.from({ length: 20 }, (_, i) => caught(locks.acquire(`f${i % 4}`, { wait: '200ms' })));
    const ended = Array.from({ length: 5 }, () => caught(locks.acquire('f9', { wait: '1h', signal })));
    for (const error of await Promise.all([caught(locks.acquire('f')), ...waits])) {
      expect(error).toBeInstanceOf(LockUnavailableError);
      expect(error).toMatchObject({ retryable: true, resource: `${new URL(server.url).host}/0` });
    }
    controller.abort();
    for (const error of await Promise.all(ended)) expect(error.code).toBe('ABORTED');
    await server.process.thaw();
    // What was executed when it thawed is given back, and nothing of it is left.
    for (let i = 0; i < 4; i++) await (await patient.acquire(`f${i}`, { wait: '50s' })).release();
  });

  it('comes back within the wait: the lock is acquired', async () => {
    const store = openedAt(server.url, { timeout: '60s' });
    const locks = locksOf({ ttl: '1m', timeout: '1s' }, store);
    await (await locksOf({ ttl: '1m' }, store).acquire('back')).release();
    await server.process.freeze();
    const acquired = locks.acquire('back', { wait: '1h' });
    expect(await caught(locks.acquire('other'))).toBeInstanceOf(LockUnavailableError);
    await server.process.thaw();
    expect(await (await acquired).release()).toBe(true);
  });
});

describe('a message that gets lost', () => {
  it.each(['dropReply', 'dropRequest'] as const)(
    '%s of acquire: the lock is given back, and free at once',
    async (drop) => {
      const { proxy, store } = await behindProxy(server.url, { timeout: '60s' });
      const locks = locksOf({ ttl: '1h' }, store);
      await store.connect();
      const lost = proxy[drop]({ holding: 'lost%20acquire' });
      const error = await caught(locks.acquire('lost acquire'));
      expect(error).toBeInstanceOf(LockUnavailableError);
      expect(error).toMatchObject({ outcome: 'unknown', retryable: true, cause: { code: 'CONNECTION' } });
      await lost;
      await (await locksOf({ ttl: '1h' }).acquire('lost acquire', { wait: '1h' })).release();
    },
  );

  it.each(['dropReply', 'dropRequest'] as const)(
    '%s of release: the result stays, and the lock is free at once',
    async (drop) => {
      const { proxy, store } = await behindProxy(server.url, { timeout: '60s' });
      const locks = locksOf({ ttl: '1h' }, store);
      const result = await locks.withLock('lost release', () => {
        void proxy[drop]({ holding: 'lost%20release' });
        return 'result';
      });
      expect(result).toBe('result');
      await (await locksOf({ ttl: '1h' }).acquire('lost release', { wait: '1h' })).release();
      const lock = await locks.acquire('lost release');
      void proxy[drop]({ holding: 'lost%20release' });
      expect(await caught(lock.release())).toMatchObject({ code: 'LOCK_UNAVAILABLE', outcome: 'unknown' });
      await (await locksOf({ ttl: '1h' }).acquire('lost release', { wait: '1h' })).release();
    },
  );

  it.each(['dropReply', 'dropRequest'] as const)('%s of a renewal: it is asked for again in time', async (drop) => {
    const { proxy, store } = await behindProxy(server.url, { timeout: '60s' });
    const lock = await locksOf({ ttl: '6s' }, store).acquire('lost renewal', { renew: true });
    const before = lock.leftMs;
    await proxy[drop]({ holding: 'lost%20renewal' });
    let least = before;
    await until(async () => {
      const isRenewed = lock.leftMs > least + 100;
      least = Math.min(least, lock.leftMs);
      return isRenewed || lock.signal.aborted;
    });
    lock.assertHeld();
    expect(await lock.release()).toBe(true);
  });

  it('a network that swallows everything: the signal aborts, and the release has an end', async () => {
    const { proxy, store } = await behindProxy(server.url);
    const locks = locksOf({ ttl: '1s', timeout: '500ms' }, store);
    const work = async ({ signal }: LockedWork): Promise<string> => {
      await proxy.set({ blackHole: true });
      await aborted(signal);
      return 'result';
    };
    const result = caught(locks.withLock('swallowed', work, { wait: '1m' }));
    expect(await result).toMatchObject({ code: 'LOCK_LOST', result: 'result', cause: expect.any(Error) });
    await proxy.heal();
  });
});

describe('a server that refuses', () => {
  it('for want of memory: nobody acquires, and who holds releases', async () => {
    const locks = locksOf({ ttl: '1m' });
    const lock = await locks.acquire('memory');
    await admin.run('CONFIG', ['SET', 'maxmemory', '1']);
    const error = await caught(locks.acquire('no memory'));
    expect(error).toBeInstanceOf(LockUnavailableError);
    expect(error.cause).toMatchObject({ code: 'QUERY', serverCode: 'OOM' });
    expect(await lock.release()).toBe(true);
    await admin.run('CONFIG', ['SET', 'maxmemory', '0']);
  });

  it('messages to this user: locks are released, and who waits asks by itself', async () => {
    await admin.run('ACL', ['SETUSER', 'mute', 'on', '>planted', '~*', '+@all', 'resetchannels']);
    const address = new URL(server.url);
    address.username = 'mute';
    address.password = 'planted';
    const store = openedAt(address.href, { timeout: '60s' });
    const [holder, waiter] = [locksOf({ ttl: '1h' }, store), locksOf({ ttl: '1h' }, store)];
    const lock = await holder.acquire('mute');
    const next = waiter.acquire('mute', { wait: '1h' });
    // It has asked, and has been refused to listen.
    await until(async () => JSON.stringify(await admin.run('ACL', ['LOG'])).includes('mute'));
    expect(await lock.release()).toBe(true);
    expect(await (await next).release()).toBe(true);
  });

  it('the login: who waits is told at once, and nothing shows the password', async () => {
    const address = new URL(server.url);
    address.password = 'planted';
    const error = await caught(locksOf({}, openedAt(address.href)).acquire('login', { wait: '1h' }));
    expect(error).toMatchObject({ code: 'LOCK_UNAVAILABLE', retryable: false, cause: { code: 'AUTHENTICATION' } });
    expect(JSON.stringify([error, error.message, error.cause, error.cause.message])).not.toContain('planted');
  });
});

describe('a cluster', () => {
  let cluster: OwnRedis;
  let client: Cluster;
  beforeAll(async () => {
    cluster = await startOwnRedis({
      log: () => {},
      arguments: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    });
    const one = new RedisStore({ url: cluster.url });
    await one.run('CLUSTER', ['ADDSLOTSRANGE', 0, 16_383]);
    await until(async () => String(await one.run('CLUSTER', ['INFO'])).includes('cluster_state:ok'));
    await one.close();
    const { hostname, port, password } = new URL(cluster.url);
    client = new Cluster([{ host: hostname, port: Number(port) }], { redisOptions: { password } });
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  it('keeps the two keys of a lock in one slot, renews locks of many slots, and wakes who waits', async () => {
    const store = new RedisStore({ client, timeout: '60s' });
    const holder = locksOf({ ttl: '10s' }, store);
    const waiter = locksOf({ ttl: '1h', poll: '1h' }, store);
    const names = Array.from({ length: 12 }, (_, i) => `{slot}${i}`);
    const held = await Promise.all(names.map((name) => holder.acquire(name, { renew: true })));
    const before = held.map((lock) => lock.leftMs);
    let least = before[0]!;
    await until(async () => {
      const left = held[0]!.leftMs;
      const isRenewed = left > least + 500;
      least = Math.min(least, left);
      return isRenewed || held[0]!.signal.aborted;
    });
    for (const lock of held) lock.assertHeld();
    expect(await caught(waiter.acquire(names[0]!))).toBeInstanceOf(LockContendedError);
    const waits = names.map((name) => waiter.acquire(name, { wait: '1h' }));
    await until(
      async () => ((await client.call('PUBSUB', ['CHANNELS', '*slot*'])) as string[]).length === names.length,
    );
    for (const lock of held) expect(await lock.release()).toBe(true);
    const next = await Promise.all(waits);
    for (const [i, lock] of next.entries()) {
      expect(lock.fence).toBeGreaterThan(held[i]!.fence);
      expect(await lock.release()).toBe(true);
    }
  });
});
