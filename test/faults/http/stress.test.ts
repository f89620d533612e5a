import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { CacheManager } from '../../../src/index.js';
import { startOwnRedis } from '../../../src/testing/index.js';
import { judge, noWrongs, pageOf, type Seen, type Wrongs } from '../../http/stress-page.js';
import { openedAt } from '../../redis/kit.js';
import { type Reply, type Server, sent, startedServer } from './kit.js';

const redis = await startOwnRedis({ log: () => {} });
const store = openedAt(redis.url, { timeout: '60s' });
const truths = openedAt(new URL('/1', redis.url).href, { timeout: '60s' });
afterAll(() => redis.stop());

/** On a machine that does much else beside. */
const LONG = 300_000;
const SERVERS = 3;
const CLIENTS = 48;
const LANGUAGES = ['en', 'de', 'fr'];
const KINDS = ['plain', 'tagged', 'named', 'vary', 'big', 'short', 'own', 'private', 'login'];
const PATHS = KINDS.flatMap((kind) => [0, 1, 2].map((n) => `/${kind}/${n}`));

interface Counts extends Wrongs {
  requests: number;
  hits: number;
  notModified: number;
  left: number;
  writes: number;
  evictions: number;
}

const anyOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
const started = (prefix: string, mode: string, count: number): Promise<Server[]> =>
  Promise.all(Array.from({ length: count }, () => startedServer('stress-site.ts', [redis.url, prefix, mode])));

/** Many clients of several processes, while pages change, and what the cache knows is evicted, until enough of it was seen. */
async function stressed(mode: 'leases' | 'careless', isEnough: (counts: Counts) => boolean): Promise<Counts> {
  const prefix = randomUUID();
  const servers = await started(prefix, mode, SERVERS);
  const cache = new CacheManager(store, { prefix, storeTimeout: '60s' });
  const counts: Counts = { ...noWrongs(), requests: 0, hits: 0, notModified: 0, left: 0, writes: 0, evictions: 0 };
  const known = new Map<string, number>();
  let isGoing = true;

  const client = async (number: number): Promise<void> => {
    const identity = `client=${number}`;
    const tags = new Map<string, string>();
    while (!isEnough(counts)) {
      const path = anyOf(PATHS);
      const language = path.startsWith('/vary') ? anyOf(LANGUAGES) : '';
      const isOwn = path.startsWith('/own') || path.startsWith('/private');
      const way = isOwn ? anyOf(['cookie', 'authorization', null]) : null;
      const nonce = randomUUID();
      const ifNoneMatch =
        Math.random() < 0.3 && !path.startsWith('/login') ? tags.get(`${path} ${language} ${way}`) : undefined;
      const method = Math.random() < 0.1 && !path.startsWith('/login') ? 'HEAD' : 'GET';
      const headers = {
        ...(language !== '' && { 'accept-language': language }),
        ...(way !== null && { [way]: identity }),
        ...(path.startsWith('/login') && { 'x-nonce': nonce }),
        ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
        ...(Math.random() < 0.05 && { 'cache-control': 'no-cache' }),
      };
      const asked = {
        method,
        path,
        language,
        who: way === null ? '' : identity,
        known: known.get(path) ?? 0,
        ifNoneMatch,
        cookie: path.startsWith('/login') ? `nonce=${nonce}` : null,
      } as const;
      const reply = await sent(anyOf(servers), method, path, headers, Math.random() < 0.05);
      counts.requests += 1;
      if (reply === null) {
        counts.left += 1;
        continue;
      }
      const seen = seenOf(reply);
      if (seen.etag !== undefined) tags.set(`${path} ${language} ${way}`, seen.etag);
      if (String(reply.headers['cache-status']).startsWith('trivet; hit')) counts.hits += 1;
      if (reply.status === 304) counts.notModified += 1;
      judge(asked, seen, counts);
    }
  };

  // Each page has one that writes it, so that what is known of it only grows.
  const writer = async (own: readonly string[]): Promise<void> => {
    while (isGoing) {
      const path = anyOf(own);
      if (path.startsWith('/tagged') || path.startsWith('/named')) {
        const version = Number(await truths.run('INCR', [`${prefix}-${path}`]));
        await cache.invalidateTags(path.startsWith('/named') ? 'named' : path);
        known.set(path, version);
      } else {
        const isLeft = Math.random() < 0.1;
        const reply = await sent(anyOf(servers), 'POST', path, {}, isLeft);
        if (reply !== null) known.set(path, Number(reply.bytes.toString()));
      }
      counts.writes += 1;
      await delay(Math.random() * 4);
    }
  };

  const evictor = async (): Promise<void> => {
    while (isGoing) {
      const name = await store.run('RANDOMKEY');
      if (name !== null) counts.evictions += Number(await store.run('UNLINK', [String(name)]));
      await delay(Math.random() * 30);
    }
  };

  const others = [0, 1, 2].map((n) => writer(PATHS.filter((path) => path.endsWith(String(n)))));
  if (mode === 'leases') others.push(evictor());
  try {
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
  } finally {
    // Also where one has failed: what the next test knows is not evicted.
    isGoing = false;
    await Promise.all(others);
  }
  for (const server of servers) server.tell('counts');
  const told = await Promise.all(servers.map(async (server) => JSON.parse(await server.line())));
  expect(told.map(({ errors }) => errors)).toEqual(told.map(() => 0));
  return counts;
}

