import { type Cache, type CacheEntry, cachified as getOrSet, totalTtl } from '@epic-web/cachified';
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { NEAR_MAX, type Opened, type Opening, type Peer, TTL_MS } from '../peer.js';

function inRedis(client: Redis, prefix: string): Cache {
  return {
    name: 'redis',
    async get(key) {
      const text = await client.get(`${prefix}:${key}`);
      return text === null ? null : (JSON.parse(text) as CacheEntry);
    },
    async set(key, entry) {
      await client.set(`${prefix}:${key}`, JSON.stringify(entry), 'PX', totalTtl(entry.metadata));
    },
    async delete(key) {
      await client.unlink(`${prefix}:${key}`);
    },
  };
}

function inProcess(): Cache {
  const kept = new LRUCache<string, CacheEntry>({ max: NEAR_MAX });
  return {
    name: 'memory',
    get: (key) => kept.get(key),
    set: (key, entry) => kept.set(key, entry, { ttl: totalTtl(entry.metadata) }),
    delete: (key) => kept.delete(key),
  };
}

export const cachified: Peer = {
  name: 'cachified',
  package: '@epic-web/cachified',
  setup: 'ten lines of GET, SET PX and JSON on ioredis as its store, or lru-cache as its pages show: it has one level',
  lacks: { tags: 'it has no tags' },
  async open({ url, prefix, near }: Opening): Promise<Opened> {
    const client = new Redis(url);
    const cache = near ? inProcess() : inRedis(client, prefix);
    return {
      getOrSet: (key, load) => getOrSet({ key, cache, ttl: TTL_MS, getFreshValue: load }),
      delete: async (key) => cache.delete(key),
      close: async () => void (await client.quit()),
    };
  },
};
