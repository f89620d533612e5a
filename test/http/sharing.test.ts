import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import express from 'express';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type HttpCacheOptions, httpCache } from '../../src/http/index.js';
import { CacheManager, MemoryStore, RedisStore } from '../../src/index.js';
import { storeLike } from '../../src/testing/cache-contract/kit.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { redisPrefix } from '../setup/databases.js';
import { closeSites, gate, type Maker, says, served, siteOf, until } from './kit.js';

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url });
afterAll(() => redis.close());
afterEach(closeSites);

const stores = { memory: new MemoryStore(), redis };
let caches = 0;

const cacheOn = (store: keyof typeof stores, name = String(caches++)): CacheManager =>
  new CacheManager(stores[store], { prefix: `${prefix}sharing${name}`, storeTimeout: '10s' });

describe.each([
  ['plain', 'memory'],
  ['express', 'memory'],
  ['express', 'redis'],
] as const)('requests at the same time (%s, %s)', (frame, store) => {
  const open = async (maker: Maker, options: HttpCacheOptions = { ttl: '1m', waitTimeout: '1h' }) => {
    const cache = cacheOn(store);
    return { cache, site: await siteOf(frame, cache, options, maker) };
  };
  const crowd = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 40 }, ask));

  it('get one run of the handler, and the same answer', async () => {
    const { site } = await open(async (_request, response, run) => {
      await until(() => site.arrived === 40);
      response.end(`run ${run}`);
    });
    const answers = await crowd(() => site.get());
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['run 1']));
    expect(answers.filter(({ cache }) => cache === 'fwd=uri-miss')).toHaveLength(1);
    expect(answers.filter(({ cache }) => cache.startsWith('hit; fwd=uri-miss; collapsed'))).not.toHaveLength(0);
    expect(site.runs).toBe(1);
  });

  it('get one run for each variant', async () => {
    const { site } = await open(async (request, response, run) => {
      response.setHeader('Vary', 'X-A');
      await until(() => site.arrived === 40);
      response.end(`${request.headers['x-a']} run ${run}`);
    });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => site.get('/', { 'x-a': String(i % 2) }).then(({ body }) => [i % 2, body])),
    );
    for (const [a, body] of answers) expect(body).toMatch(new RegExp(`^${a} run`));
    expect(site.runs).toBe(2);
  });

  it('get a run each where the answer is not to be shared, none after another', async () => {
    const door = gate();
    let inside = 0;
    const { site } = await open(async (_request, response, run) => {
      response.setHeader('Cache-Control', 'private');
      response.setHeader('Set-Cookie', `own=${run}`);
      if (run > 1) {
        inside += 1;
        await door.opened;
      }
      response.end(`run ${run}`);
    });
    const asked = crowd(() => site.get());
    await until(() => inside === 39);
    door.open();
    const answers = await asked;
    expect(new Set(answers.map(({ body }) => body)).size).toBe(40);
    expect(new Set(answers.map(({ headers }) => String(headers['set-cookie']))).size).toBe(40);
  });

  it('wait for nobody once it is known that the answer is not to be shared', async () => {
    const door = gate();
    let inside = 0;
    const { site } = await open(
      async (_request, response, run) => {
        inside += 1;
        if (run > 1) await door.opened;
        response.setHeader('Cache-Control', 'private');
        response.end(`run ${run}`);
      },
      { ttl: '1m', waitTimeout: '1h' },
    );
    await site.get();
    const asked = [site.get(), site.get()];
    await until(() => inside === 3);
    door.open();
    expect(new Set((await Promise.all(asked)).map(({ body }) => body))).toEqual(new Set(['run 2', 'run 3']));
  });

  it('do not wait longer than they may', async () => {
    const door = gate();
    const { site } = await open(
      async (_request, response, run) => {
        response.write('head ');
        if (run === 1) await door.opened;
        response.end(`run ${run}`);
      },
      { ttl: '1m', waitTimeout: '20ms' },
    );
    const first = site.get();
    await until(() => site.runs === 1);
    expect((await site.get()).body).toBe('head run 2');
    door.open();
    expect((await first).body).toBe('head run 1');
  });

  it('wait for nobody who wants one made anew', async () => {
    const door = gate();
    const { site } = await open(async (_request, response, run) => {
      if (run === 2) await door.opened;
      response.end(`run ${run}`);
    });
    await site.get();
    await site.stored();
    const forced = site.get('/', { 'cache-control': 'no-cache' });
    await until(() => site.runs === 2);
    expect((await site.get('/', { 'cache-control': 'no-cache' })).body).toBe('run 3');
    expect((await site.get()).body).toBe('run 1');
    door.open();
    expect((await forced).body).toBe('run 2');
  });

  it.each(['tag', 'dynamic tag', 'unsafe request', 'clear'] as const)(
    'are not answered later by what was invalidated while it was made (%s)',
    async (how) => {
      for (const isInvalidated of [true, false]) {
        for (const vary of ['', 'X-A']) {
          const door = gate();
          const tags = how === 'dynamic tag' ? () => ['pages'] : ['pages'];
          const { site, cache } = await open(
            async (request, response, run) => {
              if (request.method === 'GET' && run === 1) await door.opened;
              if (vary !== '') response.setHeader('Vary', vary);
              response.end(`run ${run}`);
            },
            { ttl: '1m', tags, waitTimeout: '1h' },
          );
          const first = site.get();
          await until(() => site.runs === 1);
          if (isInvalidated) {
            if (how === 'unsafe request') await site.send('POST');
            else if (how === 'clear') await cache.clear();
            else await cache.invalidateTags('pages');
          }
          const later = isInvalidated ? site.get() : null;
          // A lease that was taken away is waited for by nobody; else one waits for its end, and has the handler run then.
          if (isInvalidated && how === 'unsafe request') await until(() => site.runs === 3);
          door.open();
          expect((await first).body).toBe('run 1');
          if (later !== null) expect((await later).body).not.toBe('run 1');
          const { body, cache: status } = await site.get();
          if (isInvalidated) expect(body).not.toBe('run 1');
          else expect([body, status.slice(0, 3)]).toEqual(['run 1', 'hit']);
        }
      }
    },
  );

  it('share one space of tags with data', async () => {
    const { site, cache } = await open(says({}), { ttl: '1m', tags: ({ url }) => [`page ${url}`] });
    await cache.set('row', 1, { tags: ['page /a'] });
    await site.get('/a');
    await site.get('/b');
    await cache.invalidateTags('page /a');
    expect(await cache.get('row')).toBeUndefined();
    expect((await site.get('/a')).body).toBe('run 3');
    expect((await site.get('/b')).body).toBe('run 2');
  });

  it('are told of an unsafe request before the one who made it', async () => {
    const { site } = await open(says({}));
    for (let i = 0; i < 10; i++) {
      const before = await site.get();
      await site.send('POST');
      expect((await site.get()).body).not.toBe(before.body);
    }
  });
});

