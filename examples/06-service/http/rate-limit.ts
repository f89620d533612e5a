import { isIPv6 } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { type Duration, parseDuration } from 'trivet';
import type { Counted, CounterStore } from './counters.js';

export interface RateLimitOptions {
  /** Names the limit to clients, and keeps its counts apart from those of others. @default 'default' */
  readonly name?: string;
  /** Most requests of one key in a window. */
  readonly limit: number;
  /** Begins with the first request of a key. Around its end a key may come with up to twice the limit in a short time. */
  readonly window: Duration;
  /** Who is counted. @default the address of the client, of IPv6 its /64 network */
  readonly key?: (request: Request) => string;
  /** Told when nothing could be counted. @default none */
  readonly report?: (error: unknown) => void;
  /** For tests. @default the monotonic clock of the process */
  readonly now?: () => number;
}

const PROBLEM_TYPE = 'https://iana.org/assignments/http-problem-types#quota-exceeded';
/** How long nothing is counted after a failure: else each request would wait for a store that is away. */
const PAUSE_MS = 1_000;

/**
 * Answers 429 to who comes too often, as a problem document with `Retry-After`, and tells everybody how much is left in `RateLimit-Policy` and
 * `RateLimit`, as draft-ietf-httpapi-ratelimit-headers has them since its eighth version.
 *
 * A limit is there to protect the service. While the store of the counts is away, it would do the contrary by refusing everybody: requests
 * pass, and are not counted.
 */
export function rateLimit(store: CounterStore, options: RateLimitOptions): RequestHandler {
  const { name = 'default', limit, key = addressOf, report, now = () => performance.now() } = options;
  const windowMs = parseDuration(options.window, 'window');
  const policy = `"${name}";q=${limit};w=${Math.ceil(windowMs / 1_000)}`;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  const counted = async (request: Request): Promise<Counted | null> => {
    if (now() < pausedUntil) return null;
    try {
      return await store.count(`${name}:${key(request)}`, windowMs);
    } catch (error) {
      pausedUntil = now() + PAUSE_MS;
      report?.(error);
      return null;
    }
  };

  return async (request, response, next) => {
    const found = await counted(request);
    if (found === null) return next();
    const seconds = Math.ceil(found.leftMs / 1_000);
    // More than one limit may stand before a route: each adds its own.
    response.append('RateLimit-Policy', policy);
    response.append('RateLimit', `"${name}";r=${Math.max(0, limit - found.count)};t=${seconds}`);
    if (found.count <= limit) return next();
    refuse(response, name, seconds);
  };
}

function refuse(response: Response, name: string, seconds: number): void {
  response
    .status(429)
    .set({ 'Retry-After': String(seconds), 'Cache-Control': 'no-store' })
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: PROBLEM_TYPE,
        title: 'Too Many Requests',
        status: 429,
        detail: 'Too many requests: come again later.',
        'violated-policies': [name],
      }),
    );
}

/**
 * The address that a request comes from. Behind a proxy it is the proxy's, unless the application says how many proxies it trusts
 * (`trust proxy` of Express).
 */
export function addressOf({ ip = '' }: Pick<Request, 'ip'>): string {
  const [address = ''] = ip.split('%');
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? networkOf(address);
}

/** A client of IPv6 has a whole /64 network: 2^64 addresses to come from. */
function networkOf(address: string): string {
  // Of a URL it comes in its one short form.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
