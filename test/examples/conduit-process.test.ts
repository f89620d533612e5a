import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Database, MongoDatabase, PostgresDatabase, Repository } from 'trivet';
import { expect, inject, test } from 'vitest';
import { User } from '../../examples/07-conduit/entities.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';
import { callsOf, PASSWORD } from './conduit/kit.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const postgres = await postgresDatabase();
const mongo = await mongoDatabase();

const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const [, ...args] = scripts['example:conduit'].split(' ') as [string, ...string[]];

function start(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, PORT: '0', ...env } });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let complained = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  /** The address in its first line. */
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const match = /^Conduit on \w+: (\S+)\n/.exec(said);
      if (match !== null) resolve(match[1]!);
    });
    ended.then((code) => reject(new Error(`ended with ${code} before it listened: ${complained}`)));
  });
  address.catch(() => {});
  return { child, ended, address, complained: () => complained };
}

const engines: readonly [string, Readonly<Record<string, string>>, () => Database & { close(): Promise<void> }][] = [
  ['postgres', { DATABASE_URL: postgres.url }, () => new PostgresDatabase({ url: postgres.url })],
  ['mongo', { MONGODB_URI: mongo.url }, () => new MongoDatabase({ url: mongo.url })],
];

// PGlite has one session, which the process would need.
test.skipIf(!inject('postgresReal')).each(engines)(
  'the command serves %s until it is told to end, and leaves the data of a database that was given',
  async (ENGINE, address, open) => {
    const running = start({ ENGINE, ...address, JWT_SECRET: 'kept between two runs, and long enough' });
    const database = open();
    try {
      const base = await running.address;
      const user = { username: 'ann', email: 'ann@conduit.example', password: PASSWORD };
      const { status, body } = await callsOf(base)('POST', '/users', null, { user });
      expect([status, body.user.username]).toEqual([201, 'ann']);
      // A terminal and npm send the signal both.
      for (let i = 0; i < 2; i++) running.child.kill('SIGTERM');
      expect(await running.ended).toBe(0);
      expect(running.complained()).toBe('');
      expect(await new Repository(database, User).count({ username: 'ann' })).toBe(1);
    } finally {
      running.child.kill('SIGKILL');
      await database.close();
    }
  },
);

test('the command takes no secret that is guessed from a token', async () => {
  const running = start({ JWT_SECRET: 'a short secret' });
  expect(await running.ended).toBe(1);
  expect(running.complained()).toContain('JWT_SECRET must have at least 32 bytes');
  expect(running.complained()).not.toContain('a short secret');
});

test('the command knows two engines', async () => {
  const running = start({ ENGINE: 'oracle' });
  expect(await running.ended).toBe(1);
  expect(running.complained()).toContain('must be postgres or mongo');
});
