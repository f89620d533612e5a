import { createServer } from 'node:http';
import pg from 'pg';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { liveness, readiness } from '../../src/http/index.js';
import { ConnectionPoolManager, MongoDatabase, PostgresDatabase } from '../../src/index.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { until } from '../postgres/kit.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

const { url } = await postgresDatabase();
const { url: mongoUrl } = await mongoDatabase();
const closed: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(closed.map((close) => close())));

// PGlite has one session, so that nothing can be asked beside it.
describe.skipIf(!inject('postgresReal'))('pools on real servers', () => {
  it('are opened, asked for version and role, and closed together', async () => {
    const sql = new PostgresDatabase({ url });
    const docs = new MongoDatabase({ url: mongoUrl });
    const pools = await new ConnectionPoolManager({ sql, docs }).connect();
    const { status, checks } = await pools.health();
    expect(status).toBe('pass');
    expect(checks.sql.server).toEqual({ version: inject('postgresVersion'), role: 'primary', writable: true });
    expect(checks.docs.status).toBe('up');
    expect(checks.sql.pool).toMatchObject({ active: 0, waiting: 0 });
    await pools.close();
    expect((await pools.readiness()).ready).toBe(false);
    await expect(sql.query('select 1')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('that are exhausted are degraded, not down: health has a connection of its own', async () => {
    const sql = new PostgresDatabase({ url, max: 1 });
    await using pools = await new ConnectionPoolManager({ sql }).connect();
    const controller = new AbortController();
    const calls = [1, 2].map(() =>
      sql.query('select pg_sleep(600)', [], { signal: controller.signal }).catch(() => {}),
    );
    await until(async () => sql.stats().active === 1 && sql.stats().waiting === 1);
    expect(await pools.checkHealth('sql')).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining('exhausted'),
      server: { role: 'primary' },
    });
    controller.abort();
    await Promise.all(calls);
    expect((await pools.checkHealth('sql')).status).toBe('up');
  });

  it('behind a network that swallows everything are down within their own time, and up when it heals', async () => {
    const proxy = await startFaultProxy(url);
    closed.push(() => proxy.close());
    const sql = new PostgresDatabase({ url: proxy.url(url) });
    await using pools = await new ConnectionPoolManager(
      { sql },
      { healthCheck: { interval: '50ms', timeout: '50ms' } },
    ).connect();
    const statuses: string[] = [];
    pools.on('healthChanged', (_name, { status }) => statuses.push(status));
    await until(async () => statuses.includes('up'));
    await proxy.set({ blackHole: true });
    await until(async () => statuses.includes('down'));
    await proxy.heal();
    await until(async () => statuses.at(-1) === 'up');
    expect(statuses).toEqual(['up', 'degraded', 'down', 'up']);
  });

  it('adopted from the application are checked with its settings, and left open', async () => {
    const own = new pg.Pool({ connectionString: url, application_name: 'the app' });
    closed.push(() => own.end());
    const pools = await new ConnectionPoolManager({ sql: new PostgresDatabase({ pool: own }) }).connect();
    expect((await pools.health()).checks.sql).toMatchObject({ status: 'up', server: { role: 'primary' } });
    const { rows } = await own.query(
      "select application_name as name from pg_stat_activity where application_name like 'the app%' and datname = current_database()",
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(['the app', 'the app (health)']);
    await pools.close();
    expect((await own.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect([own.listenerCount('connect'), own.listenerCount('error')]).toEqual([0, 0]);
  });

  it('take no more connections of the server than one each for their health', async () => {
    const sql = new PostgresDatabase({ url, name: 'counted health' });
    await using pools = await new ConnectionPoolManager({ sql }).connect();
    const warnings: string[] = [];
    const warned = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', warned);
    for (let i = 0; i < 50; i++) await pools.health();
    process.off('warning', warned);
    expect(warnings).toEqual([]);
    const rows = await sql.query("select 1 from pg_stat_activity where application_name = 'counted health (health)'");
    expect(rows).toHaveLength(1);
  });
});

describe('health over HTTP', () => {
  it('is health+json: 200 while ready, 503 when not, no detail where none is wanted, never a secret', async () => {
    const broken = new PostgresDatabase({
      host: '127.0.0.1',
      port: 1,
      user: 'ann',
      password: 'planted',
      database: 'd',
      connectTimeout: '200ms',
    });
    const docs = new MongoDatabase({ url: mongoUrl });
    const pools = new ConnectionPoolManager({ docs, broken }, { optional: ['broken'] });
    const [live, ready, short] = [liveness(pools), readiness(pools), readiness(pools, { details: false })];
    const server = createServer((request, response) => {
      const handler = request.url === '/livez' ? live : request.url === '/short' ? short : ready;
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closed.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { readonly port: number };
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      return { status: response.status, headers: response.headers, body: await response.text() };
    };
    const before = await get('/readyz');
    expect(before.status).toBe(503);
    await pools.connect({ mode: 'background' });
    await until(async () => (await pools.readiness()).ready);
    const after = await get('/readyz');
    expect(after.status).toBe(200);
    expect(after.headers.get('content-type')).toBe('application/health+json');
    expect(after.headers.get('cache-control')).toBe('no-store');
    const body = JSON.parse(after.body);
    expect(body.status).toBe('warn');
    expect(body.checks['docs:responseTime'][0]).toMatchObject({
      status: 'pass',
      componentType: 'datastore',
      observedUnit: 'ms',
    });
    expect(body.checks['broken:responseTime'][0]).toMatchObject({ status: 'fail', required: false });
    expect(after.body).not.toContain('planted');
    expect(JSON.parse((await get('/short')).body)).toEqual({ status: 'warn' });
    const head = await get('/readyz', 'HEAD');
    expect([head.status, head.body]).toEqual([200, '']);
    expect(JSON.parse((await get('/livez')).body)).toMatchObject({ status: 'pass' });
    await pools.close();
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });
});
