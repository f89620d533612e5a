import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import { createServer as createSecureServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { expect, it } from 'vitest';
import { httpCache, type NextHandler } from '../../src/http/index.js';
import { CacheManager, MemoryStore } from '../../src/index.js';
import { until } from './kit.js';

it('an HTTP cache works over HTTP/2, where the client waits for what is made anew', async () => {
  const cached = httpCache(new CacheManager(new MemoryStore()), { ttl: '20ms', staleWhileRevalidate: '1h' });
  let runs = 0;
  const server = createServer((request, response) => {
    const next: NextHandler = () => {
      runs += 1;
      response.setHeader('ETag', '"a"');
      response.write('run ');
      response.end(String(runs));
    };
    cached(request as never, response as never, next);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ask = async (fields: Record<string, string> = {}) => {
    const stream = session.request({ ':path': '/', ...fields });
    const [headers] = await once(stream, 'response');
    let body = '';
    for await (const chunk of stream) body += chunk;
    return { body, status: headers[':status'], cache: String(headers['cache-status']) };
  };
  const warnings: unknown[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  expect(await ask()).toEqual({ body: 'run 1', status: 200, cache: 'trivet; fwd=uri-miss' });
  await until(async () => (await ask({ 'cache-control': 'max-stale' })).cache.startsWith('trivet; hit; ttl'));
  expect(await ask({ 'cache-control': 'max-stale', 'if-none-match': '"a"' })).toMatchObject({ body: '', status: 304 });
  await until(async () => (await ask({ 'cache-control': 'max-stale' })).cache.startsWith('trivet; hit; ttl=-'));
  const before = runs;
  expect(await ask()).toEqual({ body: `run ${before + 1}`, status: 200, cache: 'trivet; fwd=stale' });
  expect((await ask({ ':method': 'POST' })).cache).toBe('trivet; fwd=method');
  process.off('warning', warn);
  expect(warnings).toEqual([]);
  session.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

it('an HTTP cache makes answers anew behind over TLS, apart from those without it', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const cache = new CacheManager(new MemoryStore());
  const keys = new Set<string>();
  cache.on('load', (each) => void keys.add(each));
  const cached = httpCache(cache, { ttl: '20ms', staleWhileRevalidate: '1h' });
  let runs = 0;
  const server = createSecureServer({ key, cert }, (request, response) => {
    cached(request, response, () => void response.end(`run ${++runs}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false, agent: false };
      get(options, (answer) => void answer.toArray().then((parts) => resolve(parts.join('')))).on('error', reject);
    });
  expect(await ask()).toBe('run 1');
  await until(async () => (await ask()) !== 'run 1');
  expect([...keys]).toEqual([expect.stringContaining('https')]);
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
