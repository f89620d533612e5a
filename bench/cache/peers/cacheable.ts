import { createKeyv } from '@keyv/redis';
import { Cacheable } from 'cacheable';
import { type Opened, type Opening, type Peer, TTL_MS, Unheard } from '../peer.js';

export const cacheable: Peer = {
  name: 'cacheable',
  package: 'cacheable',
  setup:
    '@keyv/redis as the only level, or as the second one behind its own memory, without CacheSync; with `tags: true` where tags are measured, by get() and set() then, since its getOrSet() takes none',
  lacks: {},
  async open({ url, prefix, near, tags }: Opening): Promise<Opened> {
    const redis = createKeyv(url, { namespace: prefix });
    const cache = new Cacheable({ ...(near ? { secondary: redis } : { primary: redis }), ttl: TTL_MS, tags });
    const unheard = new Unheard();
    cache.on('error', unheard.note);
    return {
      async getOrSet(key, load, tagged) {
        if (tagged === undefined) return cache.getOrSet(key, async () => load(), { throwErrors: true });
        const found = await cache.get(key);
        if (found !== undefined) return found;
        const value = await load();
        await cache.set(key, value, { tags: [...tagged] });
        return value;
      },
      delete: (key) => cache.delete(key),
      ...(tags && { invalidate: (tag: string) => cache.tags.invalidateTag(tag) }),
      async close() {
        unheard.rethrow();
        await cache.disconnect();
      },
    };
  },
};
