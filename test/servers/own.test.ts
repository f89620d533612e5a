import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type OwnServer,
  type ServerControls,
  type StartedServer,
  startOwnMongo,
  startOwnPostgres,
  startOwnRedis,
} from '../../src/testing/index.js';
import { isAlive } from '../../src/testing/servers/process-tree.js';

interface Asked {
  ask(): Promise<unknown>;
  write(): Promise<unknown>;
  written(): Promise<number>;
  close(): Promise<void>;
}

const log = (): void => {};
const quiet = { connectionTimeoutMillis: 60_000 };

async function postgresClient(url: string): Promise<Asked> {
  const client = new pg.Client({ connectionString: url, ...quiet });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table if not exists t (a int)');
  return {
    ask: () => client.query('select 1'),
    write: () => client.query('insert into t values (1)'),
    written: async () => Number((await client.query('select count(*) from t')).rows[0].count),
    close: () => client.end().catch(() => {}),
  };
}

async function mongoClient(url: string): Promise<Asked> {
  const client = new MongoClient(url, { retryReads: false, retryWrites: false });
  await client.connect();
  const rows = client.db().collection('t');
  return {
    ask: () => client.db().command({ ping: 1 }),
    write: () => rows.insertOne({ a: 1 }),
    written: () => rows.countDocuments(),
    close: () => client.close(true),
  };
}

async function redisClient(url: string): Promise<Asked> {
  const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  return {
    ask: () => client.ping(),
    write: () => client.incr('t'),
    written: async () => Number(await client.get('t')),
    close: async () => client.disconnect(),
  };
}

const servers: readonly (readonly [
  string,
  () => Promise<StartedServer & OwnServer>,
  (url: string) => Promise<Asked>,
])[] = [
  [
    'PostgreSQL',
    () => startOwnPostgres({ log, durable: true, arguments: ['-c', 'max_connections=17'] }),
    postgresClient,
  ],
  ['MongoDB', () => startOwnMongo({ log, durable: true }), mongoClient],
  ['Redis', () => startOwnRedis({ log, durable: true }), redisClient],
];

describe.each(servers)('a %s server of our own', async (_engine, start, open) => {
  const server = await start();
  const controls: ServerControls = server.process;
  const opened: Asked[] = [];
  const client = async (): Promise<Asked> => {
    const made = await open(server.url);
    opened.push(made);
    return made;
  };
  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()));
    await server.stop();
  });

  it('is a process, with its children', async () => {
    expect(controls.running).toBe(true);
    expect(controls.pids()[0]).toBe(controls.pid);
    expect(controls.pids().every(isAlive)).toBe(true);
    expect(['binary', 'embedded']).toContain(server.origin);
  });

  it('that is frozen answers nothing, and answers what it was asked when it thaws', async () => {
    const before = await client();
    await before.ask();
    await controls.freeze();
    expect(controls.running).toBe(false);
    const states: string[] = [];
    const asked = before.ask().then(() => states.push('answered'));
    await new Promise((resolve) => setImmediate(resolve));
    states.push('thawed');
    await controls.thaw();
    await asked;
    expect(states).toEqual(['thawed', 'answered']);
    expect(controls.running).toBe(true);
  });

  it('that is killed is gone with its children, breaks its connections, and has what it acknowledged when it is back', async () => {
    const before = await client();
    for (let i = 0; i < 3; i++) await before.write();
    const pids = controls.pids();
    await controls.kill();
    expect(pids.some(isAlive)).toBe(false);
    expect([controls.running, controls.pids()]).toEqual([false, []]);
    await expect(before.ask()).rejects.toThrow();
    await controls.restart();
    expect(pids).not.toContain(controls.pid);
    const after = await client();
    expect(await after.written()).toBe(3);
    await after.write();
    expect(await after.written()).toBe(4);
  });

  it('that is frozen can be killed, and started again', async () => {
    await controls.freeze();
    await controls.kill();
    await controls.restart();
    await (await client()).ask();
  });

  it('ends in order, and is started again with its data', async () => {
    const before = await (await client()).written();
    await controls.terminate();
    expect(controls.running).toBe(false);
    await controls.restart();
    expect(await (await client()).written()).toBe(before);
  });
});

