import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import { NEAR_MAX, type Opened, type Opening, type Peer, TTL_MS } from '../peer.js';

export const bentocache: Peer = {
  name: 'bentocache',
  package: 'bentocache',
  setup: 'redisDriver on ioredis; in the process memoryDriver, which keeps JSON by default, with the Redis bus',
  lacks: {},
  async open({ url, prefix, near, tags }: Opening): Promise<Opened> {
    const connection = new Redis(url);
    const far = bentostore().useL2Layer(redisDriver({ connection }));
    const store = near
      ? far.useL1Layer(memoryDriver({ maxItems: NEAR_MAX })).useBus(redisBusDriver({ connection: connection.options }))
      : far;
    const bento = new BentoCache({ default: 'cache', prefix, ttl: TTL_MS, stores: { cache: store } });
    return {
      getOrSet: (key, load, tagged) =>
        bento.getOrSet({ key, factory: load, ...(tagged !== undefined && { tags: [...tagged] }) }),
      delete: (key) => bento.delete({ key }),
      ...(tags && { invalidate: (tag: string) => bento.deleteByTag({ tags: [tag] }) }),
      close: () => bento.disconnectAll(),
    };
  },
};
