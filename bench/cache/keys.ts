import type { Redis } from 'ioredis';

/** The keys that begin with a prefix, also where a cache puts it in braces. The prefix has no character that a pattern knows. */
export async function* keysOf(client: Redis, prefix: string): AsyncGenerator<readonly string[]> {
  for (const pattern of [`${prefix}*`, `{${prefix}*`]) {
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
      if (keys.length > 0) yield keys;
      cursor = next;
    } while (cursor !== '0');
  }
}

/** Deletes them. */
export async function clearKeys(client: Redis, prefix: string): Promise<void> {
  for await (const keys of keysOf(client, prefix)) await client.unlink(...keys);
}