describe('what an unsafe request changes', () => {
  it.each(['after it has sent its head', 'after its client has left'])(
    '%s is seen by who asks when it is done',
    async (when) => {
      const isLeft = when.includes('left');
      const door = gate();
      let version = 1;
      let isHeard = false;
      const cache = cacheOn('memory');
      const site = await siteOf('plain', cache, { ttl: '1m' }, async (request, response) => {
        if (request.method === 'POST') {
          response.once('close', () => {
            isHeard = true;
          });
          if (!isLeft) response.writeHead(200).flushHeaders();
          await door.opened;
          version += 1;
        }
        response.end(`version ${version}`);
      });
      const call = request({ port: site.port, host: '127.0.0.1', method: 'POST', agent: false });
      const heads = once(call, 'response');
      heads.catch(() => {});
      call.end();
      await until(() => site.runs === 1);
      if (isLeft) {
        call.on('error', () => {});
        call.destroy();
        await until(() => isHeard);
      } else await heads;
      // Of before the change, and stored all the same.
      await until(async () => {
        const { body, cache: status } = await site.get();
        expect(body).toBe('version 1');
        return status.startsWith('hit; ttl');
      });
      door.open();
      if (isLeft) await until(async () => (await site.get()).body === 'version 2');
      else {
        const [answer] = await heads;
        expect(Buffer.concat(await answer.toArray()).toString()).toBe('version 2');
        expect((await site.get()).body).toBe('version 2');
      }
    },
  );
});

