import { isDeepStrictEqual } from 'node:util';
import type { Load, Opened, Opening } from './peer.js';
import { VALUE } from './value.js';

const never = (): never => {
  throw new Error('it loads what is there');
};

/** Sees that a cache gives what was stored, loads once, and forgets what is taken away. @throws Error that says what it does not */
export async function validate(cache: Opened, { near, tags }: Pick<Opening, 'near' | 'tags'>): Promise<void> {
  const wanted = tags ? ['validate-1', 'validate-2'] : undefined;
  const key = 'validate';
  let loads = 0;
  const load = (): unknown => {
    loads += 1;
    return { ...VALUE, loads };
  };
  const expect = async (what: string, expected: number): Promise<void> => {
    const value = await cache.getOrSet(key, load, wanted);
    if (loads !== expected) throw new Error(`${what}: ${loads} loads instead of ${expected}`);
    if (!isDeepStrictEqual(value, { ...VALUE, loads })) throw new Error(`${what}: it gives another value`);
  };

  await expect('a cold key', 1);
  await expect('a hit', 1);
  if (near) await untilNear(cache, key);
  await cache.delete(key);
  if (near) await untilForgotten(cache, key, load);
  else await expect('after delete()', 2);
  await expect('a hit of what was loaded again', 2);
  if (cache.invalidate !== undefined) {
    await cache.invalidate('validate-2');
    await expect('after a tag was invalidated', 3);
  }
  await cache.delete(key);
}

/** Whether a hit comes without a question to the server: no reply can be read before the turn of the loop ends. */
export async function isNear(cache: Opened, key: string): Promise<boolean> {
  const hit = cache.getOrSet(key, never).then(() => true);
  const isFirst = await Promise.race([hit, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
  await hit;
  return isFirst;
}

/** Some keep a value in the process only when messages of the server come, which takes a few turns. */
export async function untilNear(cache: Opened, key: string): Promise<void> {
  for (let turns = 0; turns < 10_000; turns++) if (await isNear(cache, key)) return;
  throw new Error('it does not keep values in the process');
}

/** Some forget a value in the process only when the server's message of it comes. Gives whether the first read knew of it. */
export async function untilForgotten(cache: Opened, key: string, load: Load): Promise<boolean> {
  let isLoaded = false;
  const loading = (): unknown => {
    isLoaded = true;
    return load();
  };
  for (let turns = 0; turns < 10_000; turns++) {
    await cache.getOrSet(key, loading);
    if (isLoaded) return turns === 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it does not forget what was deleted');
}