describe('a replica set of our own', () => {
  it('of three has another primary when one is killed, and leaves neither process nor folder', async () => {
    const set = await startOwnMongo({ log, members: 3 });
    const data: string[] = [];
    for (const { host } of set.members) {
      const member = new MongoClient(`mongodb://${host}/?directConnection=true`);
      const { parsed } = await member.db('admin').command({ getCmdLineOpts: 1 });
      data.push(parsed.storage.dbPath);
      await member.close();
    }
    expect(data.every((folder) => existsSync(folder))).toBe(true);
    const pids = set.members.flatMap(({ process }) => process.pids());
    const first = await set.primary();
    expect(set.members.map(({ host }) => host)).toContain(first.host);
    expect(set.process).toBe(set.members[0]!.process);
    await first.process.kill();
    const next = await set.primary();
    expect(next.host).not.toBe(first.host);
    const client = await mongoClient(set.url);
    await client.write();
    expect(await client.written()).toBe(1);
    await client.close();
    await next.process.freeze();
    await set.stop();
    expect(pids).toHaveLength(3);
    expect(pids.some(isAlive)).toBe(false);
    expect(data.some((folder) => existsSync(folder))).toBe(false);
  });

  it('whose members do not start leaves no folder, and a set without members is refused', async () => {
    const failed = await startOwnMongo({ log, members: 2, arguments: ['--no-such-option'] }).catch((error) => error);
    const [folder] = /[^\s]*trivet-mongo-\w+/.exec(failed.message) ?? [];
    expect(failed.message).toContain('did not start');
    expect(existsSync(folder!)).toBe(false);
    for (const members of [0, 1.5, 8]) await expect(startOwnMongo({ log, members })).rejects.toThrow('`members`');
  });
});

describe('a server of our own', () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('trivet-postgres-'));

  it('has the files and arguments that were asked for, and those that it is restarted with', async () => {
    const before = folders();
    await using server = await startOwnPostgres({
      log,
      files: { 'extra.conf': 'work_mem = 7MB' },
      arguments: ['-c', 'max_connections=17'],
    });
    const setting = async (name: string): Promise<string> => {
      const client = new pg.Client({ connectionString: server.url, ...quiet });
      await client.connect();
      const { rows } = await client.query('select current_setting($1) as value', [name]);
      await client.end();
      return rows[0].value;
    };
    const [folder] = folders().filter((name) => !before.includes(name));
    expect(existsSync(`${tmpdir()}/${folder}/data/extra.conf`)).toBe(true);
    expect(await setting('max_connections')).toBe('17');
    await server.process.restart(['-c', 'max_connections=18']);
    expect(await setting('max_connections')).toBe('18');
  });

  it('that is frozen is stopped all the same, and leaves neither process nor folder', async () => {
    const before = folders();
    const server = await startOwnPostgres({ log });
    await server.process.freeze();
    const pids = server.process.pids();
    expect(pids.length).toBeGreaterThan(1);
    await server.stop();
    expect(pids.some(isAlive)).toBe(false);
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('has the password that its arguments give, and its address has it too', async () => {
    await using server = await startOwnRedis({ log, arguments: ['--requirepass', 'p@ss/word%1'] });
    expect(decodeURIComponent(new URL(server.url).password)).toBe('p@ss/word%1');
    const client = await redisClient(server.url);
    expect(await client.ask()).toBe('PONG');
    await client.close();
  });

  it('refuses a file that would lie elsewhere', async () => {
    await expect(startOwnRedis({ log, files: { '../x': '' } })).rejects.toThrow('`files`');
  });
});
