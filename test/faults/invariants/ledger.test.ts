import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { MongoDatabase, PostgresDatabase, RedisStore, Repository } from '../../../src/index.js';
import { startOwnMongo, startOwnPostgres, startOwnRedis } from '../../../src/testing/index.js';
import { type Both, Entry } from './entries.js';
import { audit } from './ledger.js';

const KILLS = 3;
const ACKNOWLEDGED = 25;

// Of their own: a transaction of a process that was killed lives on for a minute on MongoDB, and would be in the way of others.
const log = (): void => {};
const [postgres, mongo] = await Promise.all([
  startOwnPostgres({ log, durable: true }),
  startOwnMongo({ log, durable: true }),
]);
const all = [
  { name: 'PostgreSQL', url: postgres.url, database: new PostgresDatabase({ url: postgres.url }) },
  { name: 'MongoDB', url: mongo.url, database: new MongoDatabase({ url: mongo.url }) },
];
for (const { database } of all) await new Repository(database as unknown as Both, Entry).ensureSchema();
afterAll(async () => {
  await Promise.all(all.map(({ database }) => database.close({ deadline: '1s' })));
  await Promise.all([postgres.stop(), mongo.stop()]);
});

/** Runs the writer, and kills it in the middle of what it has not acknowledged yet. Gives what it acknowledged. */
async function killed(name: string, url: string, promise: 'kept' | 'early' | 'torn', after: number): Promise<string[]> {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, name, url, promise], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the process ended by itself')));
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.split('\n').length > after) resolve();
    });
  });
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
  // The last line may have been cut.
  return said.split('\n').slice(0, -1);
}

describe.each(all)('a process that is killed with -9 while it writes to $name', ({ name, url, database }) => {
  const entries = new Repository(database as unknown as Both, Entry);
  const stored = async (): Promise<string[]> => (await entries.find({})).map(({ tag }) => tag!);
  beforeEach(() => entries.deleteMany({}, { all: true }));

  it('leaves what was acknowledged, and no transaction in halves', async () => {
    const acknowledged = new Set<string>();
    for (let i = 0; i < KILLS; i++)
      for (const pair of await killed(name, url, 'kept', ACKNOWLEDGED + i)) acknowledged.add(pair);
    expect(acknowledged.size).toBeGreaterThan(KILLS * ACKNOWLEDGED - 1);
    expect(audit(acknowledged, await stored(), 2)).toEqual({ lost: [], torn: [] });
  });

  it('the control: what it acknowledged before it wrote is found', async () => {
    const acknowledged = await killed(name, url, 'early', 1);
    expect(audit(acknowledged, await stored(), 2)).toEqual({ lost: acknowledged, torn: [] });
  });

  it('the control: what it acknowledged in halves is found', async () => {
    const acknowledged = await killed(name, url, 'torn', 1);
    const { lost, torn } = audit(acknowledged, await stored(), 2);
    expect(lost).toEqual(acknowledged);
    expect(torn).toEqual(expect.arrayContaining(acknowledged));
  });
});

// MongoDB has no switch that makes a loss sure: its journal goes to the disk by a clock.
describe('a server that is killed with -9', () => {
  const ids = Array.from({ length: 20 }, (_, i) => `entry ${i}`);

  it.each([
    ['keeps what it acknowledged', true, []],
    ['the control: it is found to have lost what it acknowledged before it wrote it', false, ids],
  ] as const)('PostgreSQL: %s', async (_what, durable, lost) => {
    const server = await startOwnPostgres({ log, durable });
    try {
      const database = new PostgresDatabase({ url: server.url });
      const entries = new Repository(database, Entry);
      await entries.ensureSchema();
      await database.query('checkpoint');
      const helpers = await database.query<{ readonly pid: number }>(
        "select pid from pg_stat_activity where backend_type <> 'client backend'",
      );
      // Nobody writes for the session what it has not written itself.
      for (const { pid } of helpers) process.kill(pid, 'SIGSTOP');
      const acknowledged: string[] = [];
      for (const id of ids) acknowledged.push((await entries.insert({ id })).id);
      await server.process.kill();
      await server.process.restart();
      const stored = (await entries.find({})).map(({ id }) => id);
      expect(audit(acknowledged, stored)).toEqual({ lost, torn: [] });
      await database.close();
    } finally {
      await server.stop();
    }
  });

  it.each([
    ['keeps what it acknowledged', true, []],
    ['the control: it is found to have lost what it kept in memory', false, ids],
  ] as const)('Redis: %s', async (_what, durable, lost) => {
    const server = await startOwnRedis({ log, durable });
    try {
      const store = new RedisStore({ url: server.url, timeout: '60s' });
      const acknowledged: string[] = [];
      for (const id of ids) {
        await store.run('SET', [id, 1]);
        acknowledged.push(id);
      }
      await server.process.kill();
      await server.process.restart();
      expect(audit(acknowledged, (await store.run('KEYS', ['*'], { idempotent: true })) as string[])).toEqual({
        lost,
        torn: [],
      });
      await store.close();
    } finally {
      await server.stop();
    }
  });
});
