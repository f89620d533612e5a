import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { AuthenticationError, entity, integer, MongoDatabase, Repository, uuid } from '../../../src/index.js';
import { startOwnMongo } from '../../../src/testing/index.js';
import { until } from '../../postgres/kit.js';
import { caught } from './kit.js';

// A set needs a key for its members before it asks others for a password.
const server = await startOwnMongo({ log: () => {}, files: { keyfile: randomBytes(60).toString('base64') } });
const plain = new MongoClient(server.url);
await plain.connect();
await plain.db('admin').command({ createUser: 'root', pwd: 'root secret', roles: ['root'] });
await plain.db('admin').command({ createUser: 'ann', pwd: 'first planted', roles: ['readWriteAnyDatabase'] });
await plain.close();
await server.process.restart(['--auth', '--keyFile', 'keyfile']);
// Users are kept in `admin`, not in the database of the address.
const url = `${server.url}&authSource=admin`;
const admin = new MongoClient(url, { auth: { username: 'root', password: 'root secret' } });
await admin.connect();

const Entry = entity('entries', { id: uuid().primaryKey(), n: integer() });
const databases: MongoDatabase[] = [];
function opened(options: ConstructorParameters<typeof MongoDatabase>[0]): MongoDatabase {
  const database = new MongoDatabase({ url, name: 'app', ...options });
  databases.push(database);
  return database;
}

afterAll(async () => {
  await Promise.all(databases.map((database) => database.close({ deadline: '1s' })));
  await admin.close();
  await server.stop();
});

const ends = (): Promise<unknown> =>
  admin
    .db('admin')
    .command({ dropConnections: 1, hostAndPort: [] })
    .catch(() => {});

describe('credentials', () => {
  it('that are wrong fail at once, are not retryable, and show nowhere', async () => {
    const database = opened({ user: 'ann', password: 'wrong planted', connectTimeout: '60s' });
    const calls = [database.connect(), new Repository(database, Entry).count(), database.probe()];
    for (const error of await Promise.all(calls.map(caught))) {
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ retryable: false, outcome: 'not-executed' });
      expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    }
    expect(inspect(database, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
  });

  it('that rotate: connections that are open go on, and a new one gets the new password', async () => {
    let current = 'first planted';
    let asked = 0;
    const database = opened({
      user: 'ann',
      password: async () => {
        asked += 1;
        return current;
      },
      max: 4,
    });
    const entries = new Repository(database, Entry);
    await entries.ensureSchema();
    await entries.insert({ n: 1 });
    expect(asked).toBe(1);
    await admin.db('admin').command({ updateUser: 'ann', pwd: 'second planted' });
    current = 'second planted';
    await ends();
    // More calls than there are connections: new ones have to log in.
    const counts = await Promise.all(Array.from({ length: 12 }, () => entries.count()));
    expect(counts).toEqual(Array.from({ length: 12 }, () => 1));
    await until(async () => asked >= 2);
    expect(await entries.count()).toBe(1);
    await admin.db('admin').command({ updateUser: 'ann', pwd: 'first planted' });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('planted'))],
    ['gives no string', () => undefined as never],
    ['never ends', () => new Promise<string>(() => {})],
  ])('whose function %s are an AuthenticationError, without what it said', async (_what, password) => {
    const database = opened({ user: 'ann', password, connectTimeout: '100ms' });
    const error = await caught(database.connect());
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY })).not.toContain('planted');
  });

  it('need a user and a password together, and no client of the application', () => {
    expect(() => opened({ user: 'ann' })).toThrow('Expected `user` and `password` together');
    expect(() => new MongoDatabase({ client: admin as never, name: 'app', user: 'ann', password: 'x' })).toThrow(
      '`user` cannot be given',
    );
  });
});
