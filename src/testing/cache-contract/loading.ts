import assert from 'node:assert/strict';
import { AbortedError, TimeoutError } from '../../errors/runtime.js';
import { type CacheRule, cacheOn, failure, gate, ownPrefix, storeLike, until } from './kit.js';

export const loading: readonly CacheRule[] = [
  {
    name: 'a value that is missing is loaded once for all who ask, over all caches of a store',
    async run(store) {
      const prefix = ownPrefix();
      const caches = Array.from({ length: 4 }, () => cacheOn(store, { prefix }));
      const { opened, open } = gate();
      let loads = 0;
      const load = async () => {
        loads += 1;
        await opened;
        return { n: loads };
      };
      const calls = caches.flatMap((cache) => Array.from({ length: 25 }, () => cache.getOrSet('k', load)));
      await until(async () => loads > 0);
      open();
      const values = await Promise.all(calls);
      assert.equal(loads, 1);
      for (const value of values) assert.deepStrictEqual(value, { n: 1 });
      assert.equal(new Set(values).size, values.length, 'two callers got the same object');
    },
  },
  {
    name: 'a load that fails does so once, for all who wait for it, and the next one loads again',
    async run(store) {
      const cache = cacheOn(store);
      const { opened, open } = gate();
      let loads = 0;
      const load = async () => {
        loads += 1;
        await opened;
        throw new Error(`failed ${loads}`);
      };
      const calls = Array.from({ length: 20 }, () => failure(cache.getOrSet('k', load)));
      await until(async () => loads > 0);
      open();
      for (const error of await Promise.all(calls)) assert.equal(error.message, 'failed 1');
      assert.equal(await cache.getOrSet('k', () => 'again'), 'again');
    },
  },
  {
    name: 'a load that fails in another cache of the store fails those who wait for it there, without its message',
    async run(store) {
      const prefix = ownPrefix();
      const [one, two] = [cacheOn(store, { prefix }), cacheOn(store, { prefix })];
      const { opened, open } = gate();
      const first = failure(
        one.getOrSet('k', async () => {
          await opened;
          throw Object.assign(new Error('a secret'), { code: 'ENO' });
        }),
      );
      await until(async () => one.stats().misses === 1);
      let loads = 0;
      const second = failure(two.getOrSet('k', () => ++loads));
      await until(async () => two.stats().misses === 1);
      // It has asked for the lease when it is told of the next miss.
      await two.get('another');
      await two.get('another');
      open();
      assert.equal((await first).message, 'a secret');
      const error = await second;
      assert.equal(error.code, 'LOAD_FAILED');
      assert.match(error.message, /ENO/);
      assert.doesNotMatch(error.message, /secret/);
      assert.equal(loads, 0);
    },
  },
  {
    name: 'undefined is given and not stored; null is',
    async run(store) {
      const cache = cacheOn(store);
      let loads = 0;
      const nothing = () => {
        loads += 1;
        return undefined;
      };
      assert.equal(await cache.getOrSet('k', nothing), undefined);
      assert.equal(await cache.getOrSet('k', nothing), undefined);
      assert.equal(loads, 2);
      assert.equal(await cache.getOrSet<unknown>('n', () => null), null);
      assert.equal(await cache.getOrSet<unknown>('n', () => assert.fail('loaded again')), null);
    },
  },
  {
    name: 'several values are loaded as one, those that are missing and no others',
    async run(store) {
      const cache = cacheOn(store);
      await cache.set('b', 'there');
      const asked: (readonly string[])[] = [];
      const load = async (keys: readonly string[]) => {
        asked.push(keys);
        return keys.map((key) => (key === 'none' ? undefined : `loaded ${key}`));
      };
      const values = await cache.getOrSetMany(['a', 'b', 'none', 'c'], load);
      assert.deepStrictEqual(values, ['loaded a', 'there', undefined, 'loaded c']);
      assert.deepStrictEqual(asked, [['a', 'none', 'c']]);
      assert.deepStrictEqual(await cache.getMany(['a', 'none', 'c']), ['loaded a', undefined, 'loaded c']);
      const short = await failure(cache.getOrSetMany(['x', 'y'], () => [1]));
      assert.match(short.message, /list of as many values/);
    },
  },
  {
    name: 'an old value is given while it is loaded again behind, once',
    async run(store) {
      const cache = cacheOn(store, { ttl: '1ms', stale: '1h' });
      await cache.set('k', 'old');
      await until(async () => (await cache.explain('k')).state === 'stale');
      const { opened, open } = gate();
      let loads = 0;
      const load = async () => {
        loads += 1;
        await opened;
        return 'new';
      };
      const options = { ttl: '1h', stale: '1h' } as const;
      for (let i = 0; i < 5; i++) assert.equal(await cache.getOrSet('k', load, options), 'old');
      open();
      await until(async () => (await cache.get('k')) === 'new');
      assert.equal(loads, 1);
    },
  },
  {
    name: 'an old value is given when loading fails, as long as it is asked for, and the failure is told',
    async run(store) {
      const cache = cacheOn(store, { ttl: '1ms' });
      await cache.set('k', 'old', { staleIfError: '1h' });
      await until(async () => (await cache.explain('k', {})).state !== 'fresh');
      const told: unknown[] = [];
      cache.on('loadFailed', (_key, error) => told.push((error as Error).message));
      const fails = () => Promise.reject(new Error('no'));
      assert.equal(await cache.getOrSet('k', fails, { staleIfError: '1h' }), 'old');
      assert.deepStrictEqual(told, ['no']);
      assert.equal((await failure(cache.getOrSet('k', fails))).message, 'no');
    },
  },
  {
    name: 'an old value is given when a load takes longer than softTimeout, and the load goes on',
    async run(store) {
      const cache = cacheOn(store, { ttl: '1ms' });
      await cache.set('k', 'old', { staleIfError: '1h' });
      await until(async () => (await cache.explain('k')).state !== 'fresh');
      const { opened, open } = gate();
      const load = async () => {
        await opened;
        return 'new';
      };
      const options = { staleIfError: '1h', softTimeout: '1ms', ttl: '1h' } as const;
      assert.equal(await cache.getOrSet('k', load, options), 'old');
      open();
      await until(async () => (await cache.get('k')) === 'new');
    },
  },
  {
    name: 'a load that takes longer than loadTimeout ends with TimeoutError, its signal aborts, and nothing is stored',
    async run(store) {
      const cache = cacheOn(store);
      let signal: AbortSignal | undefined;
      const load = (context: { readonly signal: AbortSignal }) => {
        signal = context.signal;
        return new Promise<never>(() => {});
      };
      // The time counts from the call: a store that needs all of it to give the lease has let no load begin.
      for (let ms = 20; signal === undefined; ms *= 2) {
        assert.ok(ms < 60_000, 'no load began');
        const error = await failure(cache.getOrSet('k', load, { loadTimeout: `${ms}ms` }));
        assert.ok(error instanceof TimeoutError);
      }
      assert.equal(signal.aborted, true);
      assert.equal(await cache.get('k'), undefined);
    },
  },
  {
    name: 'a caller that is aborted waits no more, and the load ends when nobody waits for it',
    async run(store) {
      const cache = cacheOn(store);
      const [one, two] = [new AbortController(), new AbortController()];
      let signal: AbortSignal | undefined;
      const load = (context: { readonly signal: AbortSignal }) => {
        signal = context.signal;
        return new Promise<never>(() => {});
      };
      const first = failure(cache.getOrSet('k', load, { signal: one.signal }));
      await until(async () => signal !== undefined);
      const second = failure(cache.getOrSet('k', load, { signal: two.signal }));
      await until(async () => cache.stats().misses === 2);
      one.abort();
      assert.ok((await first) instanceof AbortedError);
      assert.equal(signal?.aborted, false);
      await cache.get('another');
      two.abort();
      assert.ok((await second) instanceof AbortedError);
      assert.equal(signal?.aborted, true);
    },
  },
  {
    name: 'with fresh, a value is loaded although it is there',
    async run(store) {
      const cache = cacheOn(store);
      await cache.set('k', 'there');
      assert.equal(await cache.getOrSet('k', () => 'loaded', { fresh: true }), 'loaded');
      assert.equal(await cache.get('k'), 'loaded');
    },
  },
  {
    name: 'stamps live as long as a value that says that it lives longer than others',
    async run(store) {
      const prefix = ownPrefix();
      const asked: number[] = [];
      // What is asked of the store: to wait for it would take an hour.
      const watched = storeLike(store, (entries) => ({
        capture(stamps, ttlMs, since) {
          if (stamps.some((name) => name.endsWith(':t'))) asked.push(ttlMs);
          return entries.capture(stamps, ttlMs, since);
        },
      }));
      const cache = cacheOn(watched, { prefix, ttl: '1m' });
      await cache.getOrSet('k', () => 1, { tags: ['t'], ttl: () => '10d' });
      assert.ok(Math.max(...asked) >= 10 * 86_400_000, String(asked));
      assert.equal(await cache.get('k'), 1);
    },
  },
  {
    name: 'a value may say how long it is fresh',
    async run(store) {
      const cache = cacheOn(store);
      await cache.getOrSet('option', () => 1, { ttl: (n) => `${n}ms` });
      await until(async () => (await cache.get('option')) === undefined);
      await cache.getOrSet('context', ({ ttl }) => {
        ttl('1ms');
        return 1;
      });
      await until(async () => (await cache.get('context')) === undefined);
    },
  },
];
