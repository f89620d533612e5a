import { VALUE } from '../value.js';
import { costs } from './costs.js';
import type { Measure } from './measure.js';

export const miss: Measure = {
  name: 'miss',
  about: 'a miss: look, load and store, without tags and with two',
  run: async (bench) => [
    await costs(bench, {
      title: 'Miss',
      about: 'A key that is not there: look, load, which takes no time, and store. The measure is GET and SET PX.',
      near: false,
      groups: [{ name: 'no tags' }, { name: 'two tags', tags: ['users', 'team'] }],
      repeats: { rounds: bench.effort.rounds, times: bench.effort.misses },
      async way(cache, tags) {
        let next = 0;
        return () => cache.getOrSet(`miss-${++next}`, () => VALUE, tags);
      },
    }),
  ],
};
