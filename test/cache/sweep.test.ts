import { describe, expect, it } from 'vitest';
import { CacheManager, type CacheStore, MemoryStore, RedisStore } from '../../src/index.js';
import { storeLike } from '../../src/testing/cache-contract/kit.js';
import { caught, openedAt } from '../redis/kit.js';
import { atEnd } from '../setup/at-end.js';
import { redisPrefix } from '../setup/databases.js';

const { url, prefix } = await redisPrefix();
const redis = openedAt(url, { timeout: '60s' });
const memory = new MemoryStore({ max: 100_000 });
const stores: readonly (readonly [string, CacheStore])[] = [
  ['memory', memory],
  ['redis', redis],
];
let made = 0;

/** A cache of its own, whose prefix is full of what patterns are made of. */
function opened(store: CacheStore, own = `${prefix.slice(0, -1)}-${made++}-*[a]?\\`): CacheManager {
  return new CacheManager(store, { prefix: own, ttl: '1d', storeTimeout: '60s' });
}

/** How the next sweep ends. */
function swept(cache: CacheManager): Promise<{ readonly removed: number; readonly error: unknown }> {
  return new Promise((resolve) => {
    const end = cache.on('swept', (removed, error) => {
      end();
      resolve({ removed, error });
    });
  });
}

const many = (cache: CacheManager, count: number): Promise<void> =>
  cache.setMany(Array.from({ length: count }, (_, i) => [`k${i}`, i] as const));

describe.each(stores)('a sweep on %s', (_engine, store) => {
  it('takes the entries out that were cleared, those of the namespaces in it too, and says how many', async () => {
    const cache = opened(store);
    await many(cache, 1_500);
    await many(cache.namespace('users'), 10);
    await many(cache.namespace('users').namespace('admins'), 10);
    const done = swept(cache);
    await cache.clear({ sweep: true });
    expect(await done).toEqual({ removed: 1_520, error: null });
    expect(await cache.delete('k0')).toBe(false);
  });

  it('leaves what is stored after the clear, what is beside the namespace, and what its name would mean as a pattern', async () => {
    const own = `${prefix.slice(0, -1)}-${made++}-`;
    const cache = opened(store, `${own}*`);
    const others = [opened(store, `${own}x`), cache, cache.namespace('user'), cache.namespace('users').namespace('x')];
    const users = cache.namespace('users*');
    for (const each of [...others, users]) await each.set('a', 1);
    const done = swept(cache);
    await users.clear({ sweep: true });
    await users.set('b', 2);
    expect(await done).toEqual({ removed: 1, error: null });
    expect(await users.get('b')).toBe(2);
    expect(await Promise.all(others.map((each) => each.delete('a')))).toEqual([true, true, true, true]);
  });

  it('is none where it was not asked for: the entries end with their time', async () => {
    const cache = opened(store);
    await cache.set('a', 1);
    let told = 0;
    cache.on('swept', () => void told++);
    await cache.clear();
    expect(await cache.get('a')).toBeUndefined();
    // It is there, and not given.
    expect(await cache.delete('a')).toBe(true);
    expect(told).toBe(0);
  });

  it('gives way to that of a later clear', async () => {
    const cache = opened(store);
    await many(cache, 20);
    const ends: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      cache.on('swept', (removed, error) => {
        ends.push([removed, error === null]);
        if (ends.length === 2) resolve();
      });
    });
    await Promise.all([cache.clear({ sweep: true }), cache.clear({ sweep: true })]);
    await both;
    expect(ends.filter((each) => (each as [number, boolean])[1])).toHaveLength(1);
  });

  it('refuses options that are none', async () => {
    const cache = opened(store);
    expect(await caught(cache.clear({ sweep: 1 } as never))).toBeInstanceOf(TypeError);
    expect(await caught(cache.clear({ sweeps: true } as never))).toBeInstanceOf(TypeError);
  });
});

describe('a sweep that does not come to its end', () => {
  it('is ended by its signal, and what was cleared stays so', async () => {
    const cache = opened(redis);
    await cache.set('a', 1);
    const done = swept(cache);
    await cache.clear({ sweep: true, signal: AbortSignal.abort() });
    expect(await done).toMatchObject({ removed: 0, error: { code: 'ABORTED' } });
    expect(await cache.get('a')).toBeUndefined();
  });

  it('ends when the store is closed', async () => {
    const store = new RedisStore({ url, timeout: '60s' });
    const cache = opened(store);
    await many(cache, 10);
    const done = swept(cache);
    await cache.clear({ sweep: true });
    await store.close();
    expect((await done).error).toMatchObject({ code: 'CLOSED' });
  });

  it('fails nobody: the event says why', async () => {
    const user = `${prefix.replaceAll(/\W/g, '')}mute`;
    await redis.run('ACL', ['SETUSER', user, 'on', '>planted', '~*', '&*', '+@all', '-scan']);
    atEnd(() => redis.run('ACL', ['DELUSER', user]));
    const address = new URL(url);
    address.username = user;
    address.password = 'planted';
    const cache = opened(openedAt(address.href, { timeout: '60s' }));
    await cache.set('a', 1);
    const done = swept(cache);
    await cache.clear({ sweep: true });
    expect((await done).error).toMatchObject({ code: 'AUTHENTICATION' });
    expect(cache.stats()).toMatchObject({ errors: 0, isStoreUp: true });
  });

  it('of a store of your own that cannot sweep has nothing to do', async () => {
    const cache = opened(storeLike(memory, () => ({})));
    const done = swept(cache);
    await cache.clear({ sweep: true });
    expect(await done).toEqual({ removed: 0, error: null });
  });
});