describe('requests that want an answer made anew', () => {
  /** A store that keeps what it is to write until it is let go. */
  const slowly = () => {
    const fills: (() => void)[] = [];
    const slow = storeLike(new MemoryStore(), (entries) => ({
      write: async (entry, write) => {
        if (write.kind === 'fill') await new Promise<void>((resolve) => void fills.push(resolve));
        return entries.write(entry, write);
      },
    }));
    return { cache: new CacheManager(slow, { storeTimeout: '1h' }), fills };
  };
  const anew = { 'cache-control': 'no-cache' };

  it('are stored in their order, also those that come while one before them is being stored', async () => {
    const { cache, fills } = slowly();
    const site = await siteOf('plain', cache, { ttl: '1m', waitTimeout: '1h' }, says({}));
    expect((await site.get('/', anew)).body).toBe('run 1');
    await until(() => fills.length === 1);
    const second = site.get('/', anew);
    await until(() => site.arrived === 2);
    fills.shift()!();
    expect((await second).body).toBe('run 2');
    await until(() => fills.length === 1);
    expect((await site.get()).body).toBe('run 1');
    fills.shift()!();
    await until(async () => (await site.get()).body === 'run 2');
    expect(site.runs).toBe(2);
  });

  it('are not answered by one that was begun before them, nor stored before it', async () => {
    const { cache, fills } = slowly();
    const door = gate();
    const site = await siteOf('plain', cache, { ttl: '1m', waitTimeout: '1h' }, async (_request, response, run) => {
      if (run === 1) await door.opened;
      response.end(`run ${run}`);
    });
    const first = site.get();
    await until(() => site.runs === 1);
    const second = site.get('/', anew);
    await until(() => site.arrived === 2);
    door.open();
    expect((await first).body).toBe('run 1');
    await until(() => fills.length === 1);
    fills.shift()!();
    expect((await second).body).toBe('run 2');
    await until(() => fills.length === 1);
    fills.shift()!();
    await until(async () => (await site.get()).body === 'run 2');
  });
});

describe('two processes with one store', () => {
  it("run the handler once, and see each other's changes", async () => {
    const door = gate();
    const maker: Maker = async (_request, response, run) => {
      await door.opened;
      response.end(`run ${run}`);
    };
    const sites = [
      await siteOf('plain', cacheOn('redis', 'both'), { ttl: '1m', waitTimeout: '1h' }, maker),
      await siteOf('plain', cacheOn('redis', 'both'), { ttl: '1m', waitTimeout: '1h' }, maker),
    ];
    const runs = () => sites.reduce((sum, site) => sum + site.runs, 0);
    // Behind one name, as behind a load balancer.
    const asked = Array.from({ length: 20 }, (_, i) => sites[i % 2]!.get('/', { host: 'app' }));
    await until(() => runs() === 1);
    door.open();
    expect(new Set((await Promise.all(asked)).map(({ body }) => body))).toEqual(new Set(['run 1']));
    expect(runs()).toBe(1);
    await sites[0]!.send('PUT', '/', { host: 'app' });
    await sites[1]!.get('/', { host: 'app' });
    expect(runs()).toBe(3);
  });

  it('answer an unsafe request when all of them are past what it made untrue', async () => {
    const proxy = await startFaultProxy(url);
    const slow = new RedisStore({ url: proxy.url(url) });
    const far = new CacheManager(slow, { prefix: `${prefix}sharingfar`, storeTimeout: '10s' });
    const there = await siteOf('plain', far, { ttl: '1m' }, says({}));
    const here = await siteOf('plain', cacheOn('redis', 'far'), { ttl: '1m' }, says({}));
    await until(async () => (await here.get('/', { host: 'app' })).cache.startsWith('hit; ttl'));
    await there.get('/', { host: 'app' });
    await proxy.set({ delay: '100ms' });
    await there.send('POST', '/', { host: 'app' });
    expect((await here.get('/', { host: 'app' })).body).toBe('run 2');
    await slow.close({ deadline: '1s' });
    await proxy.close();
  });
});

