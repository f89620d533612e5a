// A process whose handler says the first half of a page, and the rest when it is told `go`: `url prefix`. It says its port, and `begun` for each run.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { httpCache } from '../../src/http/index.js';
import { CacheManager, RedisStore } from '../../src/index.js';

const [url = '', prefix = ''] = process.argv.slice(2);
const cache = new CacheManager(new RedisStore({ url, timeout: '60s' }), { prefix, storeTimeout: '60s' });
const cached = httpCache(cache, { ttl: '1m', waitTimeout: '1h' });
let letGo = (): void => {};
const gone = new Promise<void>((resolve) => {
  letGo = resolve;
});
const server = createServer((request, response) =>
  cached(request, response, () => {
    if (request.url === '/vary') response.setHeader('Vary', 'X-A');
    response.write('first ');
    console.log('begun');
    void gone.then(() => response.end('second'));
  }),
);
await cache.get('warm');
// No client is told of the end of a connection that it has just begun to use.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
for await (const line of createInterface({ input: process.stdin })) if (line === 'go') letGo();
process.exit(0);
