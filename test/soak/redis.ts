import { Redis } from 'ioredis';
import { RedisStore } from '../../src/index.js';
import { startFaultProxy, startRedis } from '../../src/testing/index.js';
import { type Leg, oneOf } from './leg.js';
import { disturb } from './network.js';

const NAME = 'trivet-soak';

export async function redisLeg(log: (line: string) => void): Promise<Leg> {
  const server = await startRedis({ log });
  const { url, prefix } = server.createKeyspace();
  const proxy = await startFaultProxy(url);
  const store = new RedisStore({ url: proxy.url(url), name: NAME, connectTimeout: '1s' });
  const observer = new Redis(url);
  const limit = (random: () => number) => `${Math.ceil(5 + random() * 400)}ms` as const;
  const works: readonly ((random: () => number) => Promise<unknown>)[] = [
    (random) => store.run('SET', [`${prefix}${Math.floor(random() * 100)}`, random()], { timeout: limit(random) }),
    (random) =>
      store.run('GET', [`${prefix}${Math.floor(random() * 100)}`], { timeout: limit(random), idempotent: true }),
    (random) =>
      store.script("return redis.call('INCR', KEYS[1])", [`${prefix}counter`], [], { timeout: limit(random) }),
    (random) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), random() * 5);
      return store.run('PING', [], { signal: controller.signal });
    },
  ];
  return {
    name: 'Redis',
    maxConnections: 2,
    work: async (random) => void (await oneOf(works, random)(random)),
    disturb: (random) => disturb(proxy, random),
    heal: () => proxy.heal(),
    connections: async () => String(await observer.client('LIST')).split(`name=${NAME}`).length - 1,
    close: async () => {
      await store.close();
      await proxy.close();
      observer.disconnect();
      await server.stop();
    },
  };
}
