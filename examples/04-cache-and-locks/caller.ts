// One of the processes of the stampede: `url prefix`. It asks when it is told to, and says how many loads it has made.
import { once } from 'node:events';
import { CacheManager, RedisStore } from 'trivet';

const [url = '', prefix = ''] = process.argv.slice(2);
const redis = new RedisStore({ url });
const cache = new CacheManager(redis, { prefix, storeTimeout: '5s' });
await redis.connect();
let loads = 0;
process.send!('ready');
await once(process, 'message');
const values = await Promise.all(
  Array.from({ length: 250 }, () =>
    cache.getOrSet('front page', async () => {
      loads += 1;
      // A slow report.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return `made by process ${process.pid}`;
    }),
  ),
);
process.send!({ loads, values: [...new Set(values)] });
await redis.close();
process.disconnect();
