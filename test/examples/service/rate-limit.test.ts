import express from 'express';
import { RedisStore } from 'trivet';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type CounterStore, MemoryCounter, RedisCounter } from '../../../examples/06-service/http/counters.js';
import { addressOf, type RateLimitOptions, rateLimit } from '../../../examples/06-service/http/rate-limit.js';
import { closeSites, served } from '../../http/kit.js';
import { redisPrefix } from '../../setup/databases.js';

const { url, prefix } = await redisPrefix();
// Two processes of the service, as far as Redis can tell.
const stores = [new RedisStore({ url }), new RedisStore({ url })] as const;
afterEach(closeSites);
afterAll(() => Promise.all(stores.map((store) => store.close())));

const MINUTE = { limit: 3, window: '1m' } as const;
const byClient: NonNullable<RateLimitOptions['key']> = (request) => request.get('x-client') ?? 'nobody';

function site(counter: CounterStore, ...limits: readonly RateLimitOptions[]) {
  return served('express', () => {
    const app = express();
    for (const limit of limits) app.use(rateLimit(counter, { key: byClient, ...limit }));
    app.get('/', (_request, response) => void response.send('here'));
    return app;
  });
}

const counters: Readonly<Record<string, () => readonly [CounterStore, CounterStore]>> = {
  memory: () => {
    const counter = new MemoryCounter();
    return [counter, counter];
  },
  Redis: () => [new RedisCounter(stores[0], prefix, '1m'), new RedisCounter(stores[1], prefix, '1m')],
};

describe.each(Object.entries(counters))('a rate limit, counted in %s', (name, open) => {
  test('lets so many through, then answers 429 as a problem, and says what is left all the time', async () => {
    const { get } = await site(open()[0], { ...MINUTE, name: 'first' }).then((each) => ({
      get: () => each.get('/', { 'x-client': 'ann' }),
    }));
    for (const left of [2, 1, 0]) {
      const answer = await get();
      expect(answer).toMatchObject({ status: 200, body: 'here' });
      expect(answer.headers['ratelimit-policy']).toBe('"first";q=3;w=60');
      expect(answer.headers['ratelimit']).toMatch(new RegExp(`^"first";r=${left};t=\\d+$`));
    }
    const refused = await get();
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'cache-control': 'no-store',
      ratelimit: `"first";r=0;t=${refused.headers['retry-after']}`,
    });
    expect(JSON.parse(refused.body)).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Too many requests: come again later.',
      'violated-policies': ['first'],
    });
  });

  test('counts each key and each limit for itself, and every process with the others', async () => {
    const [here, there] = open();
    const limits = [
      { ...MINUTE, name: 'few' },
      { name: 'many', limit: 10, window: '1h' },
    ] as const;
    const [one, other] = [await site(here, ...limits), await site(there, ...limits)];
    const asked = async (client: string, times: number) => {
      const answers = [];
      for (let i = 0; i < times; i++) answers.push(await [one, other][i % 2]!.get('/', { 'x-client': client }));
      return answers;
    };
    const answers = await asked(`bob of ${name}`, 5);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers[2]!.headers['ratelimit']).toMatch(/^"few";r=0;t=\d+, "many";r=7;t=\d+$/);
    // Whom the first limit refuses, the second one does not count.
    expect(answers[4]!.headers['ratelimit']).toMatch(/^"few";r=0;t=\d+$/);
    expect((await asked(`cleo of ${name}`, 1))[0]!.status).toBe(200);
  });

  test('lets no more through when many come at once', async () => {
    const here = await site(open()[0], { name: 'at once', limit: 7, window: '1m' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => here.get('/', { 'x-client': 'dan' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(13);
  });
});

test('a window that has ended begins anew', async () => {
  let now = 0;
  const here = await site(new MemoryCounter(() => now), { limit: 1, window: '90s' });
  const statuses = [];
  for (const at of [0, 89_999, 90_000, 90_001]) {
    now = at;
    statuses.push((await here.get()).status);
  }
  expect(statuses).toEqual([200, 429, 200, 429]);
});

test('a counter in memory keeps no more than the windows that last, and forgets the oldest where keys are made up', async () => {
  let now = 0;
  const counter = new MemoryCounter(() => now);
  for (let i = 0; i < 100; i++) await counter.count(`old ${i}`, 1_000);
  now = 1_000;
  await counter.count('new', 1_000);
  expect(counter.size).toBe(1);
  for (let i = 0; i < 60_000; i++) await counter.count(`made up ${i}`, 1_000);
  expect(counter.size).toBe(50_000);
  expect(await counter.count('made up 59999', 1_000)).toEqual({ count: 2, leftMs: 1_000 });
});

test('a key in Redis ends with its window, and one without an end is given one', async () => {
  const counter = new RedisCounter(stores[0], prefix, '1m');
  await counter.count('ends', 60_000);
  expect(await stores[0].run('PTTL', [`${prefix}ends`])).toBeGreaterThan(0);
  await stores[0].run('SET', [`${prefix}endless`, 41]);
  expect(await counter.count('endless', 60_000)).toEqual({ count: 42, leftMs: 60_000 });
  expect(await stores[0].run('PTTL', [`${prefix}endless`])).toBeGreaterThan(0);
});

test('requests pass while nothing can be counted, and do not all ask the store again', async () => {
  let asked = 0;
  const away: CounterStore = {
    count: async () => {
      asked++;
      throw new Error('away');
    },
  };
  const reported: unknown[] = [];
  let now = 0;
  const limit = { ...MINUTE, report: (error: unknown) => void reported.push(error), now: () => now };
  const here = await site(away, limit);
  for (const at of [0, 0, 999, 1_000, 1_000]) {
    now = at;
    const answer = await here.get();
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('ratelimit');
  }
  expect([asked, reported.length]).toEqual([2, 2]);
});

test('requests pass while Redis is closed', async () => {
  const closed = new RedisStore({ url });
  await closed.close();
  const reported: unknown[] = [];
  const limit = { ...MINUTE, report: (error: unknown) => void reported.push(error), now: () => 0 };
  const here = await site(new RedisCounter(closed, prefix), limit);
  for (let i = 0; i < 5; i++) expect((await here.get()).status).toBe(200);
  expect(reported).toMatchObject([{ code: 'CLOSED' }]);
});

test('a client is known by its address, and by its network where it has a whole one', () => {
  const keys = ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::9', '::1', 'fe80::1%eth0', ''];
  expect(keys.map((ip) => addressOf({ ip }))).toEqual([
    '192.0.2.7',
    '192.0.2.7',
    '2001:db8:1:2::/64',
    '2001:db8:1:2::/64',
    '0:0:0:0::/64',
    'fe80:0:0:0::/64',
    '',
  ]);
});

test('a window that is no duration is refused when the limit is made', () => {
  expect(() => rateLimit(new MemoryCounter(), { limit: 1, window: '1 minute' as never })).toThrow(/`window`/);
});
