import type { Bench } from '../bench.js';
import type { Peer } from '../peer.js';
import { untilForgotten, untilNear } from '../validate.js';
import { VALUE } from '../value.js';
import { costs } from './costs.js';
import type { Measure } from './measure.js';

const never = (): never => {
  throw new Error('A hit was loaded again');
};

/** Whether a process that deletes a value does not get it any more, which is less than that all processes do not. */
async function ownDeletes(bench: Bench): Promise<ReadonlyMap<Peer, string>> {
  return bench.withAll({ near: true, tags: false }, async (opened) => {
    const found = new Map<Peer, string>();
    for (const { peer, cache } of opened) {
      await cache.getOrSet('own', () => VALUE);
      await untilNear(cache, 'own');
      await cache.delete('own');
      found.set(peer, (await untilForgotten(cache, 'own', () => VALUE)) ? 'at once' : 'later');
    }
    return found;
  });
}

export const l1Hit: Measure = {
  name: 'l1-hit',
  about: 'a hit in the memory of the process',
  async run(bench) {
    const table = await costs(bench, {
      title: 'L1 hit',
      about:
        'A value that is kept in the process. The measure is a Map behind an `await`. The last column: when the process that deletes a value reads it no more.',
      near: true,
      groups: [{ name: 'hit' }],
      repeats: { rounds: bench.effort.rounds, times: bench.effort.nearHits },
      async way(cache) {
        await cache.getOrSet('near', () => VALUE);
        await untilNear(cache, 'near');
        return () => cache.getOrSet('near', never);
      },
    });
    const own = await ownDeletes(bench);
    return [
      {
        ...table,
        columns: [...table.columns, 'own delete()'],
        rows: table.rows.map((row, i) => {
          const { lacks } = bench.peers[i]!;
          const missing = { missing: lacks.near ?? 'it was not measured' };
          return { ...row, cells: [...row.cells, own.get(bench.peers[i]!) ?? missing] };
        }),
      },
    ];
  },
};
