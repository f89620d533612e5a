import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { CacheManager, type Duration, RedisStore } from '../../../src/index.js';
import { startFaultProxy, startOwnRedis } from '../../../src/testing/index.js';
import { type Answer, closeSites, gate, type Headers, type Maker, type Site, siteOf, until } from '../../http/kit.js';
import { behindProxy, openedAt } from '../../redis/kit.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { type Server, sent, startedServer } from './kit.js';

const server = await startOwnRedis({ log: () => {} });
const admin = openedAt(server.url, { timeout: '60s' });
let caches = 0;
const prefixOf = (): string => `http${caches++}`;
afterEach(closeSites);

expectNothingUncaught();
afterAll(async () => {
  await server.stop();
});

const LARGE = 4_000_000;

/** Changes what it says with each unsafe request. */
function pages(): Maker {
  let version = 1;
  return (asked, response) => {
    if (asked.method === 'POST') {
      version += 1;
      response.end(`version ${version}`);
      return;
    }
    if (asked.url === '/vary') response.setHeader('Vary', 'X-A');
    response.setHeader('ETag', `"${version}"`);
    response.end(asked.url === '/large' ? Buffer.alloc(LARGE, `version ${version};`) : `version ${version}`);
  };
}

const bodyOf = (path: string, version: number): string =>
  path === '/large' ? Buffer.alloc(LARGE, `version ${version};`).toString() : `version ${version}`;

const ASKED: readonly (readonly [method: string, path: string, headers?: Headers])[] = [
  ['GET', '/'],
  ['GET', '/vary', { 'x-a': '1' }],
  ['HEAD', '/'],
  ['GET', '/large'],
  ['GET', '/', { 'cache-control': 'no-cache' }],
];

/** Asks in every way, one after the other and at once, and changes the page: each answer is what it would be without a cache. */
async function servesAsWithout(site: Site, from: number): Promise<number> {
  let version = from;
  const expectWhole = (answer: Answer, method: string, path: string): void => {
    expect([answer.status, answer.headers['etag']]).toEqual([200, `"${version}"`]);
    expect(answer.body === (method === 'HEAD' ? '' : bodyOf(path, version))).toBe(true);
    expect(answer.cache).toMatch(/^fwd=|^hit; fwd=.*collapsed/);
  };
  for (const [method, path, headers] of ASKED) expectWhole(await site.send(method, path, headers), method, path);
  version += 1;
  expect((await site.send('POST', '/')).body).toBe(`version ${version}`);
  const crowd = [...ASKED, ...ASKED, ...ASKED];
  const answers = await Promise.all(crowd.map(([method, path, headers]) => site.send(method, path, headers)));
  for (const [i, answer] of answers.entries()) expectWhole(answer, crowd[i]![0], crowd[i]![1]);
  expect((await site.get('/', { 'if-none-match': `"${version}"` })).status).toBe(304);
  return version;
}

/** Hits again, by itself, with what is true now. */
async function hitsAgain(site: Site, version: number): Promise<void> {
  for (const path of ['/', '/vary', '/large']) {
    await until(async () => {
      const { body, cache } = await site.get(path, { 'x-a': '1' });
      // What was stored before and could not be taken away, is not given either.
      expect(body === bodyOf(path, version) || (path !== '/' && body === bodyOf(path, 1))).toBe(true);
      return cache.startsWith('hit; ttl');
    });
  }
}

async function openedSite(store: RedisStore = openedAt(server.url), storeTimeout: Duration = '300ms') {
  const cache = new CacheManager(store, { prefix: prefixOf(), storeTimeout });
  const site = await siteOf('express', cache, { ttl: '1h', waitTimeout: '1h', maxBodyBytes: LARGE }, pages());
  await hitsAgain(site, 1);
  return { cache, site };
}

