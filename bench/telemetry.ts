// What being seen costs a call, on the engine that does least: nobody listens, a logger, a subscriber; and a hit of a cache, in memory.
import { CacheManager, entity, MemoryDatabase, MemoryStore, Repository, text } from 'trivet';
import { subscribe } from 'trivet/telemetry';
import { paired } from './kit/paired.js';

const Item = entity('items', { id: text().max(10).primaryKey() });
const nothing = (): void => {};
const plain = new Repository(new MemoryDatabase(), Item);
const logged = new Repository(
  new MemoryDatabase({ logger: { info: nothing, warn: nothing, error: nothing }, slowQuery: '1h' }),
  Item,
);

await paired('exists() on the memory engine', {
  'nobody listens': () => plain.exists({ id: 'a' }),
  'a logger for slow queries': () => logged.exists({ id: 'a' }),
});
const stop = subscribe({ query: nothing });
await paired('exists() on the memory engine, with a subscriber', {
  'a subscriber': () => plain.exists({ id: 'a' }),
  'a subscriber and a logger': () => logged.exists({ id: 'a' }),
});
stop();

const cache = new CacheManager(new MemoryStore());
const near = new CacheManager(new MemoryStore(), { l1: {} });
const load = (): string => 'a';
for (const each of [cache, near]) await each.set('a', 'a');
while (near.stats().nearHits === 0) await near.get('a');
const hits = { 'getOrSet, with l1': () => near.getOrSet('a', load), getOrSet: () => cache.getOrSet('a', load) };
await paired('a hit in the process', hits, { times: 20_000 });
const end = subscribe({ cache: nothing });
await paired('a hit in the process, with a subscriber', hits, { times: 20_000 });
end();
