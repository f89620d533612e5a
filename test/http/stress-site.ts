// One process of the stress on the HTTP cache: `url prefix mode`. It says its port, and then answers lines: `go` lets a stampede through, `counts` says what it saw.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { httpCache } from '../../src/http/index.js';
import { CacheManager, RedisStore } from '../../src/index.js';
import { withoutLeases } from '../cache/without-leases.js';
import { pageOf } from './stress-page.js';

const [url = '', prefix = '', mode = ''] = process.argv.slice(2);
const CROWD = 250;
const redis = new RedisStore({ url, timeout: '60s' });
// What is evicted there is not the truth.
const truths = new RedisStore({ url: new URL('/1', url).href, timeout: '60s' });
const isCareless = mode === 'careless';
const cache = new CacheManager(isCareless ? withoutLeases(redis) : redis, { prefix, storeTimeout: '60s', ttl: '1m' });
const shared = { shareCookies: isCareless, shareAuthorized: isCareless, shareSetCookie: isCareless };
const options = { ttl: '1m', waitTimeout: '1m', ...shared } as const;
const tagged = httpCache(cache, { ...options, tags: ({ url: target }) => [target!] });
const named = httpCache(cache, { ...options, tags: ['named'] });
const plain = httpCache(cache, options);
let runs = 0;
let crowd = 0;
let letGo = (): void => {};
const gone = new Promise<void>((resolve) => {
  letGo = resolve;
});

const truth = (path: string): string => `${prefix}-${path}`;

async function made(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url!;
  const { cookie, authorization, 'accept-language': spoken = '', 'x-nonce': nonce } = request.headers;
  if (request.method === 'POST') {
    // Some say that it was done before it is.
    if (Math.random() < 0.3) response.writeHead(200, { 'Content-Type': 'text/plain' }).flushHeaders();
    await delay(Math.random() * 2);
    response.end(String(await truths.run('INCR', [truth(path)])));
    return;
  }
  runs += 1;
  if (path === '/crowd') await gone;
  const version = Number((await truths.run('GET', [truth(path)])) ?? 0);
  // As slow as what happens meanwhile.
  if (Math.random() < 0.5) await delay(Math.random() * 3);
  const isOwn = path.startsWith('/own') || path.startsWith('/private');
  const who = isOwn ? (cookie ?? authorization ?? '') : '';
  const language = path.startsWith('/vary') ? spoken : '';
  const { etag, bytes } = pageOf({ path, version, language, who });
  response.setHeader('ETag', etag);
  response.setHeader('X-Version', version);
  if (path.startsWith('/vary')) response.setHeader('Vary', 'Accept-Language');
  if (path.startsWith('/private')) response.setHeader('Cache-Control', 'private, max-age=60');
  if (path.startsWith('/short')) response.setHeader('Cache-Control', 'max-age=1, stale-while-revalidate=60');
  if (path.startsWith('/login')) response.setHeader('Set-Cookie', `nonce=${nonce}`);
  if (!path.startsWith('/big')) {
    response.end(bytes);
    return;
  }
  for (let i = 0; i < bytes.length; i += 40_000) {
    response.write(bytes.subarray(i, i + 40_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

const server = createServer((request, response) => {
  if (request.url === '/crowd' && ++crowd === CROWD) console.log('crowd');
  const kind = /^\/[a-z]+/.exec(request.url!)?.[0];
  const cached = kind === '/tagged' ? tagged : kind === '/named' ? named : plain;
  cached(request, response, () => void made(request, response).catch((error) => response.destroy(error)));
});
await cache.get('warm');
await truths.connect();
// No client is told of the end of a connection that it has just begun to use.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go') letGo();
  if (line === 'counts') console.log(JSON.stringify({ runs, errors: cache.stats().errors }));
}
process.exit(0);
