import type { Redis } from 'ioredis';
import { loadIoredis } from '../driver.js';
import { StepUnavailable } from './error.js';
import { reasonOf, secretsOf } from './report.js';

async function withRedis<Result>(
  url: string,
  use: (client: Redis) => Promise<Result>,
  timeout = 5000,
): Promise<Result> {
  const { Redis } = await loadIoredis();
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The connection's own failure says more than "Connection is closed", which is what the call rejects with.
  let failure: unknown;
  client.on('error', (error) => {
    failure ??= error;
  });
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}

/** Logs in; the step is unavailable when that fails, or when the server takes no writes. */
export async function greetRedis(url: string, timeout: number): Promise<{ readonly version: string }> {
  try {
    const info = await withRedis(url, (client) => client.info(), timeout);
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    if (field('role') === 'slave') throw new StepUnavailable('it is a replica, which refuses writes');
    return { version: field('redis_version') ?? 'unknown' };
  } catch (error) {
    if (error instanceof StepUnavailable) throw error;
    throw new StepUnavailable(reasonOf(error, secretsOf(url)));
  }
}

/** Whether an address has the form that the driver wants. */
export function isRedisAddress(url: string): boolean {
  return /^rediss?:\/\//.test(url) && URL.canParse(url);
}

/** Deletes the keys that start with `prefix`, which must have no special meaning in a glob, and those of caches and locks with it. */
export async function clearPrefix(url: string, prefix: string): Promise<void> {
  // In braces, and encoded: without its colon a prefix is the same there.
  const patterns = [`${prefix}*`, `{${prefix.replace(/:$/, '')}*`];
  await withRedis(url, async (client) => {
    for (const pattern of patterns) {
      let cursor = '0';
      do {
        const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
        if (keys.length > 0) await client.unlink(...keys);
        cursor = next;
      } while (cursor !== '0');
    }
  });
}
