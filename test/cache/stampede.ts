// One process of a stampede: `url prefix`. It is told what to do by lines: `go`, then `good` or `bad`, which is how its load ends if it has one.
import { createInterface } from 'node:readline';
import { CacheManager, RedisStore } from '../../src/index.js';

const CALLERS = 250;
const [url = '', prefix = ''] = process.argv.slice(2);
const redis = new RedisStore({ url });
const cache = new CacheManager(redis, { prefix, storeTimeout: '5s' });
await cache.get('warm');
let loads = 0;
let failedAt: number | null = null;
let end = (_how: string): void => {};
const how = new Promise<string>((resolve) => {
  end = resolve;
});
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
console.log('ready');
await lines.next();
const calls = Array.from({ length: CALLERS }, () =>
  cache.getOrSet('hot', async () => {
    loads += 1;
    if ((await how) === 'bad') {
      failedAt = Date.now();
      throw Object.assign(new Error('the load failed'), { code: 'ENO' });
    }
    return { from: process.pid };
  }),
);
const settled = Promise.allSettled(calls);
while (cache.stats().misses < CALLERS + 1) await new Promise((resolve) => setImmediate(resolve));
// Answered behind the request for the lease.
await cache.get('another');
await cache.get('another');
console.log('waiting');
end(String((await lines.next()).value));
const results = await settled;
const endedAt = Date.now();
const values = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value.from] : []));
const errors = results.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: string }).code] : []));
const told = { loads, values: [...new Set(values)], errors: [...new Set(errors)], served: results.length };
console.log(JSON.stringify({ ...told, failedAt, endedAt }));
await redis.close({ deadline: '1ms' });
process.exit(0);
