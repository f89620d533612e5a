import { expect } from 'vitest';
import type { HttpCacheOptions } from '../../src/http/index.js';
import type { CacheManager } from '../../src/index.js';
import { type Answer, gate, type Headers, type Maker, type Site, says, until, untilStale } from './kit.js';

/** What a rule has: servers behind a cache of its own. */
export interface World {
  readonly cache: CacheManager;
  open(options: HttpCacheOptions, maker: Maker): Promise<Site>;
}

/** One rule of the RFCs, what the cache does with it, and the test that holds it to that. */
export interface Rule {
  readonly section: string;
  readonly rule: string;
  readonly result: string;
  test(world: World): Promise<void>;
}

const FRESH = { 'Cache-Control': 'max-age=60' };
const HOUR = new Date(Date.now() + 3_600_000).toUTCString();

/** Two requests for the same thing, and how often the handler ran. */
async function twice(site: Site, first: Headers = {}, second: Headers = first): Promise<readonly [Answer, Answer]> {
  return [await site.get('/', first), await site.get('/', second)];
}

/** Answers with these fields are stored, or not. */
function stored(isStored: boolean, fields: Headers, options: HttpCacheOptions = {}, asked: Headers = {}) {
  return async ({ open }: World): Promise<void> => {
    const site = await open(options, says(fields));
    const [first, second] = await twice(site, asked);
    expect(first.body).toBe('run 1');
    expect(second.body).toBe(isStored ? 'run 1' : 'run 2');
    expect(second.cache).toMatch(isStored ? /^hit;/ : /^fwd=/);
  };
}

function storedStatus(isStored: boolean, status: number, fields: Headers, options: HttpCacheOptions = {}) {
  return async ({ open }: World): Promise<void> => {
    const site = await open(options, says(fields, status));
    const [first, second] = await twice(site);
    expect([first.status, second.status, site.runs]).toEqual([status, status, isStored ? 1 : 2]);
  };
}

async function all(world: World, ...tests: readonly ((world: World) => Promise<void>)[]): Promise<void> {
  for (const test of tests) await test(world);
}

