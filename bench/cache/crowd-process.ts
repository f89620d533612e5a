// One process of a stampede, which is told by messages what to do.
import { setTimeout as delay } from 'node:timers/promises';
import { LOAD_MS, type Order, type Report } from './crowd.js';
import type { Opened } from './peer.js';
import { PEERS, slugOf } from './peers/index.js';
import { VALUE } from './value.js';

const caches = new Map<string, Opened>();

async function obey(order: Order): Promise<number> {
  let loads = 0;
  switch (order.kind) {
    case 'open':
      for (const { slug, prefix } of order.caches) {
        const peer = PEERS.find((each) => slugOf(each) === slug)!;
        const cache = await peer.open({ url: order.url, prefix, near: false, tags: false });
        // Connected before it counts.
        await cache.getOrSet(`warm-${process.pid}`, () => VALUE);
        caches.set(slug, cache);
      }
      break;
    case 'run': {
      const load = async (): Promise<unknown> => {
        loads += 1;
        await delay(LOAD_MS);
        return VALUE;
      };
      const cache = caches.get(order.slug)!;
      await Promise.all(Array.from({ length: order.callers }, () => cache.getOrSet(order.key, load)));
      break;
    }
    case 'close':
      for (const cache of caches.values()) await cache.close();
  }
  return loads;
}

const report = (what: Report): void => void process.send!(what);

process.on('message', (order: Order) => {
  obey(order).then(
    (loads) => report({ loads }),
    (error: Error) => report({ error: error.stack ?? error.message }),
  );
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
