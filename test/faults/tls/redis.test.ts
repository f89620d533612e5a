import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as secure } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisOptions, RedisStore } from '../../../src/index.js';
import { ServerNotFoundError, startFaultProxy, startOwnRedis } from '../../../src/testing/index.js';
import { freePort } from '../../../src/testing/servers/probe.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { CA, type Certificate, CLIENT, PASSPHRASE, REFUSED, SERVER } from './certificates.js';
import { caught, expectDiscreet, expectRefused, FOREVER, fronted, PASSWORD, tapped, waitedFor } from './kit.js';

const pem = ({ cert, key }: Certificate): string => `${cert}\n${key}`;
const port = await freePort();
const start = () =>
  startOwnRedis({
    log: () => {},
    files: { 'server.pem': pem(SERVER.good), 'ca.pem': CA },
    arguments: [
      ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-ca-cert-file', 'ca.pem'],
      ...['--tls-cert-file', 'server.pem', '--tls-key-file', 'server.pem'],
    ],
  });
const server = await start().catch((error: unknown) => {
  // The settings are right: a server that does not know them was built without TLS.
  if (error instanceof ServerNotFoundError && /Bad directive/.test(error.message)) return null;
  throw error;
});
const left = server === null ? ' (left out: no `redis-server` on this machine was built with TLS)' : '';
// By the port that takes plain connections, to look on.
const owner = new RedisStore({ url: server?.url ?? 'redis://localhost' });

async function folder(): Promise<string> {
  const [, path] = (await owner.run('CONFIG', ['GET', 'dir'])) as string[];
  return path!;
}

/** The server shows this certificate from now on. */
async function show(name: keyof typeof SERVER): Promise<void> {
  writeFileSync(join(await folder(), 'server.pem'), pem(SERVER[name]));
  await owner.run('CONFIG', ['SET', 'tls-cert-file', 'server.pem']);
}

const open: (() => Promise<unknown>)[] = [];
function opened(options: RedisOptions, scheme = 'redis', at = port, host = 'localhost'): RedisStore {
  const url = `${scheme}://ann:${PASSWORD}@${host}:${at}/0`;
  const store = new RedisStore({ url, ...FOREVER, ...options });
  open.push(() => store.close({ deadline: '1s' }));
  return store;
}

/** By which port of the server the connection came. */
async function door(store: RedisStore): Promise<number> {
  return Number(/ laddr=\S*:(\d+)/.exec(String(await store.run('CLIENT', ['INFO'])))?.[1]);
}

expectNothingUncaught();
beforeAll(async () => {
  if (server !== null) await owner.run('ACL', ['SETUSER', 'ann', 'on', `>${PASSWORD}`, 'allkeys', 'allcommands']);
});
afterAll(async () => {
  await Promise.all(open.map((close) => close()));
  await owner.close();
  await server?.stop();
});

describe.skipIf(server === null)(`TLS with Redis${left}`, () => {
  beforeEach(() => show('good'));

  it('by a certificate of a known authority connects, by the port that takes nothing else', async () => {
    const store = opened({ tls: { ca: CA } });
    await store.connect();
    expect(await door(store)).toBe(port);
    expect(await store.probe()).toMatchObject({ role: 'primary', writable: true });
    expectDiscreet(store);
    const plain = await caught(opened({}).connect());
    expect(plain).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
  });

  describe.each(REFUSED)('whose certificate %s', (_what, name, reason) => {
    beforeEach(() => show(name));

    it.each<readonly [string, (store: RedisStore) => Promise<unknown>]>([
      ['connect()', (store) => caught(store.connect())],
      ['a command', (store) => caught(store.run('PING'))],
      ['a script', (store) => caught(store.script('return 1', []))],
      ['ping()', (store) => caught(store.ping())],
      ['an application that waits for its pools', (store) => waitedFor(store)],
    ])('is refused at once by %s', async (_first, first) => {
      const store = opened({ tls: { ca: CA } });
      expectRefused(await first(store), reason);
      expectDiscreet(store);
    });

    it('is refused at once by probe(), which does not try again', async () => {
      const proxy = await startFaultProxy(`redis://127.0.0.1:${port}`);
      open.push(() => proxy.close());
      expectRefused(await caught(opened({ tls: { ca: CA } }, 'redis', proxy.port).probe()), reason);
      await until(async () => proxy.counts.open === 0);
      expect(proxy.counts.accepted).toBe(1);
    });

    it('is refused by every call, and calls go on when it is mended', async () => {
      const store = opened({ tls: { ca: CA } });
      for (let i = 0; i < 2; i += 1) expectRefused(await caught(store.run('PING')), reason);
      await show('good');
      await until(async () => (await store.run('PING').catch(() => null)) === 'PONG');
    });

    it('is taken by who asks for no verification: nothing else is wrong with it', async () => {
      const store = opened({ tls: { ca: CA, rejectUnauthorized: false } });
      expect(await door(store)).toBe(port);
    });
  });

  it('refuses an authority that was not given, as the system does not know it', async () => {
    expectRefused(await caught(opened({ tls: true }).connect()), /UNABLE_TO|SELF_SIGNED/);
  });

  it('verifies the address where no name is given, and the name that is given instead of the host', async () => {
    await show('nameOnly');
    expectRefused(await caught(opened({ tls: { ca: CA } }, 'redis', port, '127.0.0.1').connect()), /ALTNAME/);
    for (const host of ['127.0.0.1', 'localhost']) {
      await opened({ tls: { ca: CA, servername: 'localhost' } }, 'redis', port, host).connect();
      const other = opened({ tls: { ca: CA, servername: 'elsewhere.example' } }, 'redis', port, host);
      expectRefused(await caught(other.connect()), /ALTNAME/);
    }
  });

  it('tells the server which host is wanted, for one that serves many', async () => {
    const front = await fronted(SERVER.good, () => secure({ host: '127.0.0.1', port, ca: CA }));
    open.push(() => front.close());
    await opened({ tls: { ca: CA } }, 'redis', front.port).connect();
    await opened({ tls: { ca: CA }, host: '127.0.0.1' }, 'redis', front.port).connect();
    expect(front.names).toEqual(['localhost', false]);
  });
});