export const RULES: readonly Rule[] = [
  {
    section: 'RFC 9111, 3',
    rule: 'An answer that says how long it is fresh may be stored',
    result: 'stored for `s-maxage`, else `max-age`, else `Expires` less `Date`',
    test: async (world) => {
      await all(
        world,
        stored(true, FRESH),
        stored(true, { 'Cache-Control': 's-maxage=60, max-age=0' }),
        stored(false, { 'Cache-Control': 's-maxage=0, max-age=60' }, { ttl: '1m' }),
        stored(true, { Expires: HOUR }),
        stored(false, { Expires: '0' }, { ttl: '1m' }),
        stored(false, { Expires: HOUR, 'Cache-Control': 'max-age=0' }, { ttl: '1m' }),
      );
    },
  },
  {
    section: 'RFC 9111, 4.2.2',
    rule: 'A cache may guess a lifetime where an answer says none',
    result: 'never guessed: `ttl` says it, or the answer is not stored; `max-age=0` of the answer goes before `ttl`',
    test: async (world) => {
      await all(
        world,
        stored(false, {}),
        stored(true, {}, { ttl: '1m' }),
        stored(false, { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }),
        stored(false, { 'Cache-Control': 'max-age=0' }, { ttl: '1m' }),
      );
    },
  },
  {
    section: 'RFC 9111, 4.2.1',
    rule: 'Of two directives that differ the stricter may be taken, and one that cannot be read is as if it was 0',
    result: 'so it is',
    test: async (world) => {
      await all(
        world,
        stored(false, { 'Cache-Control': 'max-age=60, max-age=0' }),
        stored(false, { 'Cache-Control': 'max-age=soon' }, { ttl: '1m' }),
        stored(true, { 'Cache-Control': 'MAX-AGE="60"' }),
      );
    },
  },
  {
    section: 'RFC 9111, 5.2.2',
    rule: 'Answers with `no-store` or `private` are not stored by a shared cache; with `no-cache` they are asked for each time',
    result: 'none of them is stored, also where the directive names fields',
    test: async (world) => {
      await all(
        world,
        stored(false, { 'Cache-Control': 'no-store, max-age=60' }, { ttl: '1m' }),
        stored(false, { 'Cache-Control': 'private, max-age=60' }, { ttl: '1m' }),
        stored(false, { 'Cache-Control': 'no-cache, max-age=60' }, { ttl: '1m' }),
        stored(false, { 'Cache-Control': 'max-age=60, private="x-name"' }, { ttl: '1m' }),
      );
    },
  },
  {
    section: 'RFC 9111, 3 and RFC 9110, 15.1',
    rule: 'A status has to be understood to be stored',
    result:
      '200, 203, 204, 300, 301, 308, 404 and 410 are stored; 302, 303, 307, 405, 414, 451 and 501 where they say so themselves; no other one is',
    test: async (world) => {
      const ttl = { ttl: '1m' } as const;
      for (const status of [200, 203, 204, 300, 301, 308, 404, 410]) await storedStatus(true, status, {}, ttl)(world);
      for (const status of [302, 303, 307, 405, 414, 451, 501]) {
        await storedStatus(false, status, {}, ttl)(world);
        await storedStatus(true, status, FRESH)(world);
      }
      for (const status of [201, 206, 400, 401, 403, 409, 421, 429, 500, 502, 503, 504])
        await storedStatus(false, status, FRESH, ttl)(world);
    },
  },
  {
    section: 'RFC 9111, 3.3',
    rule: 'An answer that is not whole is not stored as if it was',
    result: 'not stored where it has fewer bytes than `Content-Length` says',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, (_request, response, run) => {
        response.setHeader('Content-Length', 100);
        response.end(`run ${run}`);
      });
      const failed = await site.get().catch((error: Error) => error);
      expect(failed).toBeInstanceOf(Error);
      await site.get().catch(() => {});
      expect(site.runs).toBe(2);
    },
  },
  {
    section: 'RFC 9111, 3.5',
    rule: 'An answer to a request with `Authorization` is shared only with `public`, `s-maxage` or `must-revalidate`',
    result:
      'so it is, unless `shareAuthorized`; what is fresh by `max-age` or `ttl` alone is neither stored for it nor given to it',
    test: async (world) => {
      const asked = { authorization: 'Bearer planted' };
      await all(
        world,
        stored(false, FRESH, {}, asked),
        stored(false, {}, { ttl: '1m' }, asked),
        stored(true, { 'Cache-Control': 'public, max-age=60' }, {}, asked),
        stored(true, { 'Cache-Control': 's-maxage=60' }, {}, asked),
        stored(true, { 'Cache-Control': 'max-age=60, must-revalidate' }, {}, asked),
        stored(true, FRESH, { shareAuthorized: true }, asked),
      );
      const site = await world.open({ ttl: '1m' }, says({}));
      expect((await site.get()).body).toBe('run 1');
      await site.stored();
      const own = await site.get('/', asked);
      expect([own.body, own.cache]).toEqual(['run 2', 'fwd=bypass; detail=authorization']);
      expect((await site.get()).body).toBe('run 1');
    },
  },
  {
    section: 'RFC 9111, 7.3',
    rule: 'A cache does not look at cookies: what depends on them has to say so',
    result:
      'answers with `Set-Cookie` are not stored, unless `shareSetCookie`; requests with `Cookie` share what says itself that it may be stored, and by `ttl` alone only with `shareCookies`',
    test: async (world) => {
      const asked = { cookie: 'session=planted' };
      await all(
        world,
        stored(false, { ...FRESH, 'Set-Cookie': 'a=1' }),
        stored(true, { ...FRESH, 'Set-Cookie': 'a=1' }, { shareSetCookie: true }),
        stored(false, {}, { ttl: '1m' }, asked),
        stored(true, {}, { ttl: '1m', shareCookies: true }, asked),
        stored(true, FRESH, {}, asked),
      );
      const site = await world.open({ ttl: '1m' }, says({}));
      await site.get();
      await site.stored();
      expect((await site.get('/', asked)).cache).toBe('fwd=bypass; detail=cookie');
    },
  },
  {
    section: 'RFC 9111, 4.1',
    rule: 'An answer with `Vary` is for requests with the same values of these fields',
    result: 'each has its own, with spaces around commas left out; `Vary: *` is not stored; `vary` adds fields',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, (request, response, run) => {
        response.setHeader('Vary', 'Accept-Language');
        response.end(`${request.headers['accept-language']} ${run}`);
      });
      expect((await site.get('/', { 'accept-language': 'en,de' })).body).toBe('en,de 1');
      expect((await site.get('/', { 'accept-language': 'en , de' })).body).toBe('en,de 1');
      await site.stored();
      const other = await site.get('/', { 'accept-language': 'fr' });
      expect([other.body, other.cache]).toEqual(['fr 2', 'fwd=vary-miss']);
      expect((await site.get('/', { 'accept-language': 'fr' })).body).toBe('fr 2');
      expect((await site.get()).body).toBe('undefined 3');
      expect((await site.get('/', { 'accept-language': 'en,de' })).cache).toMatch(/^hit/);
      await stored(false, { ...FRESH, Vary: 'Accept, *' })({ open } as World);

      const forced = await open({ ttl: '1m', vary: ['X-Tenant'] }, says({}));
      expect((await forced.get('/', { 'x-tenant': 'a' })).body).toBe('run 1');
      expect((await forced.get('/', { 'x-tenant': 'b' })).body).toBe('run 2');
      const again = await forced.get('/', { 'x-tenant': 'a' });
      expect([again.body, again.headers.vary]).toEqual(['run 1', 'x-tenant']);
    },
  },
  {
    section: 'RFC 9111, 4.1',
    rule: 'Answers of one URL may name different fields',
    result: 'each field that one of them has named counts from then on',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, (request, response, run) => {
        response.setHeader('Vary', request.headers['x-a'] === '2' ? 'X-A, X-B' : 'X-A');
        response.end(`run ${run}`);
      });
      expect((await site.get('/', { 'x-a': '1', 'x-b': '1' })).body).toBe('run 1');
      const both = { 'x-a': '2', 'x-b': '1' };
      // The first of them tells that there is one field more; what is asked for from then on is stored by both.
      await until(async () => (await site.get('/', both)).cache.startsWith('hit; ttl'));
      const { body } = await site.get('/', both);
      const other = await site.get('/', { ...both, 'x-b': '2' });
      expect([other.body === body, other.cache]).toEqual([false, 'fwd=vary-miss']);
      expect((await site.get('/', both)).body).toBe(body);
    },
  },
  {
    section: 'RFC 9111, 4.2.3 and 5.1',
    rule: 'An answer from the cache says its `Age`, and keeps the `Date` of when it was made',
    result: '`Age` counts from what the handler said, or from its `Date`; an answer of the handler has none of ours',
    test: async ({ open }) => {
      const site = await open({}, says({ 'Cache-Control': 'max-age=600', Age: '100' }));
      await site.get();
      await site.stored();
      const { headers, cache } = await site.get();
      expect(Number(headers.age)).toBeGreaterThanOrEqual(100);
      expect(Number(/^hit; ttl=(\d+)$/.exec(cache)?.[1])).toBeLessThanOrEqual(500);
      const date = new Date(Date.now() - 200_000).toUTCString();
      const old = await open({}, says({ 'Cache-Control': 'max-age=600', Date: date }));
      await old.get();
      const second = await old.get();
      expect(second.headers.date).toBe(date);
      expect(Number(second.headers.age)).toBeGreaterThanOrEqual(200);
      await stored(false, { 'Cache-Control': 'max-age=100', Age: '100' })({ open } as World);
      const own = await (await open({}, says(FRESH))).get();
      expect(own.headers.age).toBeUndefined();
    },
  },
  {
    section: 'RFC 9110, 9.3.2',
    rule: 'HEAD may be answered from a stored GET',
    result:
      'so it is, with its length and without its body; a HEAD that finds nothing runs the handler and stores nothing',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({ ETag: '"a"' }));
      const none = await site.send('HEAD');
      expect([none.cache, none.body]).toEqual(['fwd=uri-miss', '']);
      expect((await site.get()).body).toBe('run 2');
      // A HEAD waits for nobody.
      await site.stored();
      const head = await site.send('HEAD');
      expect([head.status, head.headers['content-length'], head.headers.etag, head.body]).toEqual([
        200,
        '5',
        '"a"',
        '',
      ]);
      expect((await site.send('HEAD', '/', { 'if-none-match': '"a"' })).status).toBe(304);
      expect(site.runs).toBe(2);
    },
  },
  {
    section: 'RFC 9111, 4.3.2',
    rule: 'A cache may judge `If-None-Match` by what it has',
    result: '304 without a body where a tag is the same, weakly, or for `*`',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({ ETag: 'W/"a,b"', 'X-Own': '1', 'Content-Type': 'text/plain' }));
      await site.get();
      for (const tags of ['"a,b"', '"x", W/"a,b"', '*']) {
        const answer = await site.get('/', { 'if-none-match': tags });
        expect([answer.status, answer.body, answer.headers.etag, answer.headers['x-own']]).toEqual([
          304,
          '',
          'W/"a,b"',
          '1',
        ]);
        expect(answer.headers['content-type']).toBeUndefined();
      }
      for (const tags of ['"a"', '"x"', 'a,b'])
        expect((await site.get('/', { 'if-none-match': tags })).status).toBe(200);
      expect(site.runs).toBe(1);
    },
  },
  {
    section: 'RFC 9111, 4.3.2',
    rule: '`If-Modified-Since` counts where there is no `If-None-Match`',
    result: '304 where `Last-Modified` is not later; a date that cannot be read is not there',
    test: async ({ open }) => {
      const at = 'Mon, 01 Jan 2024 00:00:00 GMT';
      const site = await open({ ttl: '1m' }, says({ 'Last-Modified': at, ETag: '"a"' }));
      await site.get();
      const ask = async (headers: Headers) => (await site.get('/', headers)).status;
      expect(await ask({ 'if-modified-since': at })).toBe(304);
      expect(await ask({ 'if-modified-since': 'Monday, 01-Jan-24 00:00:01 GMT' })).toBe(304);
      expect(await ask({ 'if-modified-since': 'Sun, 31 Dec 2023 00:00:00 GMT' })).toBe(200);
      expect(await ask({ 'if-modified-since': '2030' })).toBe(200);
      expect(await ask({ 'if-modified-since': at, 'if-none-match': '"b"' })).toBe(200);
      expect(site.runs).toBe(1);
    },
  },
  {
    section: 'RFC 9111, 4.3.1',
    rule: 'A request with conditions that finds nothing may be made one for the whole',
    result: 'the handler sees no condition, the whole answer is stored, and the client is told 304 where it has it',
    test: async ({ open }) => {
      const seen: unknown[] = [];
      const site = await open({ ttl: '1m' }, (request, response, run) => {
        seen.push(request.headers['if-none-match']);
        response.setHeader('ETag', '"a"');
        response.end(`run ${run}`);
      });
      const first = await site.get('/', { 'if-none-match': '"a"' });
      expect([first.status, first.body, seen]).toEqual([304, '', [undefined]]);
      const second = await site.get();
      expect([second.status, second.body]).toEqual([200, 'run 1']);
      await site.get('/other', { 'if-none-match': '"b"' });
      expect((await site.get('/other')).body).toBe('run 2');
    },
  },
  {
    section: 'RFC 9110, 13.1.1 and 13.1.4',
    rule: '`If-Match` and `If-Unmodified-Since` are for the origin to judge',
    result: 'passed by',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({}));
      await site.get();
      for (const name of ['if-match', 'if-unmodified-since'])
        expect((await site.get('/', { [name]: '"x"' })).cache).toBe('fwd=bypass; detail=precondition');
      expect(site.runs).toBe(3);
    },
  },
  {
    section: 'RFC 9111, 3.3 and RFC 9110, 14',
    rule: 'A cache need not know ranges',
    result: 'requests with `Range` are passed by; 206 is never stored',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({}));
      await site.get();
      expect((await site.get('/', { range: 'bytes=0-1' })).cache).toBe('fwd=bypass; detail=range');
      expect(site.runs).toBe(2);
    },
  },
  {
    section: 'RFC 9111, 5.2.1.4 and 5.4',
    rule: 'A request with `no-cache` is not answered from the store',
    result:
      'the handler runs, and its answer is stored; `Pragma: no-cache` is the same where there is no `Cache-Control`',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({}));
      await site.get();
      await site.stored();
      const forced = await site.get('/', { 'cache-control': 'no-cache' });
      expect([forced.body, forced.cache]).toEqual(['run 2', 'fwd=request']);
      await until(async () => (await site.get()).body === 'run 2');
      expect((await site.get('/', { pragma: 'no-cache' })).body).toBe('run 3');
      await until(async () => (await site.get()).body === 'run 3');
      const deaf = await open({ ttl: '1m', obeyRequests: false }, says({}));
      expect((await twice(deaf, { 'cache-control': 'no-cache, no-store, max-age=0' }))[1].body).toBe('run 1');
    },
  },
  {
    section: 'RFC 9111, 5.2.1.5',
    rule: 'Nothing of a request with `no-store` is stored',
    result: 'passed by',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({}));
      const first = await site.get('/', { 'cache-control': 'no-store' });
      expect(first.cache).toBe('fwd=request; detail=no-store');
      expect((await site.get()).cache).toBe('fwd=uri-miss');
    },
  },
  {
    section: 'RFC 9111, 5.2.1.1 to 5.2.1.3',
    rule: 'A client may say how old, how fresh and how stale an answer may be',
    result: '`max-age`, `min-fresh` and `max-stale` count',
    test: async ({ open }) => {
      const site = await open({}, says({ 'Cache-Control': 'max-age=600', Age: '100' }));
      await site.get();
      await site.stored();
      const ask = async (wish: string) => (await site.get('/', { 'cache-control': `${wish}, only-if-cached` })).status;
      expect(await ask('max-age=300')).toBe(200);
      expect(await ask('max-age=50')).toBe(504);
      expect(await ask('min-fresh=300')).toBe(200);
      expect(await ask('min-fresh=550')).toBe(504);
      const short = await open({ ttl: '20ms' }, says({}));
      await short.get();
      await untilStale(short);
      const stale = await short.get('/', { 'cache-control': 'max-stale=60' });
      expect(stale.body).toBe('run 1');
      expect(stale.cache).toMatch(/^hit; ttl=-\d+$/);
      expect((await short.get('/', { 'cache-control': 'max-stale' })).body).toBe('run 1');
      expect((await short.get()).body).toBe('run 2');
    },
  },
  {
    section: 'RFC 9111, 5.2.1.7',
    rule: 'A request with `only-if-cached` is answered from the store, or with 504',
    result: 'so it is; the handler never runs for it, nor behind it',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({}));
      const wish = { 'cache-control': 'only-if-cached' };
      const none = await site.get('/', wish);
      expect([none.status, none.cache, site.runs]).toEqual([504, 'fwd=uri-miss; detail=only-if-cached', 0]);
      await site.get();
      await site.stored();
      expect((await site.get('/', wish)).body).toBe('run 1');
      expect((await site.get('/', { ...wish, range: 'bytes=0-1' })).status).toBe(504);
      expect(site.runs).toBe(1);
    },
  },
  {
    section: 'RFC 9111, 5.2.2.2 and 4.2.4',
    rule: 'What says `must-revalidate`, `proxy-revalidate` or `s-maxage` is not given stale',
    result:
      'never, whoever asks; beside `s-maxage`, `stale-while-revalidate` and `stale-if-error` of the same answer count, options do not',
    test: async ({ open }) => {
      for (const directive of ['must-revalidate, max-age=1', 'proxy-revalidate, max-age=1', 's-maxage=1']) {
        const options = { staleWhileRevalidate: '1m', staleIfError: '1m' } as const;
        const site = await open(options, (_request, response, run) => {
          response.statusCode = run === 1 ? 200 : 503;
          response.setHeader('Cache-Control', directive);
          response.end(`run ${run}`);
        });
        await site.get();
        await untilStale(site);
        expect((await site.get('/', { 'cache-control': 'max-stale, only-if-cached' })).status).toBe(504);
        expect((await site.get()).status).toBe(503);
      }
    },
  },
  {
    section: 'RFC 5861, 3',
    rule: '`stale-while-revalidate`: an answer may be given stale while it is made anew',
    result:
      'made anew behind by one request of our own to the same server, through all of its middleware; not over HTTP/2, where the client waits',
    test: async ({ open }) => {
      const door = gate();
      const site = await open({ ttl: '20ms', staleWhileRevalidate: '10m' }, async (request, response, run) => {
        if (run > 1) await door.opened;
        response.setHeader('ETag', `"${run}"`);
        response.end(`run ${run} ${request.headers['if-none-match']} ${request.headers['x-kept']}`);
      });
      await site.get();
      // Who comes while it is stored, and finds it old then, would have the handler run, and wait for it.
      await site.stored();
      await until(async () =>
        (await site.get('/', { 'x-kept': 'yes', 'if-none-match': '"0"' })).cache.startsWith('hit; ttl=-'),
      );
      const stale = await site.get();
      expect(stale.body).toBe('run 1 undefined undefined');
      expect(stale.cache).toMatch(/^hit; ttl=-\d+$/);
      await until(() => site.runs === 2);
      door.open();
      await until(async () => (await site.get()).body.startsWith('run 2'));
      // The one request was that of the first who found it stale.
      expect((await site.get('/', { 'cache-control': 'max-stale' })).body).toMatch(
        /^run \d+ undefined (yes|undefined)$/,
      );
    },
  },
  {
    section: 'RFC 5861, 4',
    rule: '`stale-if-error`: an old answer may be given where the origin fails with 500, 502, 503 or 504',
    result:
      'given to all who wait, while the status of the handler is in `Cache-Status`; a handler that breaks off is no answer',
    test: async ({ open }) => {
      const site = await open({}, (_request, response, run) => {
        response.setHeader('Cache-Control', run === 1 ? 'max-age=1, stale-if-error=600' : 'no-store');
        response.setHeader('X-Run', run);
        response.statusCode = run === 1 ? 200 : 500;
        response.end(`run ${run}`);
      });
      await site.get();
      await untilStale(site);
      const stale = await site.get();
      expect([stale.status, stale.body, stale.headers['x-run']]).toEqual([200, 'run 1', '1']);
      expect(stale.cache).toBe('hit; fwd=stale; fwd-status=500; detail=stale-if-error');
      expect(stale.headers['cache-control']).toBe('max-age=1, stale-if-error=600');
      expect(site.runs).toBe(2);
      const without = await open({ ttl: '20ms' }, (_request, response, run) => {
        response.statusCode = run === 1 ? 200 : 503;
        response.end(`run ${run}`);
      });
      await without.get();
      await untilStale(without);
      expect((await without.get()).status).toBe(503);
    },
  },
  {
    section: 'RFC 9111, 4.4',
    rule: 'An unsafe request that succeeds makes what is stored for its URL untrue',
    result:
      'taken away before the answer to it has ended, under each spelling of the URL that means the same; other URLs and errors take nothing away',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, (request, response, run) => {
        response.statusCode = Number(request.headers['x-status'] ?? 200);
        response.end(`run ${run}`);
      });
      const held = (path: string) => site.get(path, { 'cache-control': 'only-if-cached' });
      await site.get('/a');
      await site.get('/b');
      await site.stored('/a');
      await site.stored('/b');
      await site.send('POST', '/a', { 'x-status': '409' });
      await site.send('OPTIONS', '/a');
      expect((await held('/a')).status).toBe(200);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPPATCH']) {
        const { cache } = await site.send(method, '/a', { 'x-status': method === 'PUT' ? '303' : '200' });
        expect(cache).toBe('fwd=method');
        expect((await held('/a')).status).toBe(504);
        await site.get('/a');
        await site.stored('/a');
      }
      expect((await held('/b')).body).toBe('run 2');
    },
  },
  {
    section: 'RFC 9111, 4.4',
    rule: 'URLs in `Location` and `Content-Location` of the same origin may be taken away too',
    result: 'so they are; those of another origin are not',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, (request, response, run) => {
        const { 'x-location': location, 'x-name': name = 'Location' } = request.headers;
        if (location !== undefined) response.writeHead(201, { [String(name)]: location });
        response.end(`run ${run}`);
      });
      const held = async (path: string) => (await site.get(path, { 'cache-control': 'only-if-cached' })).status;
      await site.get('/list?page=2');
      await site.stored('/list?page=2');
      await site.send('POST', '/', { 'x-location': 'http://example.com/list?page=2' });
      await site.send('POST', '/', { 'x-location': 'http://[' });
      expect(await held('/list?page=2')).toBe(200);
      await site.send('POST', '/', { 'x-location': '/list?page=2' });
      expect(await held('/list?page=2')).toBe(504);
      await site.get('/list?page=2');
      await site.stored('/list?page=2');
      await site.send('POST', '/x', {
        'x-location': `http://127.0.0.1:${site.port}/list?page=2`,
        'x-name': 'Content-Location',
      });
      expect(await held('/list?page=2')).toBe(504);
    },
  },
  {
    section: 'RFC 9111, 4.4',
    rule: 'What an unsafe request takes away is all that is stored for the URL',
    result: 'also each variant by `Vary`',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({ Vary: 'X-A' }));
      for (const a of ['1', '2']) await site.get('/', { 'x-a': a });
      await site.send('DELETE');
      for (const a of ['1', '2'])
        expect((await site.get('/', { 'x-a': a, 'cache-control': 'only-if-cached' })).status).toBe(504);
    },
  },
  {
    section: 'RFC 9111, 3.1 and RFC 9110, 7.6.1',
    rule: 'Fields for one connection are not stored',
    result: 'left out, with those that `Connection` names',
    test: async ({ open }) => {
      const site = await open(
        { ttl: '1m' },
        says({ Connection: 'close, X-Hop', 'X-Hop': '1', 'X-End': '1', 'Keep-Alive': 'timeout=9' }),
      );
      const [first, second] = await twice(site);
      expect([first.headers['x-hop'], second.headers['x-hop'], second.headers['x-end']]).toEqual(['1', undefined, '1']);
      expect(second.headers['keep-alive']).not.toBe('timeout=9');
    },
  },
  {
    section: 'RFC 9211, 2',
    rule: 'Each cache adds a member to `Cache-Status`, behind those of caches nearer to the origin',
    result: 'on every answer; `stored` is never said, because the head leaves before it is known',
    test: async ({ open }) => {
      const site = await open({ ttl: '1m' }, says({ 'Cache-Status': 'inner; hit' }));
      const [first, second] = await twice(site);
      expect(first.headers['cache-status']).toBe('inner; hit, trivet; fwd=uri-miss');
      expect(second.headers['cache-status']).toMatch(/^trivet; hit; ttl=\d+$/);
    },
  },
  {
    section: 'RFC 9111, 2 and 7.1',
    rule: 'The key is at least method and target URI; what it does not hold must not change what others get',
    result:
      'scheme, host and URL as it came: spellings that a router may tell apart are apart. A GET with a body, and a target that is no path, are passed by',
    test: async ({ open }) => {
      const site = await open(
        { ttl: '1m' },
        (request, response, run) => void response.end(`${request.headers.host} ${run}`),
      );
      await site.get('/a');
      for (const path of ['/a?', '/%61', '/a/', '//a', '/A']) expect((await site.get(path)).cache).toBe('fwd=uri-miss');
      const other = await site.get('/a', { host: 'evil.example' });
      expect(other.body).toMatch(/^evil\.example/);
      expect((await site.get('/a')).body).toMatch(/^127\.0\.0\.1:\d+ 1$/);
      expect((await site.get('/a', { host: 'EVIL.example' })).cache).toMatch(/^hit/);
      const fat = await site.send('GET', '/a', { 'content-length': '3' }, 'x=1');
      expect(fat.cache).toBe('fwd=bypass; detail=body');
      expect((await site.send('GET', '/a', { 'transfer-encoding': 'chunked' }, 'x=1')).cache).toBe(
        'fwd=bypass; detail=body',
      );
      expect((await site.get('http://evil.example/a')).cache).toBe('fwd=bypass; detail=target');
    },
  },
];
