// A process that takes a lock, says its fence, and keeps it by renewal until it is killed: `url` `prefix` `name` `ttl`. Where the machine was so busy that it
// lost the lock, it takes it again.
import { once } from 'node:events';
import { type Duration, Locks, RedisLockStore, RedisStore } from '../../src/index.js';

const [url = '', prefix = '', name = '', ttl = ''] = process.argv.slice(2);
const locks = new Locks(new RedisLockStore(new RedisStore({ url }), { prefix }), { ttl: ttl as Duration });
for (;;) {
  const { fence, signal } = await locks.acquire(name, { renew: true, wait: '1h' });
  process.stdout.write(`${fence}\n`);
  if (!signal.aborted) await once(signal, 'abort');
}
