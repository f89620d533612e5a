import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CacheManager } from '../cache/manager.js';
import { expected } from '../core/engine-options.js';
import { type HttpCacheOptions, httpCacheSettings } from './cache-options.js';
import { SharedCache } from './shared-cache.js';
import type { NextHandler } from './visit.js';

/** Middleware of Express and connect. */
export type HttpMiddleware<
  Request extends IncomingMessage = IncomingMessage,
  Response extends ServerResponse = ServerResponse,
> = (request: Request, response: Response, next: NextHandler) => void;

/**
 * Stores the answers of what comes behind it, and gives them to those who ask for the same: a shared cache by RFC 9111, for Express and connect. What a handler
 * writes goes to its client as it comes; requests that come meanwhile wait for the same answer. One that was invalidated while the handler ran, by a tag or
 * by an unsafe request to its URL, is not stored.
 *
 * Stored is what says that it may be, by `Cache-Control` or `Expires`, or what `ttl` says so of. An answer that depends on who asks must say `private`, or name what
 * it depends on in `Vary`. Answers to requests with `Authorization` or `Cookie`, and those with `Set-Cookie`, are shared as the options say. A cache
 * that does not answer makes no request fail: the handler runs.
 *
 * @throws TypeError when an option is not what was expected
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { CacheManager, MemoryStore } from 'trivet';
 * import { httpCache } from 'trivet/http';
 *
 * const cached = httpCache(new CacheManager(new MemoryStore()), { ttl: '1m', tags: ['pages'] });
 * const server = createServer((request, response) => {
 *   cached(request, response, () => response.end('made once a minute'));
 * });
 * ```
 */
export function httpCache<
  Request extends IncomingMessage = IncomingMessage,
  Response extends ServerResponse = ServerResponse,
>(cache: CacheManager, options: HttpCacheOptions<Request, Response> = {}): HttpMiddleware<Request, Response> {
  if (typeof (cache as Partial<CacheManager> | undefined)?.getOrSet !== 'function')
    throw expected('cache', 'a CacheManager', cache);
  const shared = new SharedCache(cache, httpCacheSettings(options as HttpCacheOptions<never, never>));
  return (request, response, next) => shared.serve(request, response, next);
}
