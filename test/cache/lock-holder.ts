// A process that takes a lock, says its fence, and keeps it by renewal until it is killed: `url` `prefix` `name` `ttl`.
import { type Duration, Locks, RedisLockStore, RedisStore } from '../../src/index.js';

const [url = '', prefix = '', name = '', ttl = ''] = process.argv.slice(2);
const locks = new Locks(new RedisLockStore(new RedisStore({ url }), { prefix }), { ttl: ttl as Duration });
const lock = await locks.acquire(name, { renew: true });
process.stdout.write(`${lock.fence}\n`);
