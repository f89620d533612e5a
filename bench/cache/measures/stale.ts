import { type Cell, rowsOf, type Table } from '../../kit/table.js';
import type { Bench } from '../bench.js';
import { isAble } from '../bench.js';
import type { Peer } from '../peer.js';
import { type Counts, Stress, type Way } from '../stress.js';
import type { Measure } from './measure.js';

const WAYS: readonly { readonly way: Way; readonly name: string; readonly tags: boolean }[] = [
  { way: 'delete', name: 'by key', tags: false },
  { way: 'tag', name: 'by tag', tags: true },
  { way: 'tag, evicted', name: 'by tag, with evictions', tags: true },
];
/** So that what disturbs the machine disturbs all of them. */
const PARTS = 4;

async function stressed(bench: Bench, way: Way, tags: boolean): Promise<ReadonlyMap<Peer, Counts>> {
  const peers = bench.peers.filter((peer) => isAble(peer, { near: false, tags }));
  const stresses: Stress[] = [];
  try {
    for (const peer of peers) stresses.push(await Stress.open(bench, peer, way));
    for (let part = 0; part < PARTS; part++)
      for (const stress of stresses) await stress.run(Math.ceil(bench.effort.staleReads / PARTS));
  } finally {
    await Promise.all(stresses.map((stress) => stress.close()));
    await bench.clear();
  }
  return new Map(peers.map((peer, i) => [peer, stresses[i]!.counts]));
}

function cellsOf(counts: Counts | undefined, reason: string): readonly Cell[] {
  if (counts === undefined) return [{ missing: reason }, { missing: reason }];
  const { reads, stale, loads } = counts;
  const share = ((stale / reads) * 100).toFixed(2);
  return [stale === 0 ? '0' : `${stale} (${share} %)`, `${(100 - (loads / reads) * 100).toFixed(0)} %`];
}

export const stale: Measure = {
  name: 'stale',
  about: 'reads that give a value older than an invalidation that was done before they began',
  async run(bench): Promise<readonly Table[]> {
    const taken: ReadonlyMap<Peer, Counts>[] = [];
    for (const { way, tags } of WAYS) taken.push(await stressed(bench, way, tags));
    return [
      {
        title: 'Stale reads',
        about: `Of ${bench.effort.staleReads.toLocaleString('en')} reads, those that gave a value older than an invalidation that had been done before the read began. Three caches share 12 keys, without L1; 24 readers load in up to 3 ms, 3 writers change the source and invalidate, and in the last columns keys of the cache are evicted at random. Beside it the share of reads that needed no load.`,
        columns: WAYS.flatMap(({ name }) => [`${name}: stale`, 'no load']),
        rows: rowsOf(bench.peers, (peer) =>
          taken.flatMap((counts) => cellsOf(counts.get(peer), peer.lacks.tags ?? 'it was not measured')),
        ),
      },
    ];
  },
};
