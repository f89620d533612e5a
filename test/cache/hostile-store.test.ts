import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonCodec } from '../../src/cache/codec.js';
import { CacheManager, RedisStore } from '../../src/index.js';
import { redisPrefix } from '../setup/databases.js';
import { expectNothingUncaught, until } from '../setup/outcomes.js';

const { url, prefix } = await redisPrefix();
const redis = new Redis(url);
const store = new RedisStore({ url });
afterAll(async () => {
  await store.close();
  redis.disconnect();
});

/** A cache that no other test knows, and what its keys begin with. */
function cacheOf(options: ConstructorParameters<typeof CacheManager>[1] = {}) {
  const own = `${prefix}${randomUUID()}`;
  return {
    cache: new CacheManager(store, { prefix: own, storeTimeout: '10s', ...options }),
    stored: `{${own.replaceAll(':', '%3a')}`,
  };
}

/** The entry of `key`, with the header or the body that `change` makes of what is stored. */
async function poison(key: string, change: (header: unknown[], body: string) => readonly [unknown, string]) {
  const bytes = await redis.getBuffer(key);
  const text = bytes!.toString('latin1');
  const end = text.indexOf('\n');
  const [header, body] = change(JSON.parse(text.slice(16, end)), text.slice(end + 1));
  await redis.set(key, Buffer.from(`${text.slice(0, 16)}${JSON.stringify(header)}\n${body}`, 'latin1'), 'KEEPTTL');
}

/** Whether the value came out of the memory of this process. */
async function atHand(cache: CacheManager, key: string): Promise<boolean> {
  const before = cache.stats().nearHits;
  await cache.get(key);
  return cache.stats().nearHits > before;
}

describe('what others wrote into the store', () => {
  expectNothingUncaught();

  it.each<[string, (header: unknown[]) => unknown]>([
    ['tags that are no texts', (header) => [...header.slice(0, 5), { toString: 1 }, 'x']],
    ['a tag that is a number', (header) => [...header.slice(0, 5), 5, 'x']],
    ['a time that is none', ([, ...header]) => [{ toString: 1 }, ...header]],
    ['a duration that is none', ([softAt, , ...header]) => [softAt, {}, ...header]],
    ['no list', () => ({ 4: [] })],
    ['null', () => null],
  ])('as the header of an entry, %s, is no entry: the value is loaded again', async (_what, change) => {
    const { cache, stored } = cacheOf();
    await cache.set('key', 1, { ttl: '1m' });
    await poison(`${stored}:key}:v`, (header, body) => [change(header), body]);
    expect(await cache.get('key')).toBeUndefined();
    expect(await cache.getOrSet('key', () => 2, { ttl: '1m' })).toBe(2);
    expect(await cache.get('key')).toBe(2);
  });

  it('as a value that is deeper than the stack fails nobody', async () => {
    const { cache, stored } = cacheOf({ l1: {} });
    await cache.set('key', 1, { ttl: '1m' });
    await cache.set('other', 1, { ttl: '1m' });
    await poison(`${stored}:key}:v`, (header) => [header, `j${'['.repeat(100_000)}${']'.repeat(100_000)}`]);
    await until(() => atHand(cache, 'other'));
    for (let i = 0; i < 2; i++) expect(Array.isArray(await cache.get('key'))).toBe(true);
  });

  it.each(['', 'x', 's', 's{', 's5', 'snull', 's{"length":1}'])(
    'to its channel, %j, ends nothing, and what was at hand is asked for anew',
    async (message) => {
      const { cache, stored } = cacheOf({ l1: {} });
      await cache.set('key', 1, { ttl: '1m' });
      await until(() => atHand(cache, 'key'));
      await redis.publish(`${stored}}:changes`, message);
      await until(async () => !(await atHand(cache, 'key')));
      await until(() => atHand(cache, 'key'));
      expect(await cache.get('key')).toBe(1);
    },
  );

  it('reaches no prototype, however it is written', () => {
    const entries = [
      'j{"__proto__":{"polluted":true}}',
      'j{"\\u005f\\u005fproto__":{"polluted":true}}',
      't{"__proto__":{"polluted":true}}',
      't{"\\u0000":["object",[["__proto__",{"polluted":true}]]]}',
      'j{"\\u0000":["object",[["__proto__",{"polluted":true}]]]}',
      't{"a":{"\\u0000":["object",[["\\u005f_proto__",{"polluted":true}]]]}}',
    ];
    for (const entry of entries) {
      const value = jsonCodec.decode(Buffer.from(entry)) as Record<string, object>;
      for (const each of [value, value['a'] ?? {}]) {
        expect(Object.getPrototypeOf(each)).toBe(Object.prototype);
        expect(Object.hasOwn(each, '__proto__')).toBe(false);
      }
    }
  });
});
