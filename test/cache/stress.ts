// One process of the stress on stale fills: `url prefix mode reads seed`. The truth of a key is a version in Redis; a writer raises it, takes the cached
// value away, and then notes the version as seen by all. A reader that knows of a version and is given an older one was served what is stale.
import { setTimeout as delay } from 'node:timers/promises';
import { CacheManager, RedisStore } from '../../src/index.js';
import { mulberry } from '../setup/mulberry.js';
import { withoutLeases } from './without-leases.js';

const [url = '', prefix = '', mode = '', reads = '0', seed = '1'] = process.argv.slice(2);
const KEYS = 12;
const READERS = 12;
const redis = new RedisStore({ url, timeout: '60s' });

const random = mulberry(Number(seed));

const cache = new CacheManager(mode === 'control' ? withoutLeases(redis) : redis, {
  prefix,
  storeTimeout: '60s',
  ttl: '1m',
});
const number = async (name: string): Promise<number> => Number((await redis.run('GET', [`${prefix}-${name}`])) ?? 0);
const counts = { reads: 0, stale: 0, writes: 0, evictions: 0 };
let going = true;

async function reader(): Promise<void> {
  while (counts.reads < Number(reads)) {
    const key = Math.floor(random() * KEYS);
    const way = key % 3;
    const known = await number(`done-${key}`);
    const value = await cache.getOrSet(
      `k${key}`,
      async ({ tag }) => {
        const version = await number(`truth-${key}`);
        // A load is as slow as what happens meanwhile: every other one waits for a turn or two.
        if (random() < 0.5) await delay(random() * 3);
        if (way === 2) tag(`late${key}`);
        return version;
      },
      { tags: way === 1 ? [`tag${key}`] : [] },
    );
    counts.reads += 1;
    if (value < known) counts.stale += 1;
  }
}

/** Each process writes keys of its own, so that what it notes only grows. */
async function writer(): Promise<void> {
  while (going) {
    const key = Math.floor(random() * KEYS);
    if (key % 4 === Number(seed) % 4 || (Number(seed) > 3 && key % 4 === 3)) {
      const version = Number(await redis.run('INCR', [`${prefix}-truth-${key}`]));
      const way = key % 3;
      if (way === 0) await cache.delete(`k${key}`);
      else await cache.invalidateTags(way === 1 ? `tag${key}` : `late${key}`);
      await redis.run('SET', [`${prefix}-done-${key}`, version]);
      counts.writes += 1;
    }
    await delay(random() * 4);
  }
}

/** Takes away what the cache needs to remember, as a server without memory does. */
async function evictor(): Promise<void> {
  const shared = ['clock', 'recent', 's:c', 's:c'];
  while (going) {
    const key = Math.floor(random() * KEYS);
    const names = [`{${prefix}:k${key}}:l`, `{${prefix}}:s:t:tag${key}`, `{${prefix}}:s:t:late${key}`];
    const name = random() < 0.1 ? `{${prefix}}:${shared[key % shared.length]}` : names[key % 3]!;
    counts.evictions += Number(await redis.run('UNLINK', [name]));
    await delay(random() * 60);
  }
}

const others = [writer(), ...(mode === 'control' ? [] : [evictor()])];
await Promise.all(Array.from({ length: READERS }, reader));
going = false;
await Promise.all(others);
const { errors } = cache.stats();
console.log(JSON.stringify({ ...counts, errors }));
await redis.close();