describe('an application of Express', () => {
  const open = (set: (app: express.Express, cache: CacheManager) => void) => {
    const cache = cacheOn('memory');
    return served('express', () => {
      const app = express();
      set(app, cache);
      return app;
    });
  };

  it('keeps what it sets for each request apart from what is stored', async () => {
    let requests = 0;
    const site = await open((app, cache) => {
      app.use((request, response, next) => {
        requests += 1;
        response.set('X-Request-Id', String(requests));
        response.append('Set-Cookie', `session=${requests}`);
        response.set('X-Frame-Options', 'DENY');
        response.set('Vary', 'Origin');
        response.set('Access-Control-Allow-Origin', request.get('origin') ?? '*');
        next();
      });
      app.get('/', httpCache(cache, { ttl: '1m' }), (_request, response) => {
        response.removeHeader('X-Frame-Options');
        response.set('X-Own', '1').json({ a: 1 });
      });
    });
    await site.get('/', { origin: 'http://a' });
    const hit = await site.get('/', { origin: 'http://a' });
    expect(hit.cache).toMatch(/^hit/);
    expect([hit.headers['x-request-id'], hit.headers['set-cookie'], hit.headers['x-own']]).toEqual([
      '2',
      ['session=2'],
      '1',
    ]);
    expect(hit.headers['x-frame-options']).toBeUndefined();
    const other = await site.get('/', { origin: 'http://b' });
    expect([other.cache, other.headers['access-control-allow-origin']]).toEqual(['fwd=vary-miss', 'http://b']);
  });

  it('has its tags of each answer, its mounted routers and its own validators', async () => {
    let runs = 0;
    let held: CacheManager;
    const site = await open((app, cache) => {
      held = cache;
      const router = express.Router();
      const tags = (request: express.Request) => [`product ${request.params['id']}`];
      router.get('/:id', httpCache(cache, { ttl: '1m', tags }), (request, response) => {
        runs += 1;
        response.json({ id: request.params.id });
      });
      app.use('/products', router);
      app.use('/others', router);
    });
    const first = await site.get('/products/1');
    expect((await site.get('/others/1')).cache).toBe('fwd=uri-miss');
    const { etag } = first.headers;
    expect((await site.get('/products/1', { 'if-none-match': etag! })).status).toBe(304);
    expect(runs).toBe(2);
    await held!.invalidateTags('product 1');
    expect((await site.get('/products/1')).cache).toMatch(/^fwd=/);
    expect(runs).toBe(3);
  });

  it('answers errors as it would without a cache', async () => {
    const failures: unknown[] = [];
    const site = await open((app, cache) => {
      app.use(httpCache(cache, { ttl: '1m' }));
      app.get('/thrown', () => {
        throw new Error('planted');
      });
      // Known to be wrong only when it is sent: the head that was right so far is not that of the error.
      app.get('/wrong', (_request, response) => void response.set('X-A', '1').end({ a: 1 } as never));
      app.get('/late', async (_request, response) => {
        response.write('begun');
        throw new Error('planted');
      });
      app.use((error: Error, _request: IncomingMessage, response: ServerResponse, next: (e: unknown) => void) => {
        failures.push(error.message);
        if (response.headersSent) return next(error);
        response.statusCode = 500;
        response.end('failed');
      });
    });
    for (let i = 0; i < 2; i++) {
      expect((await site.get('/thrown')).status).toBe(500);
      expect((await site.get('/wrong')).status).toBe(500);
      await expect(site.get('/late')).rejects.toThrow();
      expect((await site.get('/none')).status).toBe(404);
    }
    expect(failures).toHaveLength(6);
    expect((await site.get('/none')).cache).toMatch(/^hit/);
  });

  it('may have the same cache twice on one way', async () => {
    let runs = 0;
    const site = await open((app, cache) => {
      app.use(httpCache(cache, { ttl: '1m', waitTimeout: '1h' }));
      app.get('/', httpCache(cache, { ttl: '1m', waitTimeout: '1h' }), (_request, response) => {
        runs += 1;
        response.json(runs);
      });
    });
    await site.get();
    await until(async () => (await site.get()).cache.startsWith('hit'));
    expect(runs).toBe(1);
  });

  it('gives files as they say that they may be stored', async () => {
    const site = await open((app, cache) => {
      app.use(httpCache(cache, { ttl: '1m' }));
      const file = new URL('../../package.json', import.meta.url).pathname;
      app.get('/own', (_request, response) => response.sendFile(file, { maxAge: 60_000 }));
      app.get('/asks', (_request, response) => response.sendFile(file));
    });
    const first = await site.get('/own');
    const second = await site.get('/own');
    expect([second.body, second.cache.slice(0, 3)]).toEqual([first.body, 'hit']);
    await site.get('/asks');
    expect((await site.get('/asks')).cache).toBe('fwd=uri-miss');
  });
});
