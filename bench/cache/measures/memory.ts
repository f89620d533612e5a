import { type Cell, rowsOf } from '../../kit/table.js';
import type { Bench } from '../bench.js';
import { isAble } from '../bench.js';
import { answer, ended, started } from '../crowd.js';
import { fill } from '../fill.js';
import { keysOf } from '../keys.js';
import type { NearMemory, NearOrder } from '../near-memory-process.js';
import type { Peer } from '../peer.js';
import { slugOf } from '../peers/index.js';
import { valueFor } from '../value.js';
import type { Measure } from './measure.js';

/** One tag that all have, and one that a tenth of a percent has. */
const tagsOf = (id: number): readonly string[] => ['users', `team-${id % 1_000}`];

/** What all keys of a cache take on the server, also those that are no entries, by the number of entries. */
async function inRedis(bench: Bench, peer: Peer, tags: boolean): Promise<number> {
  const { entries } = bench.effort;
  const prefix = bench.prefix(peer);
  const cache = await bench.open(peer, { near: false, tags }, prefix);
  try {
    await fill(cache, entries, valueFor, tags ? tagsOf : undefined);
    let bytes = 0;
    for await (const keys of keysOf(bench.client, prefix)) {
      const pipeline = bench.client.pipeline();
      for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', 0);
      for (const [error, usage] of (await pipeline.exec())!) {
        if (error !== null) throw error;
        bytes += Number(usage ?? 0);
      }
    }
    return bytes / entries;
  } finally {
    await cache.close();
    await bench.clear(prefix);
  }
}

/** In a process of their own, since the values of the other measures would be collected meanwhile. */
async function inProcess(bench: Bench): Promise<ReadonlyMap<Peer, number>> {
  const taken = new Map<Peer, number>();
  const child = started('near-memory-process.ts', ['--expose-gc']);
  try {
    for (const peer of bench.peers) {
      if (!isAble(peer, { near: true, tags: false })) continue;
      const prefix = bench.prefix(peer);
      const reply = answer<NearMemory>(child);
      child.send({ url: bench.url, prefix, slug: slugOf(peer), entries: bench.effort.nearEntries } satisfies NearOrder);
      taken.set(peer, (await reply).bytes);
      await bench.clear(prefix);
    }
  } finally {
    await ended(child);
  }
  return taken;
}

export const memory: Measure = {
  name: 'memory',
  about: 'the memory of an entry, in Redis and in the process',
  async run(bench) {
    const taken = new Map<Peer, readonly Cell[]>();
    const near = await inProcess(bench);
    for (const peer of bench.peers) {
      const without = await inRedis(bench, peer, false);
      const withTags = isAble(peer, { near: false, tags: true }) ? await inRedis(bench, peer, true) : null;
      taken.set(peer, [
        without.toFixed(0),
        withTags?.toFixed(0) ?? { missing: peer.lacks.tags ?? 'it was not measured' },
        near.get(peer)?.toFixed(0) ?? { missing: peer.lacks.near ?? 'it was not measured' },
      ]);
    }
    return [
      {
        title: 'Memory per entry',
        about:
          'Bytes for a value of about 300 bytes of JSON. In Redis by MEMORY USAGE of all keys, those of tags too; in the process by the heap after a collection.',
        columns: ['in Redis, no tags', 'in Redis, two tags', 'in the process'],
        rows: rowsOf(bench.peers, (peer) => taken.get(peer)!),
      },
    ];
  },
};