describe.skipIf(server === null)(`a certificate of the client${left}`, () => {
  beforeAll(async () => {
    await show('good');
    await owner.run('CONFIG', ['SET', 'tls-auth-clients', 'yes']);
  });
  afterAll(async () => {
    if (server !== null) await owner.run('CONFIG', ['SET', 'tls-auth-clients', 'no']);
  });

  it('opens a server that demands one, and its key is used with its passphrase', async () => {
    const store = opened({ tls: { ca: CA, ...CLIENT, passphrase: PASSPHRASE } });
    expect(await door(store)).toBe(port);
    expect(await store.probe()).toMatchObject({ role: 'primary' });
    expectDiscreet(store);
  });

  it('that is missing is refused without waiting for the deadline', async () => {
    expectRefused(await caught(opened({ tls: { ca: CA } }).run('PING')), /certificate of the client/);
    expectRefused(await waitedFor(opened({ tls: { ca: CA } })), /certificate of the client/);
    // Of TLS 1.3 the client is done before the server has looked: what it writes meanwhile may be answered by a reset, which overtakes the reason.
    const store = opened({ tls: { ca: CA } });
    for (const error of await Promise.all([store.connect(), store.probe()].map(caught))) {
      expect(error).toMatchObject({ code: 'CONNECTION', outcome: 'not-executed' });
      expectDiscreet(error);
    }
  });

  it.each([
    ['is wrong', 'planted passphrase of a key that is another'],
    ['is missing', undefined],
  ])('whose passphrase %s is refused at once, without a word of it', async (_what, passphrase) => {
    const store = opened({ tls: { ca: CA, ...CLIENT, passphrase } });
    const calls = [store.connect(), store.run('PING'), store.probe()];
    for (const error of await Promise.all(calls.map(caught))) expectRefused(error, /ERR_OSSL/);
    // And again, by a call that finds the client as the first ones left it.
    expectRefused(await caught(store.run('PING')), /ERR_OSSL/);
  });
});

describe.skipIf(server === null)(`a URL beside an explicit \`tls\`${left}`, () => {
  beforeEach(() => show('selfSigned'));

  it.each(['redis', 'rediss'])('weakens nothing by %s://', async (scheme) => {
    const wire = await tapped(port);
    open.push(() => wire.close());
    for (const tls of [true, { ca: CA }] as const)
      expectRefused(await caught(opened({ tls }, scheme, wire.port).connect()), /SELF_SIGNED/);
    // Each connection began with a handshake of TLS.
    for (const bytes of wire.beginnings) expect(bytes[0]).toBe(22);
  });

  it('is refused with parameters', () => {
    expect(() => opened({ url: `rediss://localhost:${port}/0?rejectUnauthorized=false`, tls: true })).toThrow(
      'Unknown parameter',
    );
  });

  it('is what decides without it', async () => {
    expectRefused(await caught(opened({}, 'rediss').connect()), /SELF_SIGNED/);
  });
});
