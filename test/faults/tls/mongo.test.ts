import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect as secure } from 'node:tls';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entity, integer, MongoDatabase, type MongoOptions, Repository, uuid } from '../../../src/index.js';
import { startFaultProxy, startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { CA, type Certificate, CLIENT, PASSPHRASE, REFUSED, SERVER } from './certificates.js';
import { caught, expectDiscreet, expectRefused, FOREVER, fronted, PASSWORD, waitedFor } from './kit.js';

const pem = ({ cert, key }: Certificate): string => `${cert}\n${key}`;
// Both take plain connections until the first is told otherwise: a server of our own is made ready by one.
const common = ['--tlsMode', 'preferTLS', '--tlsCertificateKeyFile', 'server.pem', '--tlsCAFile', 'ca.pem'];
const files = { 'server.pem': pem(SERVER.good), 'ca.pem': CA };
const start = (...further: readonly string[]) =>
  startOwnMongo({ log: () => {}, files, arguments: [...common, ...further] });
const [server, strict] = await Promise.all([start('--tlsAllowConnectionsWithoutCertificates'), start()]);
const port = Number(new URL(server.url).port);

const admin = new MongoClient(server.url, { tls: true, ca: CA });
await admin.connect();
const { parsed } = await admin.db('admin').command({ getCmdLineOpts: 1 });
const certificate = join(dirname(parsed.storage.dbPath), 'server.pem');

/** The server shows this certificate from now on. */
async function show(name: keyof typeof SERVER): Promise<void> {
  writeFileSync(certificate, pem(SERVER[name]));
  await admin.db('admin').command({ rotateCertificates: 1 });
}

const open: (() => Promise<unknown>)[] = [];

async function behindFront(shown: Certificate): Promise<number> {
  const front = await fronted(shown, () => secure({ host: '127.0.0.1', port, ca: CA }));
  open.push(() => front.close());
  return front.port;
}

/** Where a server shows this certificate. */
async function showing(name: keyof typeof SERVER): Promise<number> {
  // `mongod` itself takes no certificate that has expired.
  if (name === 'expired') return behindFront(SERVER.expired);
  await show(name);
  return port;
}

function opened(options: MongoOptions, query = '', at = port, host = 'localhost'): MongoDatabase {
  const url = `mongodb://ann:${PASSWORD}@${host}:${at}/app?authSource=admin&directConnection=true${query}`;
  const database = new MongoDatabase({ url, acquireTimeout: '10m', ...FOREVER, ...options });
  open.push(() => database.close({ deadline: '1s' }));
  return database;
}

const Entry = entity('entries', { id: uuid().primaryKey(), n: integer() });
const count = (database: MongoDatabase): Promise<number> => new Repository(database, Entry).count();

expectNothingUncaught();
beforeAll(async () => {
  await admin.db('admin').command({ createUser: 'ann', pwd: PASSWORD, roles: ['readWriteAnyDatabase'] });
  await admin.db('admin').command({ setParameter: 1, tlsMode: 'requireTLS' });
});
afterAll(async () => {
  await Promise.all(open.map((close) => close()));
  await admin.close();
  await Promise.all([server.stop(), strict.stop()]);
});

describe('TLS with MongoDB', () => {
  beforeEach(() => show('good'));

  it('by a certificate of a known authority connects, to a server that takes no plain connections', async () => {
    const database = opened({ tls: { ca: CA } });
    await database.connect();
    expect(await count(database)).toBe(0);
    expect(await database.probe()).toMatchObject({ role: 'primary', writable: true });
    expectDiscreet(database);
    const plain = await caught(opened({ tls: false, connectTimeout: '1s' }).connect());
    expect(plain).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'not-executed' });
  });

  describe.each(REFUSED)('whose certificate %s', (_what, name, reason) => {
    let at: number;
    beforeEach(async () => {
      at = await showing(name);
    });

    it('is refused at once, by whatever comes first, and not tried again', async () => {
      const firsts: readonly ((database: MongoDatabase) => Promise<unknown>)[] = [
        (database) => caught(database.connect()),
        (database) => caught(count(database)),
        (database) => caught(database.ping()),
        (database) => caught(database.probe()),
        (database) => waitedFor(database),
      ];
      for (const first of firsts) {
        const proxy = await startFaultProxy(`mongodb://127.0.0.1:${at}/`);
        open.push(() => proxy.close());
        const database = opened({ tls: { ca: CA } }, '', proxy.port);
        expectRefused(await first(database), reason);
        await until(async () => proxy.counts.open === 0);
        expect(proxy.counts.accepted).toBe(1);
        expectDiscreet(database);
      }
    });

    it('is refused at once by every call, one after the other and together, until it is mended', async () => {
      const database = opened({ tls: { ca: CA } }, '', at);
      for (let i = 0; i < 3; i += 1) expectRefused(await caught(count(database)), reason);
      for (const error of await Promise.all([1, 2, 3].map(() => caught(count(database))))) expectRefused(error, reason);
      await show('good');
      if (at === port) expect(await count(database)).toBe(0);
    });

    it('is taken by who asks for no verification: nothing else is wrong with it', async () => {
      expect(await count(opened({ tls: { ca: CA, rejectUnauthorized: false } }, '', at))).toBe(0);
    });
  });

  it('of a client that the application brought is refused at once too', async () => {
    await show('selfSigned');
    const client = new MongoClient(`mongodb://localhost:${port}/?directConnection=true`, {
      tls: true,
      ca: CA,
      serverSelectionTimeoutMS: 600_000,
    });
    const database = new MongoDatabase({ client, name: 'app', ...FOREVER });
    expectRefused(await caught(count(database)), /SELF_SIGNED/);
    await database.close({ deadline: '1s' });
    await client.close();
  });

  it('refuses an authority that was not given, as the system does not know it', async () => {
    expectRefused(await caught(opened({ tls: true }).connect()), /UNABLE_TO|SELF_SIGNED/);
  });

  it('verifies the address where no name is given, and the name that is given instead of the host', async () => {
    await show('nameOnly');
    expectRefused(await caught(opened({ tls: { ca: CA } }, '', port, '127.0.0.1').connect()), /ALTNAME/);
    for (const host of ['127.0.0.1', 'localhost']) {
      await opened({ tls: { ca: CA, servername: 'localhost' } }, '', port, host).connect();
      const other = opened({ tls: { ca: CA, servername: 'elsewhere.example' } }, '', port, host);
      expectRefused(await caught(other.connect()), /ALTNAME/);
    }
  });

  it('with one of several servers only is enough: a wait ends early when no server is left', async () => {
    const bad = await behindFront(SERVER.selfSigned);
    const url = `mongodb://ann:${PASSWORD}@localhost:${bad},localhost:${port}/app?authSource=admin&replicaSet=rs0`;
    const database = new MongoDatabase({ url, tls: { ca: CA }, ...FOREVER });
    open.push(() => database.close({ deadline: '1s' }));
    expect(await count(database)).toBe(0);
  });

  it('that fails with a server that was in use is told as such, and calls go on when it is mended', async () => {
    const proxy = await startFaultProxy(server.url);
    open.push(() => proxy.close());
    const database = opened({ tls: { ca: CA }, connectTimeout: '1s' }, '', proxy.port);
    expect(await count(database)).toBe(0);
    await show('selfSigned');
    proxy.reset();
    const errors: unknown[] = [];
    // The driver may need more than one call to learn that its connections are gone.
    await until(async () => {
      errors.push(await count(database).catch((error: unknown) => error));
      return /^TLS with /.test((errors.at(-1) as Error).message);
    });
    expect(errors.at(-1)).toMatchObject({ code: 'CONNECTION', retryable: false });
    expect((errors.at(-1) as Error).message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
    await show('good');
    await until(async () => (await count(database).catch(() => -1)) === 0);
  });
});

