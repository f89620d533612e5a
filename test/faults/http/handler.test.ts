import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, pipeline, Readable } from 'node:stream';
import express from 'express';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { httpCache, problem } from '../../../src/http/index.js';
import { CacheManager, MemoryStore, RedisStore } from '../../../src/index.js';
import { closeSites, gate, type Site, served, siteOf, until } from '../../http/kit.js';
import { redisPrefix } from '../../setup/databases.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url });
const stores = { memory: new MemoryStore(), redis };
let caches = 0;
afterEach(closeSites);

expectNothingUncaught();
afterAll(async () => {
  await redis.close();
});

type Fault = (request: IncomingMessage, response: ServerResponse, next: (error: unknown) => void) => unknown;

const failing = (): Readable =>
  Readable.from(
    (function* () {
      yield 'first ';
      throw new Error('planted');
    })(),
  );

/** What a handler does wrong, and whether its client is told so by an answer or by the end of the connection. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'throws before it answers': () => {
    throw new Error('planted');
  },
  'throws behind its head': (_request, response) => {
    response.writeHead(200, { 'X-A': '1' });
    throw new Error('planted');
  },
  'throws in the middle of its body': async (_request, response) => {
    response.write('first ');
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('planted');
  },
  'gives an error on': (_request, _response, next) => next(new Error('planted')),
  'writes what is no text and no bytes': (_request, response) => response.write(5 as never),
  'ends with what is no text and no bytes': (_request, response) => response.end({ a: 1 } as never),
  'writes null': (_request, response) => response.write(null),
  'says a message of the status that no head can hold': (_request, response) => {
    response.statusMessage = 'a\nb';
    response.end('whole');
  },
  'says a status that there is not': (_request, response) => {
    response.statusCode = 1_000;
    response.end('whole');
  },
  'says a field that no head can hold': (_request, response) => {
    response.writeHead(200, { 'X-A': 'a\r\nb' });
    response.end('whole');
  },
  'says two heads': (_request, response) => {
    response.writeHead(200);
    response.writeHead(404);
    response.end('whole');
  },
  'sets a field when its head is sent': (_request, response) => {
    response.write('first ');
    response.setHeader('X-A', '1');
    response.end('second');
  },
  'destroys its answer': (_request, response) => response.destroy(),
  'destroys its socket': (request) => request.socket.destroy(),
  'destroys its answer in the middle of its body': (_request, response) =>
    response.write('first ', () => response.destroy(new Error('planted'))),
  'destroys its socket in the middle of its body': (request, response) =>
    response.write('first ', () => request.socket.destroy()),
  'gives what breaks off': (_request, response) => void pipeline(failing(), response, () => {}),
  'ends with fewer bytes than it has said': (_request, response) => {
    response.setHeader('Content-Length', 100);
    response.end('first ');
  },
  'ends with more bytes than it has said': (_request, response) => {
    response.setHeader('Connection', 'close');
    response.setHeader('Content-Length', 3);
    response.end('first ');
  },
};

type End = { readonly status: number; readonly body: string; readonly type: unknown } | 'cut';

async function endOf(site: Site): Promise<End> {
  try {
    const { status, body, headers } = await site.get();
    return { status, body: body.replace(/at .*/s, ''), type: headers['content-type'] };
  } catch {
    return 'cut';
  }
}

/** A handler that does wrong in its first runs, and with or without a cache before it. */
async function faulty(fault: Fault, cache: CacheManager | null, wrong: number): Promise<Site> {
  return served('express', (site) => {
    const app = express();
    if (cache !== null) app.use(httpCache(cache, { ttl: '1h', waitTimeout: '1h' }));
    app.use((request, response, next) => {
      site.runs += 1;
      if (site.runs > wrong) return response.end('right');
      response.on('error', () => {});
      return fault(request, response, next);
    });
    app.use(problem());
    // Says nothing, and ends what has begun.
    app.use((_error: unknown, _request: IncomingMessage, response: ServerResponse, _next: () => void) => {
      response.destroy();
    });
    return app;
  });
}

