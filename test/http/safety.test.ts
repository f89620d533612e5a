import { afterEach, describe, expect, it } from 'vitest';
import { type HttpCacheOptions, httpCache } from '../../src/http/index.js';
import { CacheManager, cacheKey, MemoryStore, RedisStore } from '../../src/index.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { atEnd } from '../setup/at-end.js';
import { redisPrefix } from '../setup/databases.js';
import { closeSites, gate, type Maker, says, served, siteOf, until } from './kit.js';

const { url, prefix } = await redisPrefix();
afterEach(closeSites);

let caches = 0;

describe('a store', () => {
  it('that does not answer makes no request fail, and none wait twice', async () => {
    const proxy = await startFaultProxy(url);
    const store = new RedisStore({ url: proxy.url(url) });
    atEnd(async () => {
      await store.close({ deadline: '1s' });
      await proxy.close();
    });
    const cache = new CacheManager(store, { prefix: `${prefix}down${caches++}`, storeTimeout: '200ms' });
    const site = await siteOf('express', cache, { ttl: '1m', tags: ['a'] }, (request, response, run) => {
      response.setHeader('Vary', request.url === '/vary' ? 'X-A' : '');
      response.end(`run ${run}`);
    });
    // The control run: with the store, there are hits.
    await until(async () => (await site.get()).cache.startsWith('hit; ttl'));
    const { body: old } = await site.get();
    await proxy.set({ blackHole: true });
    for (const path of ['/', '/vary', '/']) {
      const answer = await site.get(path);
      expect([answer.status, answer.cache]).toEqual([200, 'fwd=uri-miss']);
      expect((await site.send('POST', path)).status).toBe(200);
    }
    expect(cache.stats().isStoreUp).toBe(false);
    // Also then, one runs the handler for those who ask meanwhile.
    const before = site.runs;
    expect((await Promise.all([site.get(), site.get()])).every(({ status }) => status === 200)).toBe(true);
    expect(site.runs - before).toBeLessThanOrEqual(2);
    await proxy.heal();
    await until(() => cache.stats().isStoreUp);
    // What the unsafe requests made untrue meanwhile is gone.
    const { body } = await site.get();
    expect(body).not.toBe(old);
    await until(async () => (await site.get()).cache.startsWith('hit'));
  });

  it('that holds something else under a key is as good as empty', async () => {
    const values: readonly unknown[] = [
      'text',
      null,
      { kind: 'answer', id: 'x' },
      answerWith({ headers: [['X-A', 'a\r\nSet-Cookie: planted=1']] }),
      answerWith({ headers: [['X-A\r\nX-B', 'a']] }),
      answerWith({ headers: [['X-A', 1]] }),
      answerWith({ status: 99 }),
      answerWith({ status: 1_000 }),
      answerWith({ body: 5 }),
      answerWith({ lifetimeMs: Number.POSITIVE_INFINITY }),
      { kind: 'index', id: 'x', vary: 'X-A' },
    ];
    for (const value of values) {
      const cache = new CacheManager(new MemoryStore());
      const site = await siteOf('plain', cache, { ttl: '1m' }, says({ 'X-A': 'ours' }));
      const key = cacheKey('http', `http://127.0.0.1:${site.port}`, '/');
      await cache.set(key, value);
      const answer = await site.get();
      expect([answer.status, answer.body, answer.headers['x-a']]).toEqual([200, 'run 1', 'ours']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    const cache = new CacheManager(new MemoryStore());
    const site = await siteOf('plain', cache, {}, says({}));
    await cache.set(cacheKey('http', `http://127.0.0.1:${site.port}`, '/'), answerWith({}));
    // The control run: a value of this form is an answer.
    expect((await site.get()).body).toBe('stored');
  });
});

function answerWith(parts: object): object {
  return {
    kind: 'answer',
    id: 'x',
    at: Date.now(),
    lifetimeMs: 60_000,
    ageMs: 0,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    mayBeStale: true,
    isPublic: true,
    isExplicit: true,
    status: 200,
    headers: [],
    removed: [],
    body: 'stored',
    ...parts,
  };
}

describe('what one client sends', () => {
  const open = (maker: Maker, options: HttpCacheOptions = { ttl: '1m' }) => {
    const cache = new CacheManager(new MemoryStore());
    return siteOf('express', cache, options, maker).then((site) => ({ site, cache }));
  };

  it('is in no key, where it is a secret or long', async () => {
    const { site, cache } = await open(says({ Vary: 'Cookie, X-Token', 'Cache-Control': 'max-age=60' }));
    const keys: string[] = [];
    cache.on('miss', (key) => void keys.push(key));
    cache.on('set', (key) => void keys.push(key));
    const headers = { cookie: 'session=planted', 'x-token': 'planted' };
    await site.get(`/?${'a'.repeat(8_000)}`, headers);
    expect((await site.get(`/?${'a'.repeat(8_000)}`, headers)).cache).toMatch(/^hit/);
    expect((await site.get(`/?${'a'.repeat(7_999)}b`, headers)).cache).toBe('fwd=uri-miss');
    expect(keys).not.toHaveLength(0);
    expect(keys.filter((key) => key.includes('planted') || key.length > 300)).toEqual([]);
  });

  it('does not turn sharing off for others', async () => {
    const { site } = await open(says({}));
    await site.get('/', { authorization: 'planted' });
    await site.get('/', { cookie: 'a=1' });
    await site.get('/', { range: 'bytes=0-0' });
    const first = await site.get();
    expect((await site.get()).body).toBe(first.body);
  });

  it('changes nothing for others by what the handler does to it', async () => {
    const { site } = await open((request, response, run) => {
      response.setHeader('Vary', 'X-A');
      const sent = request.headers['x-a'];
      request.headers['x-a'] = 'victim';
      response.end(`${sent} ${run}`);
    });
    await site.get('/', { 'x-a': 'attacker' });
    expect((await site.get('/', { 'x-a': 'victim' })).body).toBe('victim 2');
  });

  it('gives no other URL a 404', async () => {
    const { site } = await open((request, response) => {
      response.statusCode = request.url === '/page' ? 200 : 404;
      response.end();
    });
    for (const path of ['/%70age', '/./page', '//page', '/page#x', '/page;x']) await site.get(path);
    expect((await site.get('/page')).status).toBe(200);
  });
});

describe('functions of the application', () => {
  it('that throw pass the request by, and store nothing', async () => {
    const planted = () => {
      throw new Error('planted');
    };
    for (const options of [{ key: planted }, { when: planted }, { tags: planted }] as HttpCacheOptions[]) {
      const site = await siteOf('plain', new CacheManager(new MemoryStore()), { ttl: '1m', ...options }, says({}));
      expect([(await site.get()).body, (await site.get()).body]).toEqual(['run 1', 'run 2']);
    }
  });

  it('say which requests there are a cache for, and what tells them apart', async () => {
    const options: HttpCacheOptions = {
      ttl: '1m',
      when: ({ url }) => url !== '/admin',
      key: ({ url }) => (url === '/none' ? null : url!.split('?')[0]!),
    };
    const site = await siteOf('plain', new CacheManager(new MemoryStore()), options, says({}));
    expect((await site.get('/a?x=1')).body).toBe('run 1');
    expect((await site.get('/a?x=2')).body).toBe('run 1');
    expect((await site.get('/none')).cache).toBe('fwd=bypass; detail=key');
    expect((await site.get('/admin')).cache).toBe('fwd=bypass; detail=when');
    await site.send('DELETE', '/a?x=3');
    expect((await site.get('/a?x=1')).cache).toBe('fwd=uri-miss');
  });

  it('that JavaScript would take for yes, such as a promise, do not say yes', async () => {
    const when = (async () => false) as unknown as () => boolean;
    const site = await siteOf('plain', new CacheManager(new MemoryStore()), { ttl: '1m', when }, says({}));
    for (const run of [1, 2])
      expect(await site.get()).toMatchObject({ body: `run ${run}`, cache: 'fwd=bypass; detail=when' });
    const key = (async () => 'x') as unknown as () => string;
    const other = await siteOf('plain', new CacheManager(new MemoryStore()), { ttl: '1m', key }, says({}));
    for (const run of [1, 2])
      expect(await other.get()).toMatchObject({ body: `run ${run}`, cache: 'fwd=bypass; detail=error' });
  });
});

describe('a refresh behind', () => {
  it('that fails, or that no handler ends, keeps nobody from the next', async () => {
    const cache = new CacheManager(new MemoryStore());
    const cached = httpCache(cache, { ttl: '10ms', staleWhileRevalidate: '10m' });
    let runs = 0;
    const door = gate();
    const site = await served('plain', () => (request, response) => {
      cached(request, response, () => {
        runs += 1;
        if (runs === 2) {
          response.destroy();
          return;
        }
        if (runs === 3) {
          response.statusCode = 500;
          response.end();
          return;
        }
        if (runs === 4) void door.opened.then(() => response.end('run 4'));
        else response.end(`run ${runs}`);
      });
    });
    site.cache = cache;
    await site.get();
    // Who comes while it is stored, and finds it old then, would have the handler run itself.
    await site.stored();
    // Each time, the stale answer is given, and the handler is asked once more.
    await until(async () => {
      expect((await site.get()).body).toBe('run 1');
      return runs === 4;
    });
    for (let i = 0; i < 5; i++) expect((await site.get()).body).toBe('run 1');
    expect(runs).toBe(4);
    door.open();
    await until(async () => (await site.get()).body !== 'run 1');
  });
});
