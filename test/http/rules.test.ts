import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { CacheManager, MemoryStore, RedisStore } from '../../src/index.js';
import { redisPrefix } from '../setup/databases.js';
import { closeSites, type Frame, siteOf } from './kit.js';
import { httpCachePage } from './page.js';
import { RULES, type World } from './rules.js';

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url });
afterAll(() => redis.close());
afterEach(closeSites);

const stores = { memory: new MemoryStore(), redis };
let worlds = 0;

function worldOf(frame: Frame, store: keyof typeof stores): World {
  // Each server has a cache of its own, also the second one of a rule.
  const fresh = () => new CacheManager(stores[store], { prefix: `${prefix}rules${worlds++}`, storeTimeout: '10s' });
  return { cache: fresh(), open: (options, maker) => siteOf(frame, fresh(), options, maker) };
}

describe.each([
  ['plain', 'memory'],
  ['express', 'memory'],
  ['plain', 'redis'],
  ['express', 'redis'],
] as const)('an HTTP cache (%s, %s)', (frame, store) => {
  it.each(RULES.map((rule) => [rule.section, rule.rule, rule] as const))(
    '%s: %s',
    async (_section, _rule, { test }) => {
      await test(worldOf(frame, store));
    },
  );
});

describe('the page of the HTTP cache', () => {
  it('lists the rules, each of which is tested', async () => {
    await expect(httpCachePage(RULES)).toMatchFileSnapshot('../../docs/http-cache.md');
  });
});