describe.each(['memory', 'redis'] as const)('a handler behind a cache (%s)', (store) => {
  const opened = (): CacheManager =>
    new CacheManager(stores[store], { prefix: `${prefix}handler${caches++}`, storeTimeout: '60s' });

  it.each(Object.entries(FAULTS))('that %s is answered as without one, and is not stored', async (_name, fault) => {
    const expected = await endOf(await faulty(fault, null, 1));
    const site = await faulty(fault, opened(), 1);
    expect(await endOf(site)).toEqual(expected);
    for (let i = 0; i < 3; i++) expect((await site.get()).body).toBe('right');
    expect(site.runs).toBe(2);
    const { status, headers } = await site.get();
    expect([status, headers['x-a'], headers['content-length']]).toEqual([200, undefined, '5']);
  });

  it.each(Object.entries(FAULTS))('that %s leaves nobody waiting', async (_name, fault) => {
    const site = await faulty(fault, opened(), 3);
    const ends = await Promise.all(Array.from({ length: 12 }, () => endOf(site)));
    expect(ends).toHaveLength(12);
    await until(async () => {
      const end = await endOf(site);
      return end !== 'cut' && end.body === 'right';
    });
  });

  it('that writes after its end is told so, and what it ended with is stored', async () => {
    const errors: unknown[] = [];
    const site = await siteOf('plain', opened(), { ttl: '1h' }, (_request, response) => {
      response.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
      response.end('whole');
      response.write('more');
      response.end('more');
    });
    expect((await site.get()).body).toBe('whole');
    expect((await site.get()).body).toBe('whole');
    expect([site.runs, errors[0]]).toEqual([1, 'ERR_STREAM_WRITE_AFTER_END']);
  });

  it('that never ends is waited for by its own client, and by others for their time', async () => {
    const site = await siteOf('plain', opened(), { ttl: '1h', waitTimeout: '50ms' }, (_request, response, run) => {
      response.write('first ');
      if (run > 1) response.end(`run ${run}`);
    });
    const socket = connect(site.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => site.runs === 1);
    expect((await site.get('/', { host: 'x' })).body).toBe('first run 2');
    socket.destroy();
    // Now that its client has left, another one makes it.
    await until(async () => (await site.get('/', { host: 'x' })).cache.startsWith('hit'));
  });

  it('that takes longer than a load may is heard by its client, and is not stored', async () => {
    const door = gate();
    const cache = new CacheManager(stores[store], {
      prefix: `${prefix}handler${caches++}`,
      storeTimeout: '60s',
      loadTimeout: '1s',
    });
    let failed = 0;
    cache.on('loadFailed', () => {
      failed += 1;
    });
    const site = await siteOf('plain', cache, { ttl: '1h' }, async (_request, response, run) => {
      response.write('first ');
      if (run === 1) await door.opened;
      response.end(`run ${run}`);
    });
    const first = site.get();
    await until(() => failed === 1);
    const second = await site.get();
    expect(second.body).toBe('first run 2');
    door.open();
    expect((await first).body).toBe('first run 1');
    await until(async () => (await site.get()).cache.startsWith('hit'));
    expect((await site.get()).body).not.toBe('first run 1');
  });

  it.each(['head', 'body'])('whose client leaves at its %s is not stored, however it ends', async (when) => {
    for (const goOn of [
      (response: ServerResponse) => response.end('nobody hears it'),
      (response: ServerResponse) => response.destroy(),
      (response: ServerResponse) => void Readable.from(['a', 'b']).pipe(response),
      (response: ServerResponse) => void pipeline(new PassThrough().end('a'), response, () => {}),
    ]) {
      let left = false;
      const site = await siteOf('plain', opened(), { ttl: '1h' }, async (_request, response, run) => {
        if (run > 1) return response.end('right');
        response.once('close', () => {
          left = true;
        });
        response.on('error', () => {});
        if (when === 'body') response.write('first ');
        await until(() => left);
        return goOn(response);
      });
      const socket = connect(site.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => site.runs === 1);
      socket.destroy();
      for (let i = 0; i < 3; i++) expect((await site.get('/', { host: 'x' })).body).toBe('right');
    }
  });
});
