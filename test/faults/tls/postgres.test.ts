import { connect as dial } from 'node:net';
import { connect as secure, type TLSSocket } from 'node:tls';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresDatabase, type PostgresOptions, TimeoutError } from '../../../src/index.js';
import { startFaultProxy, startOwnPostgres } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { CA, CLIENT, PASSPHRASE, REFUSED, SERVER } from './certificates.js';
import { caught, expectDiscreet, expectRefused, FOREVER, PASSWORD, tapped, waitedFor } from './kit.js';

// Only the owner, who looks on, comes in without TLS; `bob` must show a certificate besides his password.
const logins = [
  'host all postgres 127.0.0.1/32 scram-sha-256',
  'hostssl all ann 127.0.0.1/32 scram-sha-256',
  'hostssl all bob 127.0.0.1/32 scram-sha-256 clientcert=verify-ca',
];
const certificates = Object.entries(SERVER).flatMap(([name, { cert, key }]) => [
  [`${name}.crt`, cert],
  [`${name}.key`, key],
]);
const server = await startOwnPostgres({
  log: () => {},
  arguments: ['-c', 'hba_file=data/tls_hba.conf'],
  files: { ...Object.fromEntries(certificates), 'ca.crt': CA, 'tls_hba.conf': `${logins.join('\n')}\n` },
});
const port = Number(new URL(server.url).port);
const owner = new pg.Client({ connectionString: server.url });
await owner.connect();
const builtWithTls = await owner.query("alter system set ssl_ca_file = 'ca.crt'").then(
  () => true,
  () => false,
);
const left = builtWithTls ? '' : ' (left out: this PostgreSQL was built without TLS)';

/** The certificate that a new connection is shown; null when TLS is off. */
function shown(): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = dial(port, '127.0.0.1');
    socket.on('error', reject);
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once('data', (answer) => {
      if (String(answer) !== 'S') {
        socket.destroy();
        resolve(null);
        return;
      }
      const over: TLSSocket = secure({ socket, rejectUnauthorized: false }, () => {
        resolve(String(over.getPeerX509Certificate()));
        over.destroy();
      });
      over.on('error', reject);
    });
  });
}

/** The server shows this certificate from now on. */
async function show(name: keyof typeof SERVER): Promise<void> {
  await owner.query('alter system set ssl = on');
  await owner.query(`alter system set ssl_cert_file = '${name}.crt'`);
  await owner.query(`alter system set ssl_key_file = '${name}.key'`);
  await owner.query('select pg_reload_conf()');
  await until(async () => (await shown())?.trim() === SERVER[name].cert.trim());
}

const open: (() => Promise<unknown>)[] = [];
function opened(options: PostgresOptions, query = '', at = port, host = 'localhost'): PostgresDatabase {
  const url = `postgres://ann:${PASSWORD}@${host}:${at}/postgres${query}`;
  const database = new PostgresDatabase({ url, acquireTimeout: '10m', ...FOREVER, ...options });
  open.push(() => database.close({ deadline: '1s' }));
  return database;
}

const encrypted = (database: PostgresDatabase): Promise<unknown> =>
  database.query('select ssl, usename from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()');

expectNothingUncaught();
beforeAll(async () => {
  for (const user of ['ann', 'bob']) await owner.query(`create role ${user} login superuser password '${PASSWORD}'`);
});
afterAll(async () => {
  await Promise.all(open.map((close) => close()));
  await owner.end();
  await server.stop();
});

describe.skipIf(!builtWithTls)(`TLS with PostgreSQL${left}`, () => {
  beforeEach(() => show('good'));

  it('by a certificate of a known authority connects, and the server says that it is TLS', async () => {
    const database = opened({ ssl: { ca: CA } });
    await database.connect();
    expect(await encrypted(database)).toEqual([{ ssl: true, usename: 'ann' }]);
    expectDiscreet(database);
  });

  it('is what the server demands: without it nobody comes in', async () => {
    expect(await caught(opened({}).connect())).toMatchObject({ code: 'AUTHENTICATION', retryable: false });
  });

  it('that the server does not have is refused at once, and nothing goes over in the open', async () => {
    await owner.query('alter system set ssl = off');
    await owner.query('select pg_reload_conf()');
    await until(async () => (await shown()) === null);
    const wire = await tapped(port);
    open.push(() => wire.close());
    const error = await caught(opened({ ssl: { ca: CA } }, '', wire.port).query('select 1'));
    expect(error).toMatchObject({ code: 'CONNECTION', retryable: false, outcome: 'not-executed' });
    expect(wire.beginnings.map((bytes) => bytes.length)).toEqual([8]);
  });

  describe.each(REFUSED)('whose certificate %s', (_what, name, reason) => {
    beforeEach(() => show(name));

    it('is refused at once, by whatever comes first, and not tried again', async () => {
      const firsts: readonly ((database: PostgresDatabase) => Promise<unknown>)[] = [
        (database) => caught(database.connect()),
        (database) => caught(database.query('select 1')),
        (database) => caught(database.ping()),
        (database) => caught(database.probe()),
        (database) => waitedFor(database),
      ];
      for (const first of firsts) {
        const proxy = await startFaultProxy(server.url);
        open.push(() => proxy.close());
        const database = opened({ ssl: { ca: CA } }, '', proxy.port);
        expectRefused(await first(database), reason);
        expect(proxy.counts.accepted).toBe(1);
        expectDiscreet(database);
      }
    });

    it('is taken by who asks for no verification: nothing else is wrong with it', async () => {
      const database = opened({ ssl: { ca: CA, rejectUnauthorized: false } });
      expect(await encrypted(database)).toEqual([{ ssl: true, usename: 'ann' }]);
    });
  });

  it('refuses an authority that was not given, as the system does not know it', async () => {
    expectRefused(await caught(opened({ ssl: true }).connect()), /UNABLE_TO|SELF_SIGNED/);
  });

  it('verifies the address where no name is given, and the name that is given instead of the host', async () => {
    await show('nameOnly');
    expectRefused(await caught(opened({ ssl: { ca: CA } }, '', port, '127.0.0.1').connect()), /ALTNAME/);
    for (const host of ['127.0.0.1', 'localhost']) {
      await opened({ ssl: { ca: CA, servername: 'localhost' } }, '', port, host).connect();
      const other = opened({ ssl: { ca: CA, servername: 'elsewhere.example' } }, '', port, host);
      expectRefused(await caught(other.connect()), /ALTNAME/);
    }
    await show('otherHost');
    await opened({ ssl: { ca: CA, servername: 'elsewhere.example' } }).connect();
  });
});

