// Measures what values that are kept in the process take there: it is told what to fill, and answers with the bytes of an entry.
import { fill } from './fill.js';
import { PEERS, slugOf } from './peers/index.js';
import { isNear, untilNear } from './validate.js';
import { valueFor } from './value.js';

export interface NearOrder {
  readonly url: string;
  readonly prefix: string;
  readonly slug: string;
  readonly entries: number;
}

export interface NearMemory {
  readonly bytes: number;
}

async function used(): Promise<number> {
  // What is collected may hold what a turn of the loop lets go.
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measured({ url, prefix, slug, entries }: NearOrder): Promise<NearMemory> {
  const cache = await PEERS.find((each) => slugOf(each) === slug)!.open({ url, prefix, near: true, tags: false });
  // The code is compiled before it counts.
  for (let id = 0; id < 500; id++) await cache.getOrSet('warm', () => valueFor(0));
  await untilNear(cache, 'warm');
  const before = await used();
  await fill(cache, entries, valueFor);
  // Some keep a value when it is read for the second time.
  await fill(cache, entries, () => {
    throw new Error('It does not keep as much');
  });
  const after = await used();
  for (let id = 0; id < entries; id += Math.ceil(entries / 50))
    if (!(await isNear(cache, `entry-${id}`))) throw new Error('It does not keep as much in the process');
  await cache.close();
  return { bytes: (after - before) / entries };
}

process.on('message', (order: NearOrder) => {
  measured(order).then(
    (report) => process.send!(report),
    (error: Error) => process.send!({ error: error.stack ?? error.message }),
  );
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
