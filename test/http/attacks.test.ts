import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpCacheOptions, httpCache } from '../../src/http/index.js';
import { keyOfVariant } from '../../src/http/request.js';
import { CacheManager, cacheKey, MemoryStore } from '../../src/index.js';
import { closeSites, gate, type Maker, type Site, says, served, siteOf, until } from './kit.js';

afterEach(closeSites);

const open = (maker: Maker, options: HttpCacheOptions = { ttl: '1h' }): Promise<Site> =>
  siteOf('plain', new CacheManager(new MemoryStore()), options, maker);

/** What a server answers to these bytes until it closes the connection. */
async function raw(site: Site, bytes: string): Promise<string> {
  const socket = connect(site.port, '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

const get = (fields: string, target = '/', version = '1.1'): string =>
  `GET ${target} HTTP/${version}\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`;

describe('a request that is cut otherwise by others', () => {
  it('is no way to an answer under another key, nor to a second request', async () => {
    const site = await open((request, response, run) => response.end(`${request.url} run ${run}`));
    const smuggled = 'GET /planted HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const fields of [
      `Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n`,
      `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`,
      'Transfer-Encoding: xchunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
      'Content-Length: +5\r\n',
      'X-A : 1\r\n',
      'X-A: a\0b\r\n',
      'X-A: a\rX-B: b\r\n',
    ]) {
      const text = await raw(site, `${get(fields)}${smuggled}`);
      expect(text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
      expect(text).toMatch(/^HTTP\/1\.1 400|detail=body/);
    }
    const { runs } = site;
    // A body, whatever it says, is read by the handler alone, and no key holds it.
    const text = await raw(site, `${get(`Content-Length: ${smuggled.length}\r\n`)}${smuggled}`);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(text).toContain('detail=body');
    expect((await site.get('/planted', { host: 'x' })).body).toBe(`/planted run ${runs + 2}`);
  });

  it('of HTTP/1.0 gets what is stored whole, with its length, also without a host', async () => {
    const site = await open((_request, response, run) => {
      response.write('run ');
      response.end(String(run));
    });
    for (const host of ['Host: x\r\n', '']) {
      const ask = () => raw(site, `GET / HTTP/1.0\r\n${host}\r\n`);
      const body = (await ask()).split('\r\n\r\n')[1];
      const hit = await ask();
      expect(hit).toMatch(/trivet; hit/);
      expect(hit).toMatch(/content-length: 5/i);
      expect(hit).not.toMatch(/transfer-encoding/i);
      expect(hit.split('\r\n\r\n')[1]).toBe(body);
    }
    expect(site.runs).toBe(2);
  });

  it('is never answered by two lengths, whatever middleware has said before', async () => {
    const cached = httpCache(new CacheManager(new MemoryStore()), { ttl: '1h' });
    const site = await served('plain', () => (request, response) => {
      response.setHeader('Transfer-Encoding', 'chunked');
      cached(request, response, () => response.end('whole'));
    });
    await site.get('/', { host: 'x' });
    const hit = await raw(site, get(''));
    expect(hit).toMatch(/trivet; hit/);
    expect([/content-length: 5/i.test(hit), /transfer-encoding/i.test(hit)]).toEqual([true, false]);
  });

  it('says two hosts over HTTP/2: it is passed by', async () => {
    const cached = httpCache(new CacheManager(new MemoryStore()), { ttl: '1h' });
    const server = createHttp2Server((request, response) => {
      cached(request as never, response as never, () => response.end(request.authority));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const ask = async (fields: Record<string, string>) => {
      const stream = session.request({ ':path': '/', ...fields });
      const [headers] = await once(stream, 'response');
      let body = '';
      for await (const chunk of stream) body += chunk;
      return [body, String(headers['cache-status'])];
    };
    const two = await ask({ ':authority': 'evil', host: 'app' });
    expect(two).toEqual(['evil', 'trivet; fwd=bypass; detail=target']);
    expect(await ask({ ':authority': 'app' })).toEqual(['app', 'trivet; fwd=uri-miss']);
    session.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

describe('names of fields', () => {
  it('that are those of what every object has, are fields like others', async () => {
    const site = await open((request, response, run) => {
      response.setHeader('Vary', 'constructor, toString, hasOwnProperty');
      response.setHeader('__proto__', 'own');
      response.end(`${String(Object.getOwnPropertyDescriptor(request.headers, 'constructor')?.value)} ${run}`);
    });
    expect((await site.get('/', { constructor: 'a' })).body).toBe('a 1');
    expect((await site.get()).body).toBe('undefined 2');
    await until(async () => (await site.get()).cache.startsWith('hit'));
    expect((await site.get('/', { constructor: 'a' })).body).toBe('a 1');
    expect((await raw(site, get('__proto__: x\r\nconstructor: a\r\n'))).includes('a 3')).toBe(true);
    expect((await raw(site, get('__proto__: x\r\nconstructor: a\r\n'))).toLowerCase()).toContain('__proto__: own');
  });

  it('that have no value to look at keep an answer from being stored', async () => {
    const site = await open(says({ Vary: '__proto__' }));
    for (const run of [1, 2]) expect((await site.get()).body).toBe(`run ${run}`);
  });

  it('that are full of spaces are compared in a time that does not grow with the square of their length', () => {
    const own = cacheKey('a');
    const keyOf = (value: string): string =>
      keyOfVariant(own, { kind: 'index', id: '1', vary: ['x-a'] }, { 'x-a': value }).text;
    // Where each space is looked at once for each that is before it, this does not end.
    const spaces = ' '.repeat(2_000_000);
    expect(keyOf(`a${spaces},${spaces}c`)).toBe(keyOf('a,c'));
    expect(keyOf(`a${spaces}c`)).not.toBe(keyOf('ac'));
  });

  it('that a client adds to Vary grow no index, and do not keep others from sharing', async () => {
    const cache = new CacheManager(new MemoryStore());
    const site = await siteOf('plain', cache, { ttl: '1h' }, (request, response, run) => {
      response.setHeader('Vary', request.headers['x-names'] ?? 'X-A');
      response.end(`run ${run}`);
    });
    const namesOf = (from: number, count: number): string =>
      Array.from({ length: count }, (_, i) => `x-${from + i}`).join(', ');
    await site.get('/', { 'x-names': namesOf(0, 5_000) });
    await site.get('/', { 'x-names': namesOf(0, 33) });
    expect(await cache.get(cacheKey('http', `http://127.0.0.1:${site.port}`, '/'))).toBeUndefined();
    let most = 0;
    for (let i = 0; i < 60; i++) {
      // Another value of one that is named already, so that nothing is found.
      await site.get('/', { 'x-names': namesOf(i * 10, 10), [`x-${(i - 1) * 10}`]: String(i) });
      const stored = await cache.get<{ vary: string[] }>(cacheKey('http', `http://127.0.0.1:${site.port}`, '/'));
      most = Math.max(most, stored?.vary.length ?? 0);
    }
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(32);
    await until(async () => (await site.get('/', { 'x-a': '1' })).cache.startsWith('hit; ttl'));
  });
});

describe('what no key holds', () => {
  it('is the host that a trusted proxy says, where Express believes it: it is in the key', async () => {
    for (const trusts of [true, false]) {
      const site = await served('express', () => {
        const app = express();
        app.set('trust proxy', trusts);
        app.use(httpCache(new CacheManager(new MemoryStore()), { ttl: '1h' }));
        app.use((request, response) => response.end(`${request.protocol}://${request.host}/`));
        return app;
      });
      const own = { host: 'app', 'x-forwarded-proto': 'https' };
      await site.get('/', { ...own, 'x-forwarded-host': 'evil.example' });
      expect((await site.get('/', own)).body).toBe(trusts ? 'https://app/' : 'http://app/');
      const again = await site.get('/', { ...own, 'x-forwarded-host': 'evil.example:8080, app' });
      expect(again.body).toBe(trusts ? 'https://evil.example:8080/' : 'http://app/');
    }
  });

  it.each(['X-Forwarded-Host', 'X-Forwarded-Scheme', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override'])(
    'such as %s, is told apart where an answer or the options name it',
    async (name) => {
      const lower = name.toLowerCase();
      const maker: Maker = (request, response, run) => response.end(`${request.headers[lower]} ${run}`);
      const named: Maker = (request, response, run) => {
        response.setHeader('Vary', name);
        maker(request, response, run);
      };
      for (const site of [await open(named), await open(maker, { ttl: '1h', vary: [name] })]) {
        await site.get('/', { [lower]: 'planted' });
        expect((await site.get()).body).toBe('undefined 2');
        expect((await site.get('/', { [lower]: 'planted' })).body).toBe('planted 1');
      }
    },
  );

  it('is a host with a part of a path, or of no use: each has answers of its own', async () => {
    const site = await open((request, response, run) => response.end(`${request.headers.host}${request.url} ${run}`));
    const ask = async (host: string, target: string): Promise<string> =>
      (await raw(site, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).split('\r\n\r\n')[1]!;
    const hosts = [
      ['app/a', '/b'],
      ['app', '/a/b'],
      ['app:80', '/a/b'],
      ['app@evil', '/a/b'],
      ['app#', '/a/b'],
      ['app.', '/a/b'],
      ['http://app', '/a/b'],
      ['', '/a/b'],
      ['[::1]', '/a/b'],
    ] as const;
    for (const [i, [host, target]] of hosts.entries())
      expect(await ask(host, target)).toContain(`${host}${target} ${i + 1}`);
    expect(site.runs).toBe(hosts.length);
  });

  it('is a status that a client can provoke: what is no answer to the URL is not for the next one', async () => {
    const site = await open((request, response, run) => {
      response.statusCode = Number(request.headers['x-provoke'] ?? 200);
      response.end(`run ${run}`);
    });
    for (const status of [400, 401, 403, 405, 406, 413, 414, 415, 416, 421, 429, 431, 500, 501, 502, 503, 504])
      expect((await site.get('/', { 'x-provoke': String(status) })).status).toBe(status);
    expect((await site.get()).status).toBe(200);
  });
});

describe('a page of one client under a name that looks like a file of all', () => {
  it('is not stored by ttl, nor given to another', async () => {
    const site = await open(
      (request, response, run) =>
        void response.end(`${request.headers.cookie ?? request.headers.authorization} ${run}`),
    );
    for (const path of ['/profile/x.css', '/profile;x.css', '/profile%2fx.css', '/profile?x.css', '/profile%00.css']) {
      expect((await site.get(path, { cookie: 'session=victim' })).body).toMatch(/^session=victim/);
      expect((await site.get(path, { authorization: 'Bearer victim' })).body).toMatch(/^Bearer victim/);
      expect((await site.get(path)).body).toMatch(/^undefined/);
      expect((await site.get(path, { cookie: 'session=other' })).body).toMatch(/^session=other/);
    }
  });

  it('is not stored where a session begins with it, also where its cookie is set when the head is written', async () => {
    let sessions = 0;
    const cache = new CacheManager(new MemoryStore());
    const site = await served('express', () => {
      const app = express();
      app.use(httpCache(cache, { ttl: '1h' }));
      // As middleware of sessions does.
      app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
        const { writeHead } = response;
        let isSet = false;
        response.writeHead = ((...values: unknown[]) => {
          if (!isSet && request.headers.cookie === undefined) response.setHeader('Set-Cookie', `session=${++sessions}`);
          isSet = true;
          return writeHead.apply(response, values as never);
        }) as never;
        next();
      });
      app.get('/json', (_request, response) => void response.json({ token: sessions + 1 }));
      app.get('/head', (_request, response) => void response.writeHead(200, { 'X-A': '1' }).end(`token ${sessions}`));
      app.get('/parts', (_request, response) => {
        response.write('token ');
        response.end(String(sessions));
      });
      return app;
    });
    for (const path of ['/json', '/head', '/parts']) {
      const [first, second] = [await site.get(path), await site.get(path)];
      expect(first.body).not.toBe(second.body);
      expect(first.headers['set-cookie']).not.toEqual(second.headers['set-cookie']);
      expect(second.headers['set-cookie']).toHaveLength(1);
      expect(first.headers['content-length']).toBe(path === '/json' ? String(first.bytes.length) : undefined);
    }
  });
});

describe('spellings of one URL', () => {
  it('are taken away with it by an unsafe request, whichever it says', async () => {
    const site = await open(says({}));
    const held = async (): Promise<number> =>
      (await site.get('/a/b?c=1', { 'cache-control': 'only-if-cached' })).status;
    const spellings = ['/a/b?c=1', '/%61/b?c=1', '/a/./b?c=1', '/a/x/../b?c=1', '/a/x/%2e%2E/%62?c=1', '/a\\b?c=1'];
    for (const target of [
      ...spellings,
      `http://127.0.0.1:${site.port}/a/b?c=1`,
      `HTTP://127.0.0.1:${site.port}/%61/b?c=1`,
    ]) {
      await site.get('/a/b?c=1');
      await site.stored('/a/b?c=1');
      expect(await held()).toBe(200);
      expect((await site.send('POST', target)).status).toBe(200);
      expect(await held()).toBe(504);
    }
  });

  it('that mean something else take nothing away', async () => {
    const site = await open(says({}));
    await site.get('/a/b?c=1');
    await site.stored('/a/b?c=1');
    for (const target of ['/a%2fb?c=1', '//a/b?c=1', '/a/b', '/a/b?c=%31', '/A/b?c=1', 'http://other/a/b?c=1x', '/'])
      await site.send('POST', target);
    expect((await site.get('/a/b?c=1', { 'cache-control': 'only-if-cached' })).status).toBe(200);
  });
});

describe('many at once', () => {
  it('hold no more than maxRecordingBytes of what is being made, and what is more goes through whole', async () => {
    const door = gate();
    const part = Buffer.alloc(1_000, 'x');
    const site = await open(
      async (_request, response) => {
        for (let i = 0; i < 10; i++) response.write(part);
        await door.opened;
        response.end(part);
      },
      { ttl: '1h', maxRecordingBytes: 55_000 },
    );
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
    const asked = Promise.all(paths.map((path) => site.get(path)));
    await until(() => site.runs === 20);
    door.open();
    expect((await asked).every(({ bytes }) => bytes.length === 11_000)).toBe(true);
    const held = async (): Promise<number> => {
      const found = await Promise.all(paths.map((path) => site.get(path, { 'cache-control': 'only-if-cached' })));
      return found.filter(({ status }) => status === 200).length;
    };
    await until(async () => (await held()) > 0);
    expect(await held()).toBeLessThanOrEqual(5);
    // There is room again for the next ones.
    for (const path of paths) await site.get(path);
    await until(async () => (await held()) === 20);
  });

  it('give the room back, however they end', async () => {
    const site = await open(
      (request, response) => {
        response.write(Buffer.alloc(900));
        if (request.url === '/cut') response.destroy();
        else response.end(Buffer.alloc(request.url === '/large' ? 900 : 10));
      },
      { ttl: '1h', maxRecordingBytes: 1_000 },
    );
    for (let i = 0; i < 5; i++) {
      await site.get('/cut').catch(() => {});
      await site.get('/large');
    }
    await site.get('/fits');
    await until(async () => (await site.get('/fits')).cache.startsWith('hit; ttl'));
  });

  it('of other URLs are told apart, however long these are, and what is over the limit of the server is refused', async () => {
    const site = await open(says({}));
    const long = `/?${'a'.repeat(12_000)}`;
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => site.get(`${long}${i}`)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(200);
    expect((await site.get(`${long}7`)).cache).toMatch(/^hit/);
    expect((await site.get(`/?${'a'.repeat(40_000)}`)).status).toBe(431);
    expect(site.runs).toBe(200);
  });

  it('that are stale are made anew behind, a hundred at a time', async () => {
    const door = gate();
    let refreshed = 0;
    const site = await open(
      async (_request, response, run) => {
        if (run > 150) {
          refreshed += 1;
          await door.opened;
        }
        response.end(`run ${run}`);
      },
      { ttl: '20ms', staleWhileRevalidate: '1h' },
    );
    const paths = Array.from({ length: 150 }, (_, i) => `/${i}`);
    const all = (ask: (path: string) => Promise<unknown>) => Promise.all(paths.map(ask));
    await all((path) => site.get(path));
    await all((path) => site.stored(path));
    // The handler never runs for these.
    const asked = { 'cache-control': 'only-if-cached' };
    await all((path) => until(async () => (await site.get(path, asked)).cache.startsWith('hit; ttl=-')));
    expect(site.runs).toBe(150);
    const isStale = async (path: string): Promise<void> => expect((await site.get(path)).cache).toMatch(/^hit; ttl=-/);
    await all(isStale);
    await until(() => refreshed === 100);
    await all(isStale);
    expect(refreshed).toBe(100);
    door.open();
    // The others have their turn.
    await until(async () => {
      await all((path) => site.get(path));
      return refreshed >= 150;
    });
  });

  it('that wait are let go when their clients leave', async () => {
    const door = gate();
    const site = await open(
      async (_request, response, run) => {
        if (run === 1) await door.opened;
        response.end(`run ${run}`);
      },
      { ttl: '1h', waitTimeout: '1h' },
    );
    const first = site.get('/', { host: 'x' });
    await until(() => site.runs === 1);
    const sockets: Socket[] = [];
    for (let i = 0; i < 50; i++) {
      const socket = connect(site.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(get(''));
      sockets.push(socket);
    }
    await until(() => site.arrived === 51);
    for (const socket of sockets) socket.destroy();
    door.open();
    expect((await first).body).toBe('run 1');
    expect((await site.get('/', { host: 'x' })).body).toBe('run 1');
    expect(site.runs).toBe(1);
  });
});

describe('an answer whose head has changed since', () => {
  it('is told so by 304 with the fields of what is stored now', async () => {
    const site = await open((_request, response, run) => {
      response.writeHead(200, { ETag: '"same"', 'X-Run': run, 'Cache-Control': `max-age=${60 + run}`, Vary: 'X-A' });
      response.end(`run ${run}`);
    });
    await site.get();
    await site.stored();
    const second = await site.get('/', { 'cache-control': 'no-cache', 'if-none-match': '"same"' });
    expect([second.status, second.headers['x-run'], second.headers['cache-control']]).toEqual([304, '2', 'max-age=62']);
    await until(async () => (await site.get()).body === 'run 2');
    const third = await site.get('/', { 'if-none-match': '"same"' });
    expect([third.status, third.headers['x-run'], third.headers['cache-control'], third.headers['vary']]).toEqual([
      304,
      '2',
      'max-age=62',
      'X-A',
    ]);
  });

  it("of a handler that says 304 to one who has asked for no such thing is nobody else's", async () => {
    const site = await open((_request, response, run) => {
      response.statusCode = run === 1 ? 304 : 200;
      response.end(run === 1 ? undefined : `run ${run}`);
    });
    expect((await site.get()).status).toBe(304);
    expect(await site.get()).toMatchObject({ status: 200, body: 'run 2' });
  });
});