describe.skipIf(!builtWithTls)(`a certificate of the client${left}`, () => {
  beforeEach(() => show('good'));
  const bob = { user: 'bob' } as const;

  it('opens a server that demands one, and its key is used with its passphrase', async () => {
    const ssl = { ca: CA, ...CLIENT, passphrase: PASSPHRASE };
    const database = opened({ ...bob, ssl });
    expect(await encrypted(database)).toEqual([{ ssl: true, usename: 'bob' }]);
    expect(await database.probe()).toMatchObject({ role: 'primary' });
    expectDiscreet(database);
    // The driver hides the key in the object that it has, which is not the application's.
    expect(Object.keys(ssl)).toContain('key');
  });

  it('that is missing is a refused login', async () => {
    const error = await caught(opened({ ...bob, ssl: { ca: CA } }).query('select 1'));
    expect(error).toMatchObject({ code: 'AUTHENTICATION', retryable: false, outcome: 'not-executed' });
    expect(error.message).toMatch(/certificate/);
    expectDiscreet(error);
  });

  it.each([
    ['is wrong', 'planted passphrase of a key that is another'],
    ['is missing', undefined],
  ])('whose passphrase %s is refused at once, without a word of it', async (_what, passphrase) => {
    const database = opened({ ...bob, ssl: { ca: CA, ...CLIENT, passphrase } });
    const calls = [database.connect(), database.query('select 1'), database.probe()];
    for (const error of await Promise.all(calls.map(caught))) expectRefused(error, /ERR_OSSL/);
  });
});

describe.skipIf(!builtWithTls)(`a URL beside an explicit \`ssl\`${left}`, () => {
  beforeEach(() => show('selfSigned'));

  it.each(['disable', 'no-verify', 'prefer', 'require'])('weakens nothing by sslmode=%s', async (mode) => {
    const query = `?sslmode=${mode}`;
    expectRefused(await caught(opened({ ssl: { ca: CA } }, query).connect()), /SELF_SIGNED/);
    expectRefused(await caught(opened({ ssl: true }, query).connect()), /SELF_SIGNED/);
  });

  it('is what decides without it', async () => {
    expect(await encrypted(opened({}, '?sslmode=no-verify'))).toEqual([{ ssl: true, usename: 'ann' }]);
    expectRefused(await caught(opened({}, '?sslmode=require').connect()), /SELF_SIGNED/);
  });

  it.each(['ssl=false', 'ssl=0', 'sslrootcert=system', 'uselibpqcompat=true'])('is refused with %s', (parameter) => {
    expect(() => opened({ ssl: { ca: CA } }, `?${parameter}`)).toThrow('Unknown parameter');
  });
});

describe.skipIf(!builtWithTls)(`beside the connections of calls${left}`, () => {
  beforeEach(() => show('good'));

  it('a cancel goes over TLS too, and reaches the server', async () => {
    const wire = await tapped(port);
    open.push(() => wire.close());
    const database = opened({ ssl: { ca: CA } }, '', wire.port);
    await database.connect();
    const sleeps = async (): Promise<boolean> =>
      (await owner.query("select 1 from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'"))
        .rows.length > 0;
    const call = caught(database.query('select pg_sleep(6000)', [], { timeout: '500ms' }));
    await until(sleeps);
    expect(await call).toBeInstanceOf(TimeoutError);
    await until(async () => !(await sleeps()));
    // That of the call, and that of the cancel: each begins by asking for TLS, and a cancel in the open would be 16 bytes.
    expect(wire.beginnings).toHaveLength(2);
    for (const bytes of wire.beginnings) expect(bytes).toEqual(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  });

  it('the question for health goes over TLS too', async () => {
    const database = opened({ ssl: { ca: CA }, name: 'asked' });
    expect(await database.probe()).toMatchObject({ role: 'primary', writable: true });
    const { rows } = await owner.query(
      "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'asked (health)'",
    );
    expect(rows).toEqual([{ ssl: true }]);
  });
});
