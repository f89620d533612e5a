// What a read of the cache costs beside the bare driver: a value of a hundred numbers, on the Redis that is found.
import { Redis } from 'ioredis';
import { CacheManager, MemoryStore, RedisStore } from 'trivet';
import { startRedis } from 'trivet/testing';
import { paired } from './paired.js';

const server = await startRedis({ log: () => {} });
const value = { name: 'Ann', list: Array.from({ length: 100 }, (_, i) => i) };
const tags = ['users', 'team'];
const bare = new Redis(server.url);
const store = new RedisStore({ url: server.url });
const prefix = `bench-${process.pid}`;
const cache = new CacheManager(store, { prefix, storeTimeout: '10s' });
const near = new CacheManager(store, { prefix: `${prefix}-near`, storeTimeout: '10s', l1: {} });
const memory = new CacheManager(new MemoryStore());
const load = (): never => {
  throw new Error('It is there');
};

await bare.set(`${prefix}-bare`, JSON.stringify(value), 'EX', 600);
await cache.set('plain', value);
await cache.set('tagged', value, { tags });
await near.set('k', value);
await memory.set('k', value);
// Messages have to come before anything is at hand.
while (near.stats().nearHits === 0) await near.get('k');

const parsed = async (): Promise<unknown> => JSON.parse((await bare.get(`${prefix}-bare`))!);
await paired('a hit', {
  'bare GET and JSON.parse': parsed,
  'getOrSet, no tags': () => cache.getOrSet('plain', load),
  'getOrSet, two tags': () => cache.getOrSet('tagged', load, { tags }),
});
await paired(
  '100 hits at once',
  {
    'bare GET and JSON.parse': () => Promise.all(Array.from({ length: 100 }, parsed)),
    'getOrSet, no tags': () => Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('plain', load))),
    'getOrSet, two tags': () =>
      Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('tagged', load, { tags }))),
  },
  { times: 50 },
);
await paired(
  'a hit in the process',
  {
    'a Map and an await': async () => await new Map([['k', value]]).get('k'),
    'getOrSet, with l1': () => near.getOrSet('k', load),
    'getOrSet, on a MemoryStore': () => memory.getOrSet('k', load),
  },
  { times: 20_000 },
);
let misses = 0;
await paired(
  'a miss',
  {
    'bare GET and SET': async () => {
      misses += 1;
      if ((await bare.get(`${prefix}-miss-${misses}`)) === null)
        await bare.set(`${prefix}-miss-${misses}`, JSON.stringify(value), 'PX', 5_000);
    },
    getOrSet: () => cache.getOrSet(`miss-${++misses}`, () => value, { ttl: '5s' }),
  },
  { times: 500 },
);

await bare.quit();
await store.close();
await server.stop();
