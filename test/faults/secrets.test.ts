import { createServer } from 'node:http';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { readiness } from '../../src/http/index.js';
import {
  ConnectionPoolManager,
  type Database,
  entity,
  integer,
  MongoDatabase,
  PostgresDatabase,
  RedisStore,
  Repository,
  type Resource,
  text,
} from '../../src/index.js';
import {
  type FaultProxy,
  startFaultProxy,
  startOwnMongo,
  startOwnPostgres,
  startOwnRedis,
} from '../../src/testing/index.js';
import { Journal } from './journal.js';

/** Planted where secrets are: nothing that a person or a log may see holds one. */
const SECRETS = {
  postgres: 'planted-password-of-postgres',
  mongo: 'planted-password-of-mongo',
  redis: 'planted-password-of-redis',
  token: 'planted-token-of-a-function',
  passphrase: 'planted-passphrase-of-a-key',
  row: 'planted-value-of-a-row',
} as const;

const log = (): void => {};
const [postgres, mongo, redis] = await Promise.all([
  startOwnPostgres({ log }),
  startOwnMongo({ log, files: { keyfile: 'planted'.padEnd(100, 'k') } }),
  startOwnRedis({ log }),
]);

/** Everything that is said here, beside what the suite writes down of every file. */
const journal = new Journal(SECRETS);
const note = (from: string, value: unknown): void => journal.note(from, value);

const Note = entity('notes', {
  id: text().max(40).primaryKey(),
  text: text().max(30).unique(),
  n: integer().default(0),
});
const proxies: Record<'sql' | 'docs' | 'store', FaultProxy> = {
  sql: await startFaultProxy(postgres.url),
  docs: await startFaultProxy(mongo.url),
  store: await startFaultProxy(redis.url),
};

const owner = new pg.Client({ connectionString: postgres.url });
await owner.connect();
await owner.query(`create role ann login superuser password '${SECRETS.postgres}'`);
await owner.query(`create role token login superuser password '${SECRETS.token}'`);
await owner.end();
const admin = new MongoClient(mongo.url);
await admin.connect();
await admin.db('admin').command({ createUser: 'ann', pwd: SECRETS.mongo, roles: ['root'] });
await admin.close();
await mongo.process.restart(['--auth', '--keyFile', 'keyfile']);
const redisAdmin = new RedisStore({ url: redis.url });
await redisAdmin.run('ACL', ['SETUSER', 'ann', 'on', `>${SECRETS.redis}`, 'allkeys', 'allcommands']);

const as = (url: string, user: string, password: string): string => {
  const address = new URL(url);
  address.username = user;
  address.password = password;
  return address.href;
};
const urls = {
  sql: as(proxies.sql.url(postgres.url), 'ann', SECRETS.postgres),
  docs: `${as(proxies.docs.url(mongo.url), 'ann', SECRETS.mongo)}&authSource=admin`,
  store: as(proxies.store.url(redis.url), 'ann', SECRETS.redis),
};
const limits = { connectTimeout: '500ms', timeout: '2s' } as const;
const sql = new PostgresDatabase({ url: urls.sql, max: 2, acquireTimeout: '200ms', leakDetection: '1ms', ...limits });
const docs = new MongoDatabase({ url: urls.docs, max: 2, acquireTimeout: '200ms', ...limits });
const store = new RedisStore({ url: urls.store, ...limits });
const token = new PostgresDatabase({
  url: urls.sql,
  user: 'token',
  password: async () => SECRETS.token,
  max: 1,
  ...limits,
});
const locked = new PostgresDatabase({
  url: urls.sql,
  ssl: {
    key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----',
    passphrase: SECRETS.passphrase,
  },
  ...limits,
});
const line = (level: string) => (what: object, message: string) => note(`log ${level}`, [what, message]);
const pools = new ConnectionPoolManager(
  { sql, docs, store, token, locked },
  { optional: ['locked'], logger: { info: line('info'), warn: line('warn'), error: line('error') } },
);
for (const name of ['connected', 'disconnected', 'reconnected', 'error', 'healthChanged'] as const)
  pools.on(name, (...values: readonly unknown[]) => note(`event ${name}`, values));

afterAll(async () => {
  await pools.close({ deadline: '2s' }).catch((error) => note('close', error));
  await redisAdmin.close();
  await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  await Promise.all([postgres.stop(), mongo.stop(), redis.stop()]);
});

/** Makes a call, and writes down what it fails with. */
async function tried(from: string, call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    note(from, error);
    return error;
  }
}

async function seen(when: string): Promise<void> {
  note(`health ${when}`, await pools.health());
  note(`readiness ${when}`, await pools.readiness());
  note(`stats ${when}`, pools.stats());
  for (const [name, resource] of Object.entries({ sql, docs, store, token, locked, pools }))
    note(`inspect ${name} ${when}`, resource);
}

