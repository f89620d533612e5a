import { median } from '../../kit/paired.js';
import { rowsOf } from '../../kit/table.js';
import type { Bench } from '../bench.js';
import { isAble } from '../bench.js';
import { fill } from '../fill.js';
import type { Opened, Peer } from '../peer.js';
import { digits } from './costs.js';
import type { Measure } from './measure.js';

const TAG = 'everything';

/** Gives entries a tag, takes it away, and sees that they are gone. */
async function once(cache: Opened, entries: number): Promise<number> {
  await fill(
    cache,
    entries,
    (id) => ({ id }),
    () => [TAG],
  );
  // What the filling left to do is done, and the way is warm.
  for (let i = 0; i < 20; i++) await cache.invalidate!(`another-${i}`);
  const startedAt = performance.now();
  await cache.invalidate!(TAG);
  const milliseconds = performance.now() - startedAt;
  for (const id of [0, entries >> 1, entries - 1]) {
    let isLoaded = false;
    await cache.getOrSet(`entry-${id}`, () => {
      isLoaded = true;
      return { id };
    }, [TAG]);
    if (!isLoaded) throw new Error('An entry whose tag was taken away is still served');
  }
  return milliseconds;
}

/** The small ones several times, since they come and go quickly. */
async function timeOf(bench: Bench, peer: Peer, entries: number): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < (entries > 1_000 ? 1 : 3); round++) {
    const prefix = bench.prefix(peer);
    const cache = await bench.open(peer, { near: false, tags: true }, prefix);
    try {
      taken.push(await once(cache, entries));
    } finally {
      await cache.close();
      await bench.clear(prefix);
    }
  }
  return median(taken);
}

export const invalidation: Measure = {
  name: 'invalidation',
  about: 'to invalidate a tag that many entries carry',
  async run(bench) {
    const sizes = bench.effort.tagged;
    const taken = new Map<Peer, number[]>();
    for (const entries of sizes) {
      for (const peer of bench.peers) {
        if (!isAble(peer, { near: false, tags: true })) continue;
        taken.set(peer, [...(taken.get(peer) ?? []), await timeOf(bench, peer, entries)]);
      }
    }
    return [
      {
        title: 'Invalidation of a tag',
        about: 'The time until the tag is invalidated, by the number of the entries that carry it.',
        columns: sizes.map((entries) => `${entries.toLocaleString('en')} entries: ms`),
        rows: rowsOf(bench.peers, (peer) =>
          sizes.map((_, i) =>
            taken.has(peer) ? digits(taken.get(peer)![i]!) : { missing: peer.lacks.tags ?? 'it was not measured' },
          ),
        ),
      },
    ];
  },
};
