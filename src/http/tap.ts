import type { ServerResponse } from 'node:http';
import { applyHead } from './head.js';

/** Who looks at what a handler answers. */
export interface Watcher {
  /**
   * The head is whole, and nothing is sent yet. A function that is given takes the place of the answer: what the handler writes is kept from the client, and
   * when the handler has ended, the function says what is sent instead.
   */
  head(): (() => void) | null;
  /** A part of the body; whether more of it is wanted. */
  body(chunk: Buffer): boolean;
  /** The handler ended its answer. */
  ended(): void;
  /** The connection is gone before it did. */
  cut(): void;
}

type Callback = (error?: Error | null) => void;

/** The arguments of `write` and `end`: the chunk and what follows it are all optional. */
function partsOf(values: readonly unknown[]): {
  readonly chunk: string | Uint8Array | null;
  readonly encoding: BufferEncoding | undefined;
  readonly callback: Callback | undefined;
} {
  const callback = values.find((value) => typeof value === 'function') as Callback | undefined;
  const [chunk, encoding] = values;
  return {
    chunk: typeof chunk === 'function' || chunk === undefined ? null : (chunk as string | Uint8Array | null),
    encoding: typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined,
    callback,
  };
}

/**
 * Shows a watcher what a handler answers, while it goes to the client. As long as the watcher wants more, the handler is not told to wait for a slow client:
 * what it writes is wanted whole, and not longer than the watcher says.
 */
export function tap(response: ServerResponse, watcher: Watcher): void {
  const { writeHead, flushHeaders, write, end } = response;
  let isBegun = false;
  let isEnded = false;
  let isWanted = true;
  let isAsked = false;
  let isHeadWritten = false;
  let instead: (() => void) | null = null;

  const begin = (): void => {
    if (isBegun) return;
    // Whoever has put something before the head since, such as a session its cookie, does it only when a head is written.
    if (!isHeadWritten && response.writeHead !== tapped.writeHead) {
      isAsked = true;
      try {
        response.writeHead(response.statusCode);
      } finally {
        isAsked = false;
      }
    }
    isBegun = true;
    instead = watcher.head();
    if (instead === null) return;
    // Whoever asks sees what it would see without a cache: the head is out, and an error comes too late to be an answer.
    Object.defineProperty(response, 'headersSent', { configurable: true, get: () => true });
  };
  /** What is thrown before the head has left makes room for another answer, which has a head of its own. */
  const attempt = <T>(send: () => T): T => {
    try {
      return send();
    } catch (error) {
      if (instead !== null) {
        instead = null;
        Reflect.deleteProperty(response, 'headersSent');
      }
      if (!response.headersSent) isBegun = false;
      throw error;
    }
  };
  const restore = (): void => {
    Object.assign(response, { writeHead, flushHeaders, write, end });
    Reflect.deleteProperty(response, 'headersSent');
  };
  const record = (chunk: string | Uint8Array | null, encoding: BufferEncoding | undefined): void => {
    if (chunk === null || !isWanted) return;
    // The handler may use its bytes again.
    isWanted = watcher.body(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
  };

  const tapped = {
    writeHead(status: number, ...rest: unknown[]): ServerResponse {
      if (isBegun) return instead === null ? writeHead.apply(response, [status, ...rest] as never) : response;
      applyHead(response, status, rest);
      if (isAsked) return response;
      isHeadWritten = true;
      begin();
      return instead === null ? attempt(() => writeHead.call(response, response.statusCode)) : response;
    },
    flushHeaders(): void {
      begin();
      if (instead === null) attempt(() => flushHeaders.call(response));
    },
    write(...values: unknown[]): boolean {
      const { chunk, encoding, callback } = partsOf(values);
      begin();
      if (instead !== null) {
        attempt(() => record(chunk, encoding));
        if (callback !== undefined) process.nextTick(callback);
        return true;
      }
      const isReady = attempt(() => write.apply(response, values as never));
      record(chunk, encoding);
      return isWanted || isReady;
    },
    end(...values: unknown[]): ServerResponse {
      const { chunk, encoding, callback } = partsOf(values);
      begin();
      if (isEnded) return instead === null ? end.apply(response, values as never) : response;
      if (instead === null) {
        attempt(() => end.apply(response, values as never));
        record(chunk, encoding);
        isEnded = true;
        watcher.ended();
        return response;
      }
      attempt(() => record(chunk, encoding));
      isEnded = true;
      watcher.ended();
      restore();
      if (callback !== undefined) response.once('finish', callback);
      instead();
      return response;
    },
  };
  Object.assign(response, tapped);
  response.once('close', () => {
    if (isEnded) return;
    isEnded = true;
    watcher.cut();
  });
}