describe('a certificate of the client', () => {
  const at = Number(new URL(strict.url).port);
  const url = `mongodb://localhost:${at}/app?directConnection=true`;
  const asked = (options: MongoOptions): MongoDatabase => opened({ url, ...options });

  it('opens a server that demands one, and its key is used with its passphrase', async () => {
    const database = asked({ tls: { ca: CA, ...CLIENT, passphrase: PASSPHRASE } });
    expect(await count(database)).toBe(0);
    expect(await database.probe()).toMatchObject({ role: 'primary' });
    expectDiscreet(database);
  });

  it('that is missing is no connection: the server hangs up without a word, as one that ends would', async () => {
    const error = await caught(count(asked({ tls: { ca: CA }, connectTimeout: '1s' })));
    expect(error).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'not-executed' });
    expectDiscreet(error);
  });

  it.each([
    ['is wrong', 'planted passphrase of a key that is another'],
    ['is missing', undefined],
  ])('whose passphrase %s is refused at once, without a word of it', async (_what, passphrase) => {
    const database = asked({ tls: { ca: CA, ...CLIENT, passphrase } });
    const calls = [database.connect(), count(database), database.probe()];
    for (const error of await Promise.all(calls.map(caught))) expectRefused(error, /ERR_OSSL/);
  });
});

describe('a URL beside an explicit `tls`', () => {
  beforeEach(() => show('selfSigned'));

  it.each([
    'tls=false',
    'ssl=false',
    'TLS=false',
    '%74ls=false',
    'tlsInsecure=true',
    'tls=true&tlsAllowInvalidCertificates=true',
    'tlsAllowInvalidHostnames=true',
    'tlsInsecure=false&tls=true',
  ])('weakens nothing by %s', async (parameters) => {
    expectRefused(await caught(opened({ tls: { ca: CA } }, `&${parameters}`).connect()), /SELF_SIGNED/);
    expectRefused(await caught(opened({ tls: true }, `&${parameters}`).probe()), /SELF_SIGNED/);
  });

  it('keeps its other parameters', async () => {
    const database = opened({ tls: { ca: CA, rejectUnauthorized: false } }, '&tls=false&appName=kept&ssl=false');
    expect(await count(database)).toBe(0);
  });

  it('is what decides without it', async () => {
    expect(await count(opened({}, '&tls=true&tlsInsecure=true'))).toBe(0);
    expectRefused(await caught(opened({}, '&tls=true').connect()), /SELF_SIGNED/);
  });
});
