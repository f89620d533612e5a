import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  CacheManager,
  type CacheStore,
  LockContendedError,
  LockLostError,
  Locks,
  MemoryLockStore,
  MemoryStore,
  RedisStore,
} from '../../src/index.js';
import { type CacheTrace, channels, type LockTrace, subscribe } from '../../src/telemetry/index.js';
import { FakeTime } from '../cache/fake-time.js';
import { until } from '../postgres/kit.js';
import { caught } from '../redis/kit.js';
import { redisPrefix } from '../setup/databases.js';

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url, name: 'traced' });
afterAll(() => redis.close());
const memory = new MemoryStore();
const stores: readonly (readonly [string, CacheStore])[] = [
  ['memory', memory],
  ['redis', redis],
];

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

let made = 0;
/** A cache of its own, and what is told of it. */
function opened(
  store: CacheStore,
  options: object = {},
): { readonly cache: CacheManager; readonly traces: CacheTrace[] } {
  made += 1;
  const own = `${prefix.slice(0, -1)}-${made}`;
  const cache = new CacheManager(store, { prefix: own, ttl: '1m', storeTimeout: '30s', ...options });
  const traces: CacheTrace[] = [];
  ends.push(subscribe({ cache: (trace) => void (trace.cache.startsWith(own) && traces.push({ ...trace })) }));
  return { cache, traces };
}

/** In the order in which they ended. */
const said = (traces: readonly CacheTrace[]): readonly string[] =>
  traces.map(({ operation, result, level, hits, misses }) =>
    [operation, result, level, hits, misses].filter((each) => each !== undefined).join(' '),
  );

function locksHeard(name: string): LockTrace[] {
  const traces: LockTrace[] = [];
  ends.push(subscribe({ lock: (trace) => void (trace.lock === name && traces.push({ ...trace })) }));
  return traces;
}