/** What goes wrong with rows. */
async function rows(name: string, database: Database & Resource): Promise<void> {
  const notes = new Repository(database as Database<'memory'>, Note);
  await notes.ensureSchema();
  await notes.insert({ id: 'a', text: SECRETS.row });
  const wrong: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['duplicate', () => notes.insert({ id: 'b', text: SECRETS.row })],
    ['too long', () => notes.insert({ id: 'c', text: SECRETS.row.repeat(2) })],
    ['wrong type', () => notes.insert({ id: 'd', text: 'x', n: SECRETS.row as never })],
    ['no such row', () => notes.get(SECRETS.row)],
    ['aborted', () => notes.find({ text: SECRETS.row }, { signal: AbortSignal.abort() })],
    ['too late', () => notes.find({ text: SECRETS.row }, { timeout: '1ms' })],
  ];
  for (const [what, call] of wrong) await tried(`${name}: ${what}`, call());
}

describe('six planted secrets', () => {
  it('are in no error, event, log line, health report, inspect or JSON, whatever goes wrong', async () => {
    await pools.connect();
    await seen('at the start');
    await rows('PostgreSQL', sql);
    await rows('MongoDB', docs);
    await tried('raw SQL with a parameter', sql.query('select $1::int', [SECRETS.row]));
    await tried('raw SQL of the caller', sql.query(`select '${SECRETS.row}'::int`));
    await tried('a Redis command', store.run('INCR', [SECRETS.row, 'too many']));
    await tried('a Redis script', store.script(`return redis.error_reply('MINE ' .. ARGV[1])`, [], [SECRETS.row]));
    await tried('TLS', locked.connect());

    const notes = { sql: new Repository(sql, Note), docs: new Repository(docs, Note) };
    for (const name of ['sql', 'docs', 'store'] as const) {
      const proxy = proxies[name];
      const write = (): Promise<unknown> =>
        name === 'store'
          ? store.run('SET', ['k', SECRETS.row], { timeout: '300ms' })
          : notes[name].updateMany({ text: SECRETS.row }, { n: 1 }, { timeout: '300ms' });
      void proxy.dropReply({ holding: name === 'store' ? 'SET' : 'update' });
      await tried(`${name}: lost reply`, write());
      await proxy.set({ blackHole: true });
      await tried(`${name}: black hole`, write());
      await seen(`${name} in a black hole`);
      await proxy.set({ refuse: true });
      proxy.reset();
      await tried(`${name}: refused`, write());
      await seen(`${name} refused`);
      await proxy.heal();
    }

    await Promise.all([postgres.process.kill(), mongo.process.kill(), redis.process.kill()]);
    await Promise.all([
      tried('killed PostgreSQL', sql.query('select 1')),
      tried('killed PostgreSQL, by token', token.query('select 1')),
      tried('killed MongoDB', docs.ping()),
      tried('killed Redis', store.run('PING')),
    ]);
    await seen('all killed');
    await Promise.all([postgres.process.restart(), mongo.process.restart(), redis.process.restart()]);

    const wrong = [
      new PostgresDatabase({ url: as(urls.sql, 'ann', `${SECRETS.postgres}-wrong`), ...limits }),
      new PostgresDatabase({ url: urls.sql, password: () => Promise.reject(new Error(SECRETS.token)), ...limits }),
      new MongoDatabase({ url: as(urls.docs, 'ann', `${SECRETS.mongo}-wrong`), ...limits }),
      new RedisStore({ url: as(urls.store, 'ann', `${SECRETS.redis}-wrong`), ...limits }),
      new RedisStore({ url: urls.store, password: () => Promise.reject(new Error(SECRETS.token)), ...limits }),
    ];
    for (const [i, each] of wrong.entries()) {
      await tried(`wrong credentials ${i}`, each.connect());
      await tried(`wrong credentials ${i}, probe`, each.probe());
      note(`wrong credentials ${i}, inspect`, each);
      await each.close({ deadline: '500ms' });
    }
    for (const make of [
      () => new PostgresDatabase({ url: `postgres://ann:${SECRETS.postgres}@[` }),
      () => new PostgresDatabase({ url: `mysql://ann:${SECRETS.postgres}@localhost` }),
      () => new MongoDatabase({ url: `mongodb:/ann:${SECRETS.mongo}@localhost` }),
      () => new RedisStore({ url: `http://ann:${SECRETS.redis}@localhost` }),
      () => new RedisStore({ password: [SECRETS.redis] as never }),
    ]) {
      await tried('wrong option', (async () => make())());
    }

    const server = createServer((request, response) => readiness(pools)(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    note('HTTP', await (await fetch(`http://127.0.0.1:${port}/`)).text());
    await new Promise((resolve) => server.close(resolve));

    expect(journal.leaks()).toEqual([]);
    const kinds = new Set(journal.sources.map((from) => from.split(' ')[0]));
    for (const kind of [
      'event',
      'log',
      'health',
      'readiness',
      'inspect',
      'HTTP',
      'PostgreSQL:',
      'MongoDB:',
      'killed',
      'wrong',
    ])
      expect(kinds).toContain(kind);
    expect(journal.count(/Error/)).toBeGreaterThan(30);
  });

  it('the control: one that is shown is found', () => {
    note('a leak', new Error('wrapped', { cause: new Error(`the password is ${SECRETS.postgres}`) }));
    note('another', { nested: [{ value: SECRETS.row }] });
    expect(journal.leaks()).toEqual(['a leak shows postgres', 'another shows row']);
  });
});
