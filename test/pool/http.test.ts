import { request as ask, createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import express from 'express';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Handler, liveness, readiness } from '../../src/http/index.js';
import { ConnectionPoolManager, PostgresDatabase, RedisStore } from '../../src/index.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { until } from '../postgres/kit.js';
import { postgresDatabase, redisPrefix } from '../setup/databases.js';

const { url } = await postgresDatabase();
const { url: redisUrl } = await redisPrefix();
const proxy = await startFaultProxy(url);
const pools = new ConnectionPoolManager(
  {
    sql: new PostgresDatabase({ url: proxy.url(url), name: 'the sql', connectTimeout: '1s' }),
    cache: new RedisStore({ url: redisUrl }),
    wrong: new PostgresDatabase({ url: 'postgres://planted:planted@127.0.0.1:1/hidden', connectTimeout: '1s' }),
  },
  { optional: ['wrong'], healthCheck: { interval: '50ms', timeout: '5s', slow: '5s' } },
);
const closing: (() => Promise<unknown>)[] = [() => pools.close(), () => proxy.close()];
afterAll(async () => {
  for (const close of closing) await close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function listening(server: Server): Promise<(path: string, method?: string) => Promise<Answer>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.unshift(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  const { port } = server.address() as { readonly port: number };
  // Not `fetch`: it hides what a HEAD is answered with.
  return (path, method = 'GET') =>
    new Promise((resolve, reject) => {
      const sent = ask({ host: '127.0.0.1', port, path, method }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(pieces).toString() }),
        );
      });
      sent.on('error', reject);
      sent.end();
    });
}

/** A chain of middleware as connect has it. */
function connectLike(routes: readonly (readonly [path: string, handler: Handler])[]): Server {
  return createServer((request, response) => {
    const next = (i: number): void => {
      const route = routes[i];
      if (route === undefined) {
        response.statusCode = 404;
        response.end();
      } else if (request.url === route[0])
        (route[1] as (...all: unknown[]) => void)(request, response, () => next(i + 1));
      else next(i + 1);
    };
    next(0);
  });
}

const routes = [
  ['/readyz', readiness(pools)],
  ['/short', readiness(pools, { details: false })],
  ['/livez', liveness(pools)],
] as const;

function expressLike(): Server {
  const app = express();
  for (const [path, handler] of routes) app.get(path, handler);
  const router = express.Router();
  router.use('/readyz', routes[0][1]);
  app.use('/internal', router);
  return createServer(app);
}

const servers = [
  ['Express 5', await listening(expressLike())],
  ['a chain as of connect', await listening(connectLike(routes))],
] as const;

await pools.connect({ mode: 'background' });

beforeEach(() =>
  until(async () => {
    const { sql, cache, wrong } = pools.lastHealth().checks;
    return sql.status === 'up' && cache.status === 'up' && wrong.status === 'down';
  }),
);

describe.each(servers)('health under %s', (_name, get) => {
  it('is 200 and health+json while the pools that are required are up, with a length and nothing to keep', async () => {
    const { status, headers, body } = await get('/readyz');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/health+json',
      'cache-control': 'no-store',
      'content-length': String(Buffer.byteLength(body)),
    });
    const { status: said, checks } = JSON.parse(body);
    expect(said).toBe('warn');
    expect(checks['sql:responseTime'][0]).toMatchObject({ status: 'pass', required: true, role: 'primary' });
    expect(checks['cache:responseTime'][0]).toMatchObject({ status: 'pass', required: true });
    expect(checks['wrong:responseTime'][0]).toMatchObject({ status: 'fail', required: false });
  });

  it('answers HEAD with the same head and no body', async () => {
    for (const path of ['/short', '/livez']) {
      const [whole, head] = [await get(path), await get(path, 'HEAD')];
      expect([head.status, head.body]).toEqual([whole.status, '']);
      expect(head.headers['content-type']).toBe('application/health+json');
      expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    }
    expect((await get('/readyz', 'HEAD')).body).toBe('');
  });

  it('is 503 while a pool that is required is down, 200 for liveness, and 200 again when it is back', async () => {
    await proxy.set({ refuse: true });
    proxy.reset();
    await until(async () => (await get('/readyz')).status === 503);
    const down = await get('/readyz');
    const { status, output, checks } = JSON.parse(down.body);
    expect(status).toBe('fail');
    expect(output).toContain('sql');
    expect(checks['sql:responseTime'][0].status).toBe('fail');
    expect(down.headers['content-type']).toBe('application/health+json');
    expect((await get('/short')).body).toBe('{"status":"fail"}');
    expect([(await get('/readyz', 'HEAD')).status, (await get('/livez')).status]).toEqual([503, 200]);
    for (const { body } of [down, await get('/livez')]) expectNoSecret(body);
    await proxy.heal();
    await until(async () => (await get('/readyz')).status === 200);
    expectNoSecret((await get('/readyz')).body);
  });
});

describe('health of a router in Express 5', () => {
  it('is served below the path that it is mounted at', async () => {
    const [, get] = servers[0];
    expect((await get('/internal/readyz')).status).toBe(200);
    expect((await get('/internal/other')).status).toBe(404);
  });
});

/** Neither addresses nor logins, of servers that are up or away. */
function expectNoSecret(body: string): void {
  const secrets = [
    'planted',
    'hidden',
    '127.0.0.1',
    'ECONNREFUSED',
    new URL(url).pathname.slice(1),
    new URL(redisUrl).password,
  ];
  for (const secret of secrets.filter(Boolean)) expect(body).not.toContain(secret);
}
