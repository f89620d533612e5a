import { Redis } from 'ioredis';
import { type Opened, type Opening, type Peer, TTL_MS } from '../peer.js';

/** What a team writes by hand, which is the measure of the others: its tags are sets of keys, the recipe that is found everywhere. */
export const bare: Peer = {
  name: 'bare ioredis',
  package: 'ioredis',
  setup: 'GET, JSON.parse and SET PX; a tag is a set of keys; in the process a Map',
  lacks: {},
  async open({ url, prefix, near, tags }: Opening): Promise<Opened> {
    const client = new Redis(url);
    const kept = new Map<string, unknown>();
    const tagKey = (tag: string): string => `${prefix}:tag:${tag}`;
    return {
      async getOrSet(key, load, tagged = []) {
        if (near) {
          const value = kept.get(key);
          if (value !== undefined) return value;
        }
        const name = `${prefix}:${key}`;
        const text = await client.get(name);
        if (text !== null) return JSON.parse(text);
        const value = await load();
        if (near) kept.set(key, value);
        const json = JSON.stringify(value);
        if (tagged.length === 0) await client.set(name, json, 'PX', TTL_MS);
        else {
          const pipeline = client.pipeline().set(name, json, 'PX', TTL_MS);
          for (const tag of tagged) pipeline.sadd(tagKey(tag), name).pexpire(tagKey(tag), TTL_MS);
          await pipeline.exec();
        }
        return value;
      },
      async delete(key) {
        kept.delete(key);
        await client.unlink(`${prefix}:${key}`);
      },
      ...(tags && {
        async invalidate(tag: string) {
          const names = await client.smembers(tagKey(tag));
          const pipeline = client.pipeline();
          for (let i = 0; i < names.length; i += 1_000) pipeline.unlink(...names.slice(i, i + 1_000));
          await pipeline.unlink(tagKey(tag)).exec();
        },
      }),
      close: async () => void (await client.quit()),
    };
  },
};
