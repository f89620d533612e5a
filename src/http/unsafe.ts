import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CacheKey } from '../cache/key.js';
import { applyHead } from './head.js';
import { keyOfTarget, originOf, targetOf } from './request.js';

/** Methods that ask for nothing to be changed (RFC 9110, 9.2.1). Any other one may change something, also one that nobody knows. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Calls `invalidate` with the keys that a request has made untrue (RFC 9111, 4.4), once its handler has answered without an error. The end of the answer
 * waits for it: who has read it whole is given nothing of before.
 */
export function watchChange(
  request: IncomingMessage,
  response: ServerResponse,
  own: CacheKey | null,
  invalidate: (keys: readonly CacheKey[]) => Promise<void>,
): void {
  const { writeHead, end } = response;
  let isEnded = false;
  let isBegunNow = false;
  let done: Promise<unknown> = Promise.resolve();
  const takeAway = (): void => {
    if (response.statusCode >= 400) return;
    done = Promise.all([done, invalidate(keysOfChange(request, response, own))]);
  };
  const watched = {
    writeHead(status: number, ...rest: unknown[]): ServerResponse {
      if (response.headersSent) return writeHead.apply(response, [status, ...rest] as never);
      applyHead(response, status, rest);
      if (!isEnded) {
        takeAway();
        isBegunNow = true;
        queueMicrotask(() => {
          isBegunNow = false;
        });
      }
      return writeHead.call(response, response.statusCode);
    },
    end(...values: unknown[]): ServerResponse {
      isEnded = true;
      // What the handler has changed since it sent the head, or since the client left, may have been read and stored before it was.
      if (!isBegunNow) takeAway();
      done.then(() => end.apply(response, values as never)).catch((error: Error) => response.destroy(error));
      return response;
    },
  };
  Object.assign(response, watched);
  // The client is gone; what it asked for may have been done.
  response.once('close', () => {
    if (!isEnded) takeAway();
  });
}

function keysOfChange(request: IncomingMessage, response: ServerResponse, own: CacheKey | null): readonly CacheKey[] {
  const keys = new Map<string, CacheKey>();
  const add = (key: CacheKey): void => void keys.set(key.text, key);
  if (own !== null) add(own);
  const origin = originOf(request);
  const target = targetOf(request);
  const [, said, path = target] = ABSOLUTE.exec(target) ?? [];
  // What a client of a proxy says in the first line goes before `Host`; a handler may look at either.
  const origins = new Set(said === undefined ? [origin] : [origin, said.toLowerCase()]);
  for (const each of origins) {
    for (const spelling of spellingsOf(each, path)) add(keyOfTarget(each, spelling));
    for (const name of ['location', 'content-location']) {
      const value = response.getHeader(name);
      const url = typeof value === 'string' ? urlOf(value, `${each}${path}`) : null;
      if (url !== null && url.origin === urlOf(each)?.origin) add(keyOfTarget(each, url.pathname + url.search));
    }
  }
  return [...keys.values()];
}

/** `http://example.com/a`: a target with its origin (RFC 9112, 3.2.2). */
const ABSOLUTE = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)(.*)$/i;
/** Characters that mean the same when they are encoded (RFC 3986, 2.3). */
const PLAIN = /%(?:2[de]|3\d|[46][1-9a-f]|[57]\d|[57]a|5f|7e)/gi;

/** A target as it came, and as a router would understand it that takes all spellings for one. */
function spellingsOf(origin: string, path: string): readonly string[] {
  const target = path.startsWith('/') ? path : `/${path}`;
  const url = urlOf(`${origin}${target}`);
  if (url === null) return [target];
  const plain = (text: string): string => text.replace(PLAIN, decodeURIComponent);
  return [target, plain(url.pathname) + url.search];
}

function urlOf(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}
