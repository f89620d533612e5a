import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { HttpCacheOptions } from '../../src/http/index.js';
import { CacheManager, MemoryStore, RedisStore } from '../../src/index.js';
import { redisPrefix } from '../setup/databases.js';
import { closeSites, gate, type Maker, type Site, siteOf, until } from './kit.js';

const { url, prefix } = await redisPrefix();
const redis = new RedisStore({ url });
afterAll(() => redis.close());
afterEach(closeSites);

const stores = { memory: new MemoryStore(), redis };
let caches = 0;

/** A client that says what it is told to, and looks at the bytes. */
async function rawClient(site: Site): Promise<{ readonly socket: Socket; text(): string }> {
  const socket = connect(site.port, '127.0.0.1');
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return { socket, text: () => text };
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe.each([
  ['plain', 'memory'],
  ['express', 'memory'],
  ['express', 'redis'],
] as const)('a body (%s, %s)', (frame, store) => {
  const open = (maker: Maker, options: HttpCacheOptions = { ttl: '1m' }): Promise<Site> => {
    const cache = new CacheManager(stores[store], { prefix: `${prefix}bodies${caches++}`, storeTimeout: '10s' });
    return siteOf(frame, cache, options, maker);
  };

  it('goes to the client at once, part by part, and is stored whole', async () => {
    const door = gate();
    const site = await open(async (_request, response) => {
      response.write('first ');
      await door.opened;
      response.end('second');
    });
    const { socket, text } = await rawClient(site);
    socket.write(GET);
    await until(() => text().includes('first'));
    expect(text()).not.toContain('second');
    door.open();
    await until(() => text().includes('second'));
    socket.destroy();
    const hit = await site.get('/', { host: 'x' });
    expect([hit.body, hit.cache.slice(0, 3), hit.headers['content-length'], site.runs]).toEqual([
      'first second',
      'hit',
      '12',
      1,
    ]);
  });

  it('of every kind is given again byte by byte', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const makers: readonly Maker[] = [
      (_request, response) => response.end(every),
      (_request, response) => response.end(new Uint8Array(every)),
      (_request, response) => response.end('ff00fe', 'hex'),
      (_request, response) => response.end('ünïcödé', 'latin1'),
      (_request, response) => response.end('\ufeffünïcödé 😀'),
      (_request, response) => response.end(),
      (_request, response) => {
        const reused = Buffer.from('one');
        response.write(reused, () => {
          reused.write('two');
          response.end(reused, () => {});
        });
      },
      (_request, response) => {
        response.writeHead(200, 'Fine', ['X-A', '1', 'X-A', '2']);
        response.write('a');
        response.write(Buffer.from('b'));
        response.end('c');
      },
      (_request, response) => {
        response.flushHeaders();
        Readable.from([every, every, every]).pipe(response);
      },
      (_request, response) => {
        response.setHeader('Content-Encoding', 'gzip');
        response.end(gzipSync('packed'));
      },
    ];
    for (const maker of makers) {
      const site = await open(maker);
      const first = await site.get();
      const second = await site.get();
      expect([second.status, second.cache.slice(0, 3)]).toEqual([first.status, 'hit']);
      expect(second.bytes.equals(first.bytes)).toBe(true);
      expect(second.headers['x-a']).toEqual(first.headers['x-a']);
      expect(second.headers['content-encoding']).toBe(first.headers['content-encoding']);
      if (first.headers['content-encoding'] !== undefined) expect(gunzipSync(second.bytes).toString()).toBe('packed');
      expect(site.runs).toBe(1);
    }
  });

  it('that is larger than the limit goes through whole, and is not stored', async () => {
    const site = await open(
      (_request, response) =>
        void Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1_000, 'x'))).pipe(response),
      { ttl: '1m', maxBodyBytes: 99_999 },
    );
    expect((await site.get()).bytes.length).toBe(100_000);
    expect((await site.get()).bytes.length).toBe(100_000);
    expect(site.runs).toBe(2);
    const within = await open((_request, response) => void response.end(Buffer.alloc(1_000)), {
      ttl: '1m',
      maxBodyBytes: 1_000,
    });
    await within.get();
    await within.get();
    expect(within.runs).toBe(1);
  });

  it('that its client left is not stored', async () => {
    const left = gate();
    const site = await open(async (_request, response, run) => {
      response.write(`run ${run} `);
      if (run === 1) {
        await left.opened;
        response.write('nobody hears it');
      }
      response.end('end');
    });
    const { socket, text } = await rawClient(site);
    socket.write(GET);
    await until(() => text().includes('run 1'));
    const second = site.get('/', { host: 'x' });
    socket.destroy();
    expect((await second).body).toBe('run 2 end');
    left.open();
    expect((await site.get('/', { host: 'x' })).body).toBe('run 2 end');
  });

  it('whose handler breaks off is not stored', async () => {
    const site = await open((_request, response, run) => {
      response.write(`run ${run} `);
      if (run === 1) response.destroy();
      else response.end('end');
    });
    await expect(site.get()).rejects.toThrow();
    expect((await site.get()).body).toBe('run 2 end');
    expect((await site.get()).body).toBe('run 2 end');
  });

  it('of a client that reads slowly is waited for by nobody', async () => {
    const size = 24 * 1024 * 1024;
    const site = await open((_request, response) => void Readable.from(chunksOf(size)).pipe(response), {
      ttl: '1m',
      maxBodyBytes: size,
      waitTimeout: '1h',
    });
    const { socket } = await rawClient(site);
    socket.pause();
    socket.write(GET);
    await until(() => site.runs === 1);
    expect((await site.get('/', { host: 'x' })).bytes.length).toBe(size);
    expect(site.runs).toBe(1);
    socket.destroy();
  });

  it('is not there where the status has none', async () => {
    const site = await open((_request, response) => {
      response.statusCode = 204;
      response.end();
    });
    await site.get();
    const hit = await site.get();
    expect([hit.status, hit.body, hit.headers['content-length'], site.runs]).toEqual([204, '', undefined, 1]);
  });

  it('that nobody may have twice is no problem for a connection that is kept', async () => {
    const site = await open((_request, response, run) => {
      response.setHeader('ETag', '"a"');
      response.end(`run ${run}`);
    });
    const { socket, text } = await rawClient(site);
    const conditional = 'GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: "a"\r\n\r\n';
    // In one go: the answers come in their order, and no byte of a body behind a 304.
    socket.write(conditional + conditional + GET + GET.replace('GET', 'HEAD') + GET);
    await until(() => text().split('HTTP/1.1').length === 6 && /run \d$/.test(text()));
    const statuses = [...text().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['304', '304', '200', '200', '200']);
    expect(text().match(/run \d/g)).toHaveLength(2);
    socket.destroy();
  });
});

function* chunksOf(size: number): Generator<Buffer> {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  for (let left = size; left > 0; left -= chunk.length) yield chunk;
}
