import type { Opened } from '../peer.js';
import { VALUE } from '../value.js';
import { costs } from './costs.js';
import type { Measure } from './measure.js';

const AT_ONCE = 100;
const GROUPS = [{ name: 'no tags' }, { name: 'two tags', tags: ['users', 'team'] }] as const;

const never = (): never => {
  throw new Error('A hit was loaded again');
};

/** Different keys, since some caches answer callers of one key together. */
async function stored(cache: Opened, tags: readonly string[] | undefined): Promise<readonly string[]> {
  const keys = Array.from({ length: AT_ONCE }, (_, i) => `key-${i}`);
  for (const key of keys) await cache.getOrSet(key, () => VALUE, tags);
  return keys;
}

export const l2Hit: Measure = {
  name: 'l2-hit',
  about: 'a hit in Redis, without tags and with two, one at a time and 100 at once',
  run: async (bench) => [
    await costs(bench, {
      title: 'L2 hit, one at a time',
      about: 'A value in Redis, with nothing in the process. The measure is GET and JSON.parse.',
      near: false,
      groups: GROUPS,
      repeats: { rounds: bench.effort.rounds, times: bench.effort.hits },
      async way(cache, tags) {
        const keys = await stored(cache, tags);
        let next = 0;
        return () => cache.getOrSet(keys[next++ % AT_ONCE]!, never, tags);
      },
    }),
    await costs(bench, {
      title: `L2 hit, ${AT_ONCE} at once`,
      about: `${AT_ONCE} values in Redis, asked for in the same turn; the time is that of all of them.`,
      near: false,
      groups: GROUPS,
      repeats: { rounds: bench.effort.rounds, times: Math.ceil(bench.effort.hits / 20) },
      async way(cache, tags) {
        const keys = await stored(cache, tags);
        return () => Promise.all(keys.map((key) => cache.getOrSet(key, never, tags)));
      },
    }),
  ],
};