function seenOf({ status, headers, bytes }: Reply): Seen {
  const { etag, 'content-length': length, 'x-version': version, 'set-cookie': cookies } = headers;
  const text = (value: string | string[] | undefined): string | undefined => value?.toString();
  return { status, bytes, etag: text(etag), length: text(length), version: text(version), setCookie: text(cookies) };
}

describe('pages that three processes serve, with one Redis, to many clients', () => {
  it(
    'are never stale, cut, mixed, or of somebody else',
    async () => {
      const { requests, hits, notModified, left, writes, evictions, ...wrongs } = await stressed(
        'leases',
        (counts) =>
          counts.requests >= 5_000 &&
          counts.notModified > 50 &&
          counts.left > 50 &&
          counts.writes > 300 &&
          counts.evictions > 20,
      );
      console.log(
        `[http stress] ${JSON.stringify(wrongs)} of ${requests} answers: ${hits} hits, ${notModified} times 304, ${left} left; ${writes} writes, ${evictions} evictions`,
      );
      expect(wrongs).toEqual(noWrongs());
      expect(hits).toBeGreaterThan(500);
    },
    LONG,
  );

  it(
    'the control: without leases some are stale, and of somebody else where everything is shared',
    async () => {
      const isFound = ({ stale, foreign }: Counts): boolean => stale > 0 && foreign > 0;
      expect(await stressed('careless', isFound)).toSatisfy(isFound);
    },
    LONG,
  );

  it('the control: an answer that is cut, mixed, old or of another is found to be so', () => {
    const asked = {
      method: 'GET',
      path: '/a',
      language: '',
      who: '',
      known: 2,
      ifNoneMatch: undefined,
      cookie: null,
    } as const;
    const wrongsOf = (version: number, change: (page: { etag: string; bytes: Buffer }) => Partial<Seen>): Wrongs => {
      const page = pageOf({ path: '/a', version, language: '', who: '' });
      const whole = { status: 200, length: undefined, version: String(version), setCookie: undefined, ...page };
      const wrongs = noWrongs();
      judge(asked, { ...whole, ...change(page) }, wrongs);
      return wrongs;
    };
    const other = pageOf({ path: '/a', version: 3, language: '', who: '' });
    const theirs = pageOf({ path: '/a', version: 2, language: '', who: 'x' });
    expect(wrongsOf(2, () => ({}))).toEqual(noWrongs());
    expect(wrongsOf(1, () => ({}))).toMatchObject({ stale: 1, broken: 0 });
    expect(wrongsOf(2, ({ bytes }) => ({ bytes: bytes.subarray(1) }))).toMatchObject({ broken: 1 });
    expect(wrongsOf(2, ({ bytes }) => ({ bytes: bytes.subarray(0, -1) }))).toMatchObject({ broken: 1 });
    expect(
      wrongsOf(2, ({ bytes }) => ({ bytes: Buffer.concat([bytes.subarray(0, 1_000), other.bytes.subarray(1_000)]) })),
    ).toMatchObject({ broken: 1 });
    expect(wrongsOf(2, () => ({ bytes: other.bytes }))).toMatchObject({ unfit: 1 });
    expect(wrongsOf(2, () => ({ etag: other.etag }))).toMatchObject({ unfit: 1 });
    expect(wrongsOf(2, () => ({ length: '5' }))).toMatchObject({ unfit: 1 });
    expect(wrongsOf(2, () => theirs)).toMatchObject({ foreign: 1 });
    expect(wrongsOf(2, () => ({ setCookie: 'a=1' }))).toMatchObject({ foreign: 1 });
  });
});

describe('a cold page that 4 processes are asked for by 250 clients each', () => {
  it('is made once, and all of them have it', async () => {
    const servers = await started(randomUUID(), 'leases', 4);
    const asked = servers.flatMap((server) => Array.from({ length: 250 }, () => sent(server, 'GET', '/crowd')));
    // All of them are there before the handler goes on.
    for (const server of servers) expect(await server.line()).toBe('crowd');
    for (const server of servers) server.tell('go');
    const replies = await Promise.all(asked);
    const { bytes } = pageOf({ path: '/crowd', version: 0, language: '', who: '' });
    expect(replies.filter((reply) => reply?.bytes.equals(bytes) === true)).toHaveLength(1_000);
    for (const server of servers) server.tell('counts');
    const told = await Promise.all(servers.map(async (server) => JSON.parse(await server.line())));
    expect(told.reduce((sum, { runs }) => sum + runs, 0)).toBe(1);
  });
});
