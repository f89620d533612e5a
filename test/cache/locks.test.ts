import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { Redis as OlderRedis } from 'ioredis-5';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  LockContendedError,
  LockLostError,
  Locks,
  type LocksOptions,
  MemoryLockStore,
  type RedisClientLike,
  RedisLockStore,
  RedisStore,
} from '../../src/index.js';
import { until } from '../postgres/kit.js';
import { openedAt } from '../redis/kit.js';
import { redisPrefix } from '../setup/databases.js';
import { caught } from './lock-kit.js';

const { url, prefix } = await redisPrefix();
const admin = openedAt(url, { name: 'admin of locks', timeout: '60s' });
const keyOf = (name: string, what: 'lock' | 'fence'): string => `{${prefix.replaceAll(':', '%3a')}:${name}}:${what}`;

/** What another process would have. */
function locksOf(options: LocksOptions = {}, store: RedisStore = openedAt(url, { timeout: '60s' })): Locks {
  const kept = new RedisLockStore(store, { prefix });
  return new Locks(kept, { timeout: '60s', ...options });
}

/** Connections of this name on the server. */
async function connections(name: string): Promise<number> {
  const list = String(await admin.run('CLIENT', ['LIST']));
  return list.split('\n').filter((line) => line.includes(`name=${name} `)).length;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a fence', () => {
  it('grows over 10,000 acquisitions, though the counter is evicted at random', async () => {
    const names = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
    let evicted = 0;
    let going = true;
    const evicting = (async () => {
      while (going) {
        const name = names[Math.floor(Math.random() * names.length)]!;
        evicted += Number(await admin.run('DEL', [keyOf(name, 'fence')]));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const locks = locksOf({ ttl: '5m' });
    await Promise.all(
      names.map(async (name) => {
        let last = 0n;
        for (let i = 0; i < 1_300; i++) {
          const lock = await locks.acquire(name);
          if (lock.fence <= last) expect.unreachable(`${lock.fence} comes after ${last}`);
          last = lock.fence;
          expect(await lock.release()).toBe(true);
        }
      }),
    );
    going = false;
    await evicting;
    expect(evicted).toBeGreaterThan(100);
  });

  it('grows though the clock of the server is behind the counter', async () => {
    const ahead = 4_000_000_000_000_000n;
    await admin.run('SET', [keyOf('ahead', 'fence'), String(ahead)]);
    const locks = locksOf();
    for (let i = 1n; i <= 3n; i++) {
      await using lock = await locks.acquire('ahead');
      expect(lock.fence).toBe(ahead + i);
    }
  });

  it('grows though something else was written in the place of its counter', async () => {
    await admin.run('SET', [keyOf('no number', 'fence').replace(' ', '%20'), 'planted']);
    expect((await locksOf().acquire('no number')).fence).toBeGreaterThan(1_700_000_000_000_000n);
  });
});

describe('the keys of a lock', () => {
  it('are two in one slot, both with an end, and the owner is not to be guessed', async () => {
    const lock = await locksOf().acquire('keys', { ttl: '1m' });
    expect(await admin.run('GET', [keyOf('keys', 'lock')])).toBe(lock.owner);
    expect(await admin.run('GET', [keyOf('keys', 'fence')])).toBe(String(lock.fence));
    expect(Number(await admin.run('PTTL', [keyOf('keys', 'lock')]))).toBeLessThanOrEqual(60_000);
    expect(Number(await admin.run('PTTL', [keyOf('keys', 'fence')]))).toBeGreaterThan(86_000_000);
    expect(lock.owner).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const shown = inspect(lock, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(lock);
    expect(shown).toContain(String(lock.fence));
    expect(shown).not.toContain(lock.owner);
    expect(await lock.release()).toBe(true);
    expect(await admin.run('EXISTS', [keyOf('keys', 'lock')])).toBe(0);
  });

  it('of different prefixes are different locks, whatever the names are', async () => {
    const redis = openedAt(url);
    const one = new Locks(new RedisLockStore(redis, { prefix: `${prefix}a` }));
    const two = new Locks(new RedisLockStore(redis, { prefix: `${prefix}a:b` }));
    const held = [await one.acquire('b:c'), await two.acquire('c'), await one.acquire('b%3ac')];
    for (const lock of held) expect(await lock.release()).toBe(true);
  });

  it('that are no lock of ours: a key without an end is held by another, and harms no other lock', async () => {
    await admin.run('RPUSH', [keyOf('foreign', 'lock'), 'x']);
    const locks = locksOf({ ttl: '1m' });
    const error = await caught(locks.acquire('foreign'));
    expect(error).toBeInstanceOf(LockContendedError);
    expect(error.leftMs).toBe(Number.POSITIVE_INFINITY);
    expect(error.message).toContain('without an end');
    const store = new RedisLockStore(openedAt(url), { prefix });
    const lock = await locks.acquire('beside');
    const both = ['foreign', 'beside'].map((name) => ({ name, owner: lock.owner, ttlMs: 60_000 }));
    expect(await store.extend(both, { timeoutMs: 60_000 })).toEqual([false, true]);
    expect(await store.release('foreign', lock.owner, { timeoutMs: 60_000 })).toBe(false);
    expect(await lock.release()).toBe(true);
  });
});

describe('who waits', () => {
  it('is woken by the release in another process: it asks once an hour by itself', async () => {
    const holder = locksOf({ ttl: '1h' });
    const waiting = openedAt(url, { name: `waiting ${prefix}`, timeout: '60s' });
    const waiter = locksOf({ ttl: '1h', poll: '1h' }, waiting);
    const subscriber = `${`waiting ${prefix}`.replace(' ', '_').slice(0, 50)}(messages)`;
    await (await waiter.acquire('woken')).release();
    expect(await connections(subscriber)).toBe(0);
    let last = 0n;
    for (let i = 0; i < 20; i++) {
      const lock = await holder.acquire('woken', { wait: '1h' });
      const names = ['woken', 'woken', 'woken'];
      const next = Promise.all(names.map((name) => waiter.withLock(name, ({ fence }) => fence, { wait: '1h' })));
      await until(async () => (await connections(subscriber)) === 1);
      await lock.release();
      for (const fence of await next) {
        expect(fence).toBeGreaterThan(last);
        last = fence;
      }
    }
    expect(await connections(subscriber)).toBe(1);
  });

  it('is woken again after its connection for messages was killed', async () => {
    const name = `killed ${prefix}`;
    const waiter = locksOf({ ttl: '1h', poll: '1h' }, openedAt(url, { name, timeout: '60s' }));
    const lock = await locksOf({ ttl: '1h' }).acquire('killed');
    const next = waiter.acquire('killed', { wait: '1h' });
    const subscriber = `${name.replace(' ', '_').slice(0, 50)}(messages)`;
    const idOf = async (): Promise<string | undefined> =>
      new RegExp(`id=(\\d+) [^\\n]*name=${subscriber.replace(/[()]/g, '\\$&')} [^\\n]*sub=1 `).exec(
        String(await admin.run('CLIENT', ['LIST'])),
      )?.[1];
    await until(async () => (await idOf()) !== undefined);
    const id = await idOf();
    await admin.run('CLIENT', ['KILL', 'ID', id!]);
    await until(async () => ![undefined, id].includes(await idOf()));
    await lock.release();
    await (await next).release();
  });

  it.each([
    ['a client of the application', () => new Redis(url, { keyPrefix: `${prefix}theirs:` })],
    ['one of the major before', () => new OlderRedis(url) as unknown as Redis],
  ])('is woken through %s too', async (_what, make) => {
    const client = make();
    const store = new RedisStore({ client, timeout: '60s' });
    const [holder, waiter] = [locksOf({ ttl: '1h' }, store), locksOf({ ttl: '1h', poll: '1h' }, store)];
    const lock = await holder.acquire('given', { wait: '1h' });
    const next = waiter.acquire('given', { wait: '1h' });
    await until(async () =>
      String(await admin.run('PUBSUB', ['CHANNELS', `*${prefix.replaceAll(':', '%3a')}:given*`])).includes('given'),
    );
    await lock.release();
    await (await next).release();
    client.disconnect();
  });

  it('asks again where the client cannot be copied', async () => {
    const client = new Redis(url);
    const bare: RedisClientLike = {
      get status() {
        return client.status;
      },
      connect: () => client.connect(),
      disconnect: () => client.disconnect(),
      call: (command, ...args) => client.call(command, ...args),
      callBuffer: (command, ...args) => client.callBuffer(command, ...args),
      on: (event, listener) => client.on(event, listener),
      off: (event, listener) => client.off(event, listener),
    };
    const store = new RedisStore({ client: bare, timeout: '60s' });
    const [holder, waiter] = [locksOf({ ttl: '1h' }, store), locksOf({ ttl: '1h' }, store)];
    const lock = await holder.acquire('bare');
    const next = waiter.acquire('bare', { wait: '1h' });
    await lock.release();
    await (await next).release();
    client.disconnect();
  });
});

describe('a process that is killed with -9', () => {
  it('holds the lock no longer than its ttl, and its fence is older than the next', async () => {
    const script = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, url, prefix, 'killed holder', '5s'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let last = 0n;
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = BigInt(line);
    });
    const locks = locksOf({ ttl: '1m' });
    const key = keyOf('killed%20holder', 'lock');
    const held = async (): Promise<readonly [owner: string | null, leftMs: number]> =>
      (await admin.script("return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}", [key], [])) as [
        string | null,
        number,
      ];
    // It lives: a renewal is seen on the server, which is one where the owner stays the same.
    let [of, least] = await held();
    await until(async () => {
      const [owner, leftMs] = await held();
      const isRenewed = owner !== null && owner === of && leftMs > least + 200;
      least = owner === of ? Math.min(least, leftMs) : leftMs;
      of = owner;
      return isRenewed;
    });
    expect(await caught(locks.acquire('killed holder'))).toBeInstanceOf(LockContendedError);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    expect((await held())[1]).toBeLessThanOrEqual(5_000);
    const lock = await locks.acquire('killed holder', { wait: '1h' });
    expect(last).toBeGreaterThan(0n);
    expect(lock.fence).toBeGreaterThan(last);
    expect(await lock.release()).toBe(true);
  });
});

describe('an event loop that is blocked for two seconds', () => {
  it('has lost its lock when it goes on, before any timer came, and does not extend it', async () => {
    const locks = locksOf({ ttl: '1s' });
    const lock = await locks.acquire('blocked', { renew: true, wait: '1m' });
    const end = performance.now() + 2_000;
    while (performance.now() < end) {
      // On purpose.
    }
    expect(lock.signal.aborted).toBe(false);
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    expect(lock.signal.aborted).toBe(true);
    const next = await locksOf().acquire('blocked', { wait: '1m' });
    expect(next.fence).toBeGreaterThan(lock.fence);
    expect(await lock.release()).toBe(false);
    expect(await next.release()).toBe(true);
  });
});

describe('a wall clock that jumps', () => {
  it.each([
    ['a year ahead', 365 * 86_400_000],
    ['a year back', -365 * 86_400_000],
  ])('%s neither ends a lock nor keeps it', async (_where, by) => {
    const locks = locksOf({ ttl: '1m' });
    const lock = await locks.acquire('clock', { wait: '1m' });
    const before = lock.leftMs;
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + by);
    lock.assertHeld();
    expect(before - lock.leftMs).toBeLessThan(60_000);
    await lock.extend();
    expect(lock.leftMs).toBeGreaterThan(0);
    expect(lock.leftMs).toBeLessThanOrEqual(60_000);
    const next = await caught(locks.acquire('clock'));
    expect(next.leftMs).toBeLessThanOrEqual(60_000);
    expect(await lock.release()).toBe(true);
  });
});

describe('what the store is not told', () => {
  it('is a name that is none: nothing is sent', async () => {
    const store = new RedisStore({ url });
    const locks = new Locks(new RedisLockStore(store, { prefix }));
    for (const name of ['', null, 7]) expect(await caught(locks.acquire(name as never))).toBeInstanceOf(TypeError);
    expect(store.native).toBeNull();
    await store.close();
  });

  it('is an option that a store in memory does not have', () => {
    expect(() => new MemoryLockStore({ clock: 5 } as never)).toThrow('Unknown option `clock`');
  });

  it('is a prefix that is none', () => {
    expect(() => new RedisLockStore(admin, { prefix: 5 as never })).toThrow('Expected `prefix`');
    expect(() => new RedisLockStore(admin, { namespace: 'x' } as never)).toThrow('Unknown option `namespace`');
  });
});
