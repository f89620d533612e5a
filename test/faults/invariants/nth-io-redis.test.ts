import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { type Duration, RedisStore } from '../../../src/index.js';
import { startFaultProxy } from '../../../src/testing/index.js';
import { redisPrefix } from '../../setup/databases.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { unique } from './kit.js';
import { type End, ended, lies } from './verdict.js';

const { url, prefix } = await redisPrefix();
const proxy = await startFaultProxy(url);
/** Past the proxy. */
const truth = new RedisStore({ url });

expectNothingUncaught();
afterAll(async () => {
  await truth.close();
  await proxy.close();
});

const numberAt = async (key: string): Promise<number> => Number((await truth.run('GET', [key])) ?? 0);

/** What an application does, each step with what the truth may be after it. Gives how the steps ended. */
async function scenario(timeout: Duration): Promise<readonly End[]> {
  const store = new RedisStore({ url: proxy.url(url), timeout, connectTimeout: timeout });
  const key = prefix + unique();
  const ends: End[] = [];
  const step = async (call: Promise<unknown>, times: () => Promise<number>, right?: unknown): Promise<void> => {
    const trial = { right, ...(await ended(call)) };
    ends.push(trial.end);
    expect(lies({ ...trial, times: await times() })).toEqual([]);
  };
  /** One of which the truth does not tell whether it was executed. */
  const look = async (call: Promise<unknown>): Promise<void> => {
    const { end } = await ended(call);
    ends.push(end);
    expect(end).not.toBe('executed');
  };
  try {
    await look(store.connect());
    await step(store.run('SET', [key, 0]), async () => Number((await truth.run('GET', [key])) === '0'), 'OK');
    await step(store.run('INCR', [`${key} n`]), () => numberAt(`${key} n`), 1);
    // One that the server has not seen: it is sent by its name, and then whole.
    const lua = `return redis.call('INCR', KEYS[1]) -- ${key}`;
    await step(store.script(lua, [`${key} s`]), () => numberAt(`${key} s`), 1);
    await step(store.run('RPUSH', [`${key} l`, 'x']), async () => Number(await truth.run('LLEN', [`${key} l`])), 1);
    await step(
      store.run('SET', [`${key} i`, 1], { idempotent: true }),
      async () => Number(await truth.run('EXISTS', [`${key} i`])),
      'OK',
    );
    await Promise.all([
      step(store.run('INCR', [`${key} a`]), () => numberAt(`${key} a`), 1),
      step(store.run('INCR', [`${key} b`]), () => numberAt(`${key} b`), 1),
    ]);
    await look(store.run('GET', [key], { idempotent: true }));
    await look(store.probe());
  } finally {
    await store.close({ deadline: '2s' });
  }
  expect(store.stats()).toMatchObject({ active: 0, waiting: 0 });
  return ends;
}

/** Makes the n-th message lost, for every n, until there is none. Gives how many there were. */
async function eachLost(
  lose: (nth: number) => Promise<void>,
  run: (nth: number) => Promise<unknown>,
): Promise<{ readonly messages: number; readonly last: unknown }> {
  for (let nth = 1; ; nth++) {
    let lost = false;
    void lose(nth).then(() => {
      lost = true;
    });
    const last = await run(nth);
    await proxy.heal();
    if (!lost) return { messages: nth - 1, last };
  }
}

const done = (ends: unknown): boolean => (ends as readonly End[]).every((end) => end === 'done');

describe('the n-th message that is lost, on Redis', () => {
  it.each([
    ['a reply, by a reset', (nth: number) => proxy.dropReply({ nth }), '10s'],
    ['a request, by a reset', (nth: number) => proxy.dropRequest({ nth }), '10s'],
    ['a reply, in silence', (nth: number) => proxy.dropReply({ nth, silent: true }), '400ms'],
    ['a request, in silence', (nth: number) => proxy.dropRequest({ nth, silent: true }), '400ms'],
  ] as const)('when it is %s: what is said agrees with what is stored, for every n', async (_what, lose, timeout) => {
    const failed: number[] = [];
    const { messages } = await eachLost(lose, async (nth) => {
      const ends = await scenario(timeout);
      if (!done(ends)) failed.push(nth);
      return ends;
    });
    expect(messages).toBeGreaterThan(8);
    expect(failed.length).toBeGreaterThan(4);
    // With time enough, and nothing lost.
    expect(done(await scenario('10s'))).toBe(true);
  });

  it('the control: the driver with its own settings is found to execute a command twice', async () => {
    const found = new Set<string>();
    const { messages } = await eachLost(
      (nth) => proxy.dropReply({ nth }),
      async () => {
        const key = prefix + unique();
        const driver = new Redis(proxy.url(url));
        driver.on('error', () => {});
        const given = await driver.incr(key);
        driver.disconnect();
        for (const lie of lies({ end: 'done', given, right: 1, times: await numberAt(key) })) found.add(lie);
      },
    );
    expect(messages).toBeGreaterThan(0);
    expect([...found]).toContain('it was executed 2 times');
  });
});
