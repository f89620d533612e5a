import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import { type HttpCacheOptions, httpCache } from '../../src/http/index.js';
import { type CacheManager, cacheKey } from '../../src/index.js';
import { until } from '../setup/outcomes.js';

export { gate, until } from '../setup/outcomes.js';

/** What a client was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** Our own member of `Cache-Status`. */
  readonly cache: string;
}

export type Headers = Readonly<Record<string, string>>;
/** A handler, told how many times it has run with this run. */
export type Maker = (request: IncomingMessage, response: ServerResponse, run: number) => unknown;
export type Frame = 'plain' | 'express';

/** A server whose handler is behind a cache. */
export class Site {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  /** How many times its handler ran. */
  runs = 0;
  /** How many requests have come. */
  arrived = 0;
  cache: CacheManager | null = null;

  constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get(path = '/', headers: Headers = {}): Promise<Answer> {
    return this.send('GET', path, headers);
  }

  send(method: string, path = '/', headers: Headers = {}, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = request({ port: this.port, host: '127.0.0.1', method, path, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const status = answer.headers['cache-status'];
          const cache = String(status ?? '').replace(/^.*trivet; /, '');
          resolve({ status: answer.statusCode!, headers: answer.headers, body: bytes.toString(), bytes, cache });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Waits until something is stored for a URL: the client has its answer before. */
  async stored(path = '/'): Promise<void> {
    const key = cacheKey('http', `http://127.0.0.1:${this.port}`, path);
    await until(async () => (await this.cache!.get(key, { stale: '1h' })) !== undefined);
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const open: Site[] = [];

/** A server with a cache in it, in the frame of Express or in none. */
export async function siteOf(
  frame: Frame,
  cache: CacheManager,
  options: HttpCacheOptions,
  maker: Maker,
): Promise<Site> {
  const cached = httpCache(cache, options);
  let site: Site;
  const run = (request: IncomingMessage, response: ServerResponse): unknown => maker(request, response, ++site.runs);
  return served(frame, (made) => {
    site = made;
    site.cache = cache;
    if (frame === 'plain') return (request, response) => cached(request, response, () => run(request, response));
    const app = express();
    app.use(cached);
    app.use((request, response) => run(request, response));
    return app;
  });
}

/** A server of one's own. */
export async function served(_frame: Frame, listener: (site: Site) => RequestListener): Promise<Site> {
  const sockets = new Set<Socket>();
  let listen: RequestListener;
  const server = createServer((request, response) => listen(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const site = new Site(server, sockets);
  const answer = listener(site);
  listen = (request, response) => {
    site.arrived += 1;
    answer(request, response);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(site);
  return site;
}

export async function closeSites(): Promise<void> {
  await Promise.all(open.splice(0).map((site) => site.close()));
}

/** A handler that answers which run it is, with these fields. */
export function says(fields: Headers, status = 200): Maker {
  return (_request, response, run) => {
    response.writeHead(status, fields);
    response.end(`run ${run}`);
  };
}

/** Asks what is stored until it is no longer fresh; the handler does not run for it. */
export async function untilStale(site: Site, path = '/'): Promise<void> {
  await site.stored(path);
  await until(async () => (await site.get(path, { 'cache-control': 'only-if-cached' })).status === 504);
}
