import { type CacheKey, CacheManager, cacheKey, MemoryStore } from 'trivet';
import { expect, test } from 'vitest';

// These laws are checked by the compiler: `npm run typecheck`.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => {};

interface User {
  readonly name: string;
}

test('a key without a type, and a text, let the load say the type of the value; a key with one says it itself', async () => {
  const cache = new CacheManager(new MemoryStore());
  const answer = await cache.getOrSet(cacheKey('answer'), async () => 42, { ttl: (value) => `${value}s` });
  holds<Equal<typeof answer, number>>();
  const text = await cache.getOrSet('text', () => 'a text');
  holds<Equal<typeof text, string>>();
  const user = await cache.getOrSet(cacheKey<User>('user', 1), (): User => ({ name: 'Ann' }));
  holds<Equal<typeof user, User>>();
  const said = await cache.getOrSet<User>(cacheKey('user', 2), () => ({ name: 'Bob' }));
  holds<Equal<typeof said, User>>();
  const forwarded = await load(cache, 'forwarded', async () => true);
  holds<Equal<typeof forwarded, boolean>>();
  // @ts-expect-error the load gives no user
  const wrong: unknown = await cache.getOrSet(cacheKey<User>('user', 3), () => 3);
  expect([answer, text, user, said, forwarded, wrong]).toEqual([
    42,
    'a text',
    { name: 'Ann' },
    { name: 'Bob' },
    true,
    3,
  ]);
});

/** As a program hands a key on whose type it does not know itself. */
function load<T>(cache: CacheManager, name: string, work: () => Promise<T>): Promise<T> {
  const key: CacheKey<T> = cacheKey<T>(name);
  return cache.getOrSet(key, work);
}
