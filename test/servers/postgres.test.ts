import { inspect } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { type StartedPostgres, startPostgres } from '../../src/testing/index.js';
import { startPglite } from '../../src/testing/servers/pglite.js';
import { expectGone, failure, listens, only, orSkip, sql } from './helpers.js';
import { postgresResidence } from './residence.js';

const databases = async (url: string): Promise<readonly string[]> =>
  (await sql<{ datname: string }>(url, 'select datname from pg_database')).map((row) => row.datname);

async function expectUsable(server: StartedPostgres): Promise<void> {
  const [row] = await sql<{ name: string; version: string; encoding: string }>(
    server.url,
    `select current_database() as name, current_setting('server_version') as version,
            current_setting('server_encoding') as encoding`,
  );
  expect(row?.name).toBe(server.database);
  expect(row?.version.split(' ')[0]).toBe(server.version);
  expect(row?.encoding).toBe('UTF8');
  const other = await server.createDatabase();
  await sql(other.url, 'create table only_here (id integer)');
  const found = await sql(server.url, `select 1 from pg_tables where tablename = 'only_here'`);
  expect(found).toEqual([]);
  expect(await databases(server.url)).toContain(other.name);
  await other.drop();
  await other.drop();
  expect(await databases(server.url)).not.toContain(other.name);
}

describe('the server of the environment', () => {
  test('is the one that DATABASE_URL names, with a database of our own that stop() drops', async () => {
    const url = inject('postgresUrl');
    const options = only('environment', { DATABASE_URL: url });
    const server = await startPostgres(options);
    expect(server).toMatchObject({ origin: 'environment', real: inject('postgresReal') });
    await expectUsable(server);
    const left = await server.createDatabase();
    await server.stop();
    await server.stop();
    const remaining = await databases(url);
    expect(remaining).not.toContain(server.database);
    expect(remaining).not.toContain(left.name);
    expect(options.lines).toEqual([
      expect.stringContaining(`PostgreSQL ${server.version} at ${new URL(url).hostname}`),
    ]);
  });

  test('is the one that PGHOST and its companions name', async () => {
    const { hostname, port, username, password, pathname } = new URL(inject('postgresUrl'));
    await using server = await startPostgres(
      only('environment', {
        PGHOST: hostname,
        PGPORT: port,
        PGUSER: username,
        PGDATABASE: pathname.slice(1),
        ...(password ? { PGPASSWORD: password } : {}),
      }),
    );
    await expectUsable(server);
  });

  test('is an error that names the variable and hides the password when it does not answer', async () => {
    const DATABASE_URL = 'postgres://someone:hunter%212@127.0.0.1:1/app';
    const error = await failure(startPostgres({ log: () => {}, env: { DATABASE_URL } }));
    expect(error.code).toBe('SERVER_NOT_FOUND');
    expect(error.tried).toHaveLength(1);
    expect(error.message).toContain('DATABASE_URL');
    expect(error.message).toContain('127.0.0.1:1');
    expect(inspect(error)).not.toMatch(/hunter/);
  });

  test.for(['mysql://me:hunter2@localhost/app', 'postgres://me:hunter2@[oops/app', 'hunter2'])(
    'is an error that names the variable and hides the password when it is no address (%#)',
    async (DATABASE_URL) => {
      const error = await failure(startPostgres({ log: () => {}, env: { DATABASE_URL } }));
      expect(error.message).toContain('DATABASE_URL');
      expect(inspect(error)).not.toMatch(/hunter/);
    },
  );
});

describe('the server on the local port', () => {
  test('is used with a database of our own, next to those of others', async (context) => {
    const missing = /ECONNREFUSED|authentication|password|role/;
    const server = await orSkip(context, missing, startPostgres(only('local')));
    expect(server.origin).toBe('local');
    await expectUsable(server);
    const before = await databases(server.url);
    await server.stop();
    expect(before).toContain(server.database);
  });
});

describe.for(['binary', 'embedded'] as const)('a server of our own (%s)', (origin) => {
  test('works, and stop() leaves neither process nor folder', async (context) => {
    const options = only(origin);
    const server = await orSkip(context, /not found/, startPostgres(options));
    expect(server).toMatchObject({ origin, real: true });
    const residence = await postgresResidence(server.url);
    await expectUsable(server);
    await server.stop();
    expect(await listens(server.url)).toBe(false);
    await expectGone(residence);
    const { password } = new URL(server.url);
    expect(password).not.toBe('');
    expect(options.lines.join()).not.toContain(password);
  });

  test('lets nobody in without its password', async (context) => {
    await using server = await orSkip(context, /not found/, startPostgres(only(origin)));
    const url = new URL(server.url);
    url.password = 'wrong';
    const error = await failure(startPostgres(only('environment', { DATABASE_URL: url.href })));
    expect(error.message).toContain('password authentication failed');
    expect(error.message).not.toContain('wrong');
  });

  test('starts beside another one', async (context) => {
    const [a, b] = await orSkip(
      context,
      /not found/,
      Promise.all([startPostgres(only(origin)), startPostgres(only(origin))]),
    );
    expect(new URL(a.url).port).not.toBe(new URL(b.url).port);
    await Promise.all([expectUsable(a), expectUsable(b)]);
    await a.stop();
    await expectUsable(b);
    await b.stop();
  });
});

test('without any step the error lists them all, and three things to do', async () => {
  const error = await failure(startPostgres({ skip: ['environment', 'local', 'binary', 'embedded'] }));
  expect(error.tried.map((step) => step.origin)).toEqual(['environment', 'local', 'binary', 'embedded', 'embedded']);
  expect(error.fixes).toHaveLength(3);
  for (const { place } of error.tried) expect(error.message).toContain(place);
});

test('PGlite takes ordinary connections, one transaction at a time', async () => {
  const server = await startPglite();
  await sql(server.url, 'create table account (id integer primary key, name text)');
  const insert = (id: number) =>
    sql(server.url, `begin; insert into account values (${id}, 'é'); ${id % 2 ? 'rollback' : 'commit'}`);
  await Promise.all([1, 2, 3, 4].map(insert));
  expect(await sql(server.url, 'select id, name from account order by id')).toEqual([
    { id: 2, name: 'é' },
    { id: 4, name: 'é' },
  ]);
  await expect(insert(2)).rejects.toMatchObject({ code: '23505', constraint: 'account_pkey' });
  // The connection that failed is gone, and its transaction with it.
  expect(await sql(server.url, 'select count(*)::int as n from account')).toEqual([{ n: 2 }]);
  await server.stop();
  expect(await listens(server.url)).toBe(false);
});
