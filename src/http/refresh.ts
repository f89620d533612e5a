import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { targetOf } from './request.js';

/** Fields of the client's request that are not those of ours. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
  'if-range',
  'range',
  'cache-control',
  'pragma',
  'connection',
  'expect',
]);

/** Where what is said to nobody goes. */
class DeafSocket extends Duplex {
  readonly #model: Socket;

  constructor(model: Socket) {
    super();
    this.#model = model;
  }

  get remoteAddress(): string | undefined {
    return this.#model.remoteAddress;
  }

  get encrypted(): boolean {
    return (this.#model as { readonly encrypted?: boolean }).encrypted === true;
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

/** A handler that has not ended by then is not waited for: the next one may try. */
const FORGOTTEN_AFTER_MS = 30_000;

/** No client waits for them, and none is held back by them: of those that do not go on at once, what is stale is given once more. */
const MOST_AT_ONCE = 100;

/** Makes answers anew that were given stale: by a request of our own to the same server, whose answer nobody hears. */
export class Refreshes {
  readonly #going = new LRUCache<string, true>({ max: MOST_AT_ONCE, ttl: FORGOTTEN_AFTER_MS });
  readonly #own = new WeakSet<IncomingMessage>();

  /** Whether there is a server to ask: HTTP/2 has none that could be asked so. */
  canRefresh(request: IncomingMessage): boolean {
    return serverOf(request) !== null && !this.isOwn(request);
  }

  isOwn(request: IncomingMessage): boolean {
    return this.#own.has(request);
  }

  #isFull(): boolean {
    if (this.#going.size < MOST_AT_ONCE) return false;
    this.#going.purgeStale();
    return this.#going.size >= MOST_AT_ONCE;
  }

  /** Begins one, unless one for the same key goes on. */
  start(key: string, original: IncomingMessage): void {
    const server = serverOf(original);
    if (server === null || this.#going.has(key) || this.#isFull()) return;
    this.#going.set(key, true);
    const socket = new DeafSocket(original.socket) as unknown as Socket;
    const request = new IncomingMessage(socket);
    request.method = 'GET';
    request.url = targetOf(original);
    request.httpVersion = '1.1';
    request.httpVersionMajor = 1;
    request.httpVersionMinor = 1;
    for (let i = 0; i + 1 < original.rawHeaders.length; i += 2) {
      const name = original.rawHeaders[i]!;
      if (!LEFT_OUT.has(name.toLowerCase())) request.rawHeaders.push(name, original.rawHeaders[i + 1]!);
    }
    for (const [name, value] of Object.entries(original.headers))
      if (!LEFT_OUT.has(name)) request.headers[name] = value;
    request.complete = true;
    request.push(null);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      this.#going.delete(key);
      response.detachSocket(socket);
      socket.destroy();
      response.emit('close');
    });
    response.once('close', () => this.#going.delete(key));
    this.#own.add(request);
    // In its own time: whoever was given the stale answer has it first.
    setImmediate(() => {
      try {
        server.emit('request', request, response);
      } catch {
        // Nobody waits for it; the next one to come is told.
        this.#going.delete(key);
      }
    });
  }
}

function serverOf(request: IncomingMessage): Server | null {
  if (request.httpVersionMajor !== 1) return null;
  // What `node:http` and `node:https` put there.
  const { server } = request.socket as { readonly server?: Server };
  return typeof server?.emit === 'function' && server.listenerCount('request') > 0 ? server : null;
}
