import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';
import { type Load, NEAR_MAX, type Opened, type Opening, type Peer, TTL_MS, Unheard } from '../peer.js';

interface Wanted {
  readonly key: string;
  readonly load?: Load;
  readonly tags?: readonly string[] | undefined;
}

const TTL_SECONDS = TTL_MS / 1_000;

export const asyncCacheDedupe: Peer = {
  name: 'async-cache-dedupe',
  package: 'async-cache-dedupe',
  setup:
    'its Redis storage on ioredis, with `invalidation` where tags are measured; or its memory storage: it has one level',
  lacks: {},
  async open({ url, prefix, near, tags }: Opening): Promise<Opened> {
    const client = new Redis(url, { keyPrefix: `${prefix}:` });
    const unheard = new Unheard();
    const log = { debug() {}, warn: unheard.note, error: unheard.note };
    const cache = createCache({
      ttl: TTL_SECONDS,
      storage: near
        ? { type: 'memory', options: { size: NEAR_MAX, log } }
        : { type: 'redis', options: { client, log, invalidation: tags && { referencesTTL: TTL_SECONDS } } },
    }).define(
      'value',
      {
        serialize: ({ key }: Wanted) => key,
        // It sorts the list that it is given.
        ...(tags && { references: ({ tags: tagged = [] }: Wanted) => [...tagged] }),
      },
      async ({ load }: Wanted) => load!(),
    );
    return {
      getOrSet: (key, load, tagged) => cache.value({ key, load, tags: tagged }),
      delete: (key) => cache.clear('value', { key }),
      ...(tags && { invalidate: (tag: string) => cache.invalidateAll(tag) }),
      async close() {
        await client.quit();
        unheard.rethrow();
      },
    };
  },
};
