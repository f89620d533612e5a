import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MongoDatabase, PostgresDatabase, Repository } from '../../../src/index.js';
import { startOwnMongo, startOwnPostgres } from '../../../src/testing/index.js';
import { type Both, Entry } from './entries.js';

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

describe.each(all)('a process that is killed with -9 while it writes to $name', ({ name, url, database }) => {
  it('leaves what was acknowledged, and no transaction in halves', async () => {
    const script = fileURLToPath(new URL('writer.ts', import.meta.url));
    const acknowledged = new Set<string>();
    for (let i = 0; i < KILLS; i++) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, name, url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      let said = '';
      await new Promise<void>((resolve, reject) => {
        child.once('exit', () => reject(new Error('the process ended by itself')));
        child.stdout.on('data', (bytes) => {
          said += bytes;
          // In the middle of others, which are not acknowledged yet.
          if (said.split('\n').length > ACKNOWLEDGED + i) resolve();
        });
      });
      child.kill('SIGKILL');
      expect(await exit).toEqual([null, 'SIGKILL']);
      // The last line may have been cut.
      for (const pair of said.split('\n').slice(0, -1)) acknowledged.add(pair);
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS * ACKNOWLEDGED - 1);
    const halves = new Map<string, number>();
    for (const { tag } of await new Repository(database as unknown as Both, Entry).find({}))
      halves.set(tag!, (halves.get(tag!) ?? 0) + 1);
    expect([...acknowledged].filter((pair) => halves.get(pair) !== 2)).toEqual([]);
    expect([...halves].filter(([, count]) => count !== 2)).toEqual([]);
  });
});