describe('pages whose store', () => {
  it('is frozen are served as without a cache, and one time of the store is waited', async () => {
    const { site, cache } = await openedSite();
    await until(() => cache.stats().isStoreUp);
    const { errors } = cache.stats();
    await server.process.freeze();
    onTestFinished(() => server.process.thaw());
    const version = await servesAsWithout(site, 1);
    // One call has waited for it in vain, and no other one has since.
    expect(cache.stats().errors - errors).toBe(1);
    expect(cache.stats().isStoreUp).toBe(false);
    await server.process.thaw();
    await until(() => cache.stats().isStoreUp);
    await hitsAgain(site, version);
  });

  it('is killed with -9 and restarted are served as without a cache, and from it when it is back', async () => {
    const { site, cache } = await openedSite();
    await server.process.kill();
    const version = await servesAsWithout(site, 1);
    await server.process.restart();
    await until(() => cache.stats().isStoreUp);
    await hitsAgain(site, version);
  });

  it('has no memory left are served, and what they change is not given from it', async () => {
    const { site, cache } = await openedSite();
    const [, before] = (await admin.run('CONFIG', ['GET', 'maxmemory'])) as [string, string];
    await admin.run('CONFIG', ['SET', 'maxmemory', '1']);
    onTestFinished(() => admin.run('CONFIG', ['SET', 'maxmemory', before]).then(() => {}));
    expect((await site.get()).body).toBe('version 1');
    for (const version of [2, 3]) {
      expect((await site.send('POST')).body).toBe(`version ${version}`);
      for (let i = 0; i < 3; i++) expect((await site.get()).body).toBe(`version ${version}`);
      expect((await site.get('/other')).body).toBe(`version ${version}`);
    }
    await admin.run('CONFIG', ['SET', 'maxmemory', before]);
    await until(() => cache.stats().isStoreUp);
    await hitsAgain(site, 3);
  });

  it('is reset in the middle of a large entry are whole', async () => {
    const { proxy, store } = await behindProxy(server.url);
    const { site, cache } = await openedSite(store, '10s');
    for (const at of [1_000, LARGE / 2, LARGE - 50_000]) {
      let isCut = false;
      // Where it was not in the store it has not come from there, and is asked for again.
      while (!isCut) {
        await until(() => cache.stats().isStoreUp);
        const { bytesToClient } = proxy.counts;
        await proxy.set({ slice: 65_536, delay: '1ms' });
        let isAnswered = false;
        const asked = site.get('/large').finally(() => {
          isAnswered = true;
        });
        await until(() => isAnswered || proxy.counts.bytesToClient - bytesToClient > at);
        isCut = !isAnswered;
        if (isCut) proxy.reset();
        const { status, body } = await asked;
        expect([status, body === bodyOf('/large', 1)]).toEqual([200, true]);
        await proxy.heal();
      }
    }
    await until(() => cache.stats().isStoreUp);
    await hitsAgain(site, 1);
  });

  it('is slower than its time are served as without a cache, and from it while it is not', async () => {
    const { proxy, store } = await behindProxy(server.url);
    const { site, cache } = await openedSite(store);
    await proxy.set({ delay: '20ms' });
    await until(async () => (await site.get()).cache.startsWith('hit; ttl'));
    await proxy.set({ delay: '1s' });
    const version = await servesAsWithout(site, 1);
    await proxy.heal();
    await until(() => cache.stats().isStoreUp);
    await hitsAgain(site, version);
  });

  it('goes away while the handler runs, get what it says, and the next ones too', async () => {
    const { proxy, store } = await behindProxy(server.url);
    const cache = new CacheManager(store, { prefix: prefixOf(), storeTimeout: '300ms' });
    const door = gate();
    const site = await siteOf('plain', cache, { ttl: '1h', waitTimeout: '1h' }, async (_asked, response, run) => {
      response.write('first ');
      if (run === 1) await door.opened;
      response.end(`run ${run}`);
    });
    const asked = Array.from({ length: 20 }, () => site.get());
    await until(() => site.arrived === 20 && site.runs > 0);
    await proxy.set({ blackHole: true });
    door.open();
    for (const { status, body } of await Promise.all(asked)) {
      expect(status).toBe(200);
      expect(body).toMatch(/^first run \d+$/);
    }
    await proxy.heal();
    await until(() => cache.stats().isStoreUp);
    await until(async () => (await site.get()).cache.startsWith('hit; ttl'));
  });
});

describe('a process that is killed with -9 while it records', () => {
  it('leaves nothing that is half stored', async () => {
    const prefix = prefixOf();
    const start = () => startedServer('recording-site.ts', [server.url, prefix]);
    const [victim, other] = await Promise.all([start(), start()]);
    const ask = (from: Server, path: string) => sent(from, 'GET', path, { 'x-a': '1' });
    const paths = ['/', '/vary'];
    const first = paths.map((path) => ask(victim, path).catch((error: Error) => error));
    for (const _path of paths) expect(await victim.line()).toBe('begun');
    // These wait for what the other process makes.
    const second = paths.map((path) => ask(other, path));
    victim.child.kill('SIGKILL');
    for (const end of await Promise.all(first)) expect(end).toBeInstanceOf(Error);
    for (const _path of paths) expect(await other.line()).toBe('begun');
    other.tell('go');
    for (const reply of await Promise.all(second)) expect(reply?.bytes.toString()).toBe('first second');
    for (const path of paths) expect((await ask(other, path))?.bytes.toString()).toBe('first second');
  });

  it('or is cut off before the n-th message to the store, leaves nothing that is half stored', async () => {
    const body = Buffer.alloc(500_000, 'whole').toString();
    for (const path of ['/', '/vary']) {
      for (let n = 1; ; n++) {
        const prefix = prefixOf();
        const proxy = await startFaultProxy(server.url);
        const store = new RedisStore({ url: proxy.url(server.url), timeout: '60s' });
        const far = new CacheManager(store, { prefix, storeTimeout: '60s' });
        const near = new CacheManager(admin, { prefix, storeTimeout: '60s' });
        const maker: Maker = (asked, response) => {
          if (asked.url === '/vary') response.setHeader('Vary', 'X-A');
          response.end(body);
        };
        const options = { ttl: '1h', waitTimeout: '1h' } as const;
        const [victim, other] = [
          await siteOf('plain', far, options, maker),
          await siteOf('plain', near, options, maker),
        ];
        await store.connect();
        let isOver = false;
        // Nothing that follows arrives either, as from a process that is no more.
        const lost = proxy.dropRequest({ nth: n, silent: true }).then(() => {
          isOver = true;
        });
        const call = request({ port: victim.port, host: '127.0.0.1', path, headers: { host: 'app' }, agent: false });
        const answered = once(call, 'response').then(([answer]) => answer.toArray());
        answered.catch(() => {});
        call.on('error', () => {});
        call.end();
        const stored = async (): Promise<boolean> => {
          const found = await other.get(path, { host: 'app', 'cache-control': 'only-if-cached' });
          if (found.status !== 504) expect(found.body === body).toBe(true);
          return found.status === 200;
        };
        await until(async () => isOver || (await stored()));
        const isDone = !isOver;
        call.destroy();
        await proxy.close();
        // Another process goes on; it waits for a lease that nobody renews, if there is one.
        expect((await other.get(path, { host: 'app' })).body === body).toBe(true);
        await store.close({ deadline: '1ms' });
        await closeSites();
        if (isDone) {
          expect(n).toBeGreaterThan(3);
          break;
        }
        await lost;
      }
    }
  });
});
