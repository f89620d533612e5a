// What being seen costs a call, on the engine that does least: nobody listens, a logger, a subscriber.
import { entity, MemoryDatabase, Repository, text } from 'trivet';
import { subscribe } from 'trivet/telemetry';
import { paired } from './paired.js';

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