describe.each(stores)('calls of a cache on %s', (engine, store) => {
  it('are one trace each, which says what was found, and one for each load', async () => {
    const { cache, traces } = opened(store);
    await cache.get('a');
    await cache.getOrSet('a', () => 1);
    await cache.getOrSet('a', () => 2);
    await cache.get('a');
    await cache.set('b', 2);
    await cache.setMany([['c', 3]]);
    await cache.getMany(['a', 'b', 'none']);
    await cache.getOrSetMany(['a', 'd', 'e'], (keys) => keys.map(() => 4));
    await cache.delete('a');
    await cache.invalidateTags('t');
    await cache.clear();
    expect(said(traces)).toEqual([
      'get miss',
      'load',
      'getOrSet load',
      'getOrSet hit store',
      'get hit store',
      'set',
      'setMany',
      'getMany 2 1',
      'load',
      'load',
      'getOrSetMany 1 2',
      'delete',
      'invalidateTags',
      'clear',
    ]);
    for (const trace of traces) expect(trace).toMatchObject({ engine, resource: store.name });
  });

  it('name the namespace, and neither keys, tags nor values', async () => {
    const { cache, traces } = opened(store);
    const users = cache.namespace('users');
    const options = { tags: ['planted tag'] };
    await users.getOrSet('planted key', () => 'planted value', options);
    await users.getMany(['planted key', 'planted other'], options);
    await users.set('planted key', 'planted value', options);
    await users.delete('planted key');
    await users.invalidateTags('planted tag');
    expect(traces.every(({ cache: name }) => name.endsWith('/users'))).toBe(true);
    expect(traces).toHaveLength(6);
    expect(inspect(traces, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
  });

  it('tell values of the memory of the process from those of the store', async () => {
    const { cache, traces } = opened(store, { l1: { max: 10 } });
    await cache.set('a', 1);
    await until(async () => {
      await cache.get('a');
      return traces.at(-1)!.level === 'l1';
    });
    await cache.getOrSet('a', () => 2);
    expect(said(traces).at(-1)).toBe('getOrSet hit l1');
    expect(said(traces)).toContain('get hit store');
  });

  it('say that an old value was given, while it is loaded behind, and when loading fails', async () => {
    const { cache, traces } = opened(store);
    await cache.set('a', 1, { ttl: '1ms', stale: '1h' });
    await until(async () => (await cache.explain('a', { stale: '1h' })).state === 'stale');
    expect(await cache.getOrSet('a', () => 2, { stale: '1h' })).toBe(1);
    await until(async () => traces.some(({ operation }) => operation === 'load'));
    expect(said(traces)).toEqual(['set', 'getOrSet stale store', 'load']);
    traces.length = 0;
    await cache.set('b', 1, { ttl: '1ms', staleIfError: '1h' });
    await until(async () => (await cache.explain('b')).state !== 'fresh');
    const fail = (): never => {
      throw new Error('no');
    };
    expect(await cache.getOrSet('b', fail, { staleIfError: '1h' })).toBe(1);
    expect(said(traces)).toEqual(['set', 'load', 'getOrSet stale store']);
    expect(traces[1]!.error).toMatchObject({ message: 'no' });
    expect(traces[2]!.error).toBeUndefined();
  });

  it('that fail carry the error, and end all the same', async () => {
    const { cache, traces } = opened(store);
    const error = new Error('no');
    await caught(cache.getOrSet('a', () => Promise.reject(error)));
    await caught(cache.get(5 as never));
    expect(said(traces)).toEqual(['load', 'getOrSet load', 'get']);
    expect(traces.map((trace) => trace.error)).toEqual([error, error, expect.any(TypeError)]);
  });

  it('are in the context of a store that is bound to them, and so is the load', async () => {
    const { cache } = opened(store);
    const storage = new AsyncLocalStorage<string>();
    channels.cache.start.bindStore(storage, ({ operation }) => [storage.getStore(), operation].join('>'));
    ends.push(() => channels.cache.start.unbindStore(storage));
    expect(await cache.getOrSet('a', () => storage.getStore())).toBe('>getOrSet>load');
    expect(storage.getStore()).toBeUndefined();
  });

  it('make no trace where nobody listens', async () => {
    const cache = new CacheManager(store, { prefix: `${prefix.slice(0, -1)}-quiet` });
    let published = 0;
    const { start } = channels.cache;
    const before = start.publish;
    start.publish = (...values: unknown[]) => {
      published += 1;
      return before.apply(start, values as never);
    };
    await cache.getOrSet('a', () => 1);
    await cache.get('a');
    // Its own again: the channel changes its class when somebody listens.
    Reflect.deleteProperty(start, 'publish');
    expect([channels.cache.hasSubscribers, published]).toEqual([false, 0]);
  });
});

describe.each(stores)('locks on %s', (engine, store) => {
  it('tell of each acquisition, extension and release, with the fence and never with the owner', async () => {
    const { cache } = opened(store);
    const traces = locksHeard('told');
    const lock = await cache.acquireLock('told', { ttl: '1m' });
    await lock.extend();
    await lock.release();
    const fence = String(lock.fence);
    expect(traces).toMatchObject([
      { engine, resource: store.name, operation: 'acquire', fence, waitedMs: expect.any(Number) },
      { engine, resource: store.name, operation: 'extend', fence, isOurs: true },
      { engine, resource: store.name, operation: 'release', fence, isOurs: true },
    ]);
    expect(inspect(traces, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(lock.owner);
    // A log takes them as they are.
    expect(JSON.stringify(traces)).toContain(fence);
  });

  it('tell that one was had by another, with the error and without a fence', async () => {
    const { cache } = opened(store);
    const lock = await cache.acquireLock('taken', { ttl: '1m' });
    const traces = locksHeard('taken');
    await caught(cache.acquireLock('taken'));
    await lock.release();
    expect(traces.map(({ operation }) => operation)).toEqual(['acquire', 'release']);
    expect(traces[0]).toMatchObject({ error: expect.any(LockContendedError) });
    expect(traces[0]!.fence).toBeUndefined();
  });

  it('tell of renewals, and once that a lock was lost', async () => {
    const { cache } = opened(store);
    const traces = locksHeard('lost');
    const lock = await cache.acquireLock('lost', { ttl: '2s', renew: true });
    await until(async () => traces.some(({ operation }) => operation === 'extend'));
    // The store forgets it: by its secret alone it is given back.
    await store.locks(`${prefix.slice(0, -1)}-${made}`).release('lost', lock.owner, { timeoutMs: 30_000 });
    await until(async () => lock.signal.aborted);
    await lock.release();
    const lost = traces.filter(({ operation }) => operation === 'lost');
    expect(lost).toMatchObject([{ engine, lock: 'lost', fence: String(lock.fence), error: expect.any(LockLostError) }]);
    expect(traces.at(-1)).toMatchObject({ operation: 'release', isOurs: false });
  });
});

it('a lock that was waited for tells how long, until the attempt that got it', async () => {
  const time = new FakeTime();
  const locks = new Locks(new MemoryLockStore({ time }), { time });
  const lock = await locks.acquire('line', { ttl: '1m' });
  const traces = locksHeard('line');
  const next = locks.acquire('line', { wait: '1m' });
  await time.elapse(5_000);
  await lock.release();
  expect((await next).fence).toBeGreaterThan(lock.fence);
  expect(traces).toMatchObject([
    { engine: 'memory', operation: 'release' },
    { operation: 'acquire', waitedMs: 5_000 },
  ]);
});
