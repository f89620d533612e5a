import { describe, expect, inject, it } from 'vitest';
import { RedisStore, Repository, TrivetError } from '../../../src/index.js';
import { startFaultProxy } from '../../../src/testing/index.js';
import { redisPrefix } from '../../setup/databases.js';
import { mulberry } from '../../setup/mulberry.js';
import { expectNothingUncaught } from '../../setup/outcomes.js';
import { Entry } from './entries.js';
import { stages } from './kit.js';

const CALLS = 400;
const all = await stages();
const { url: redisUrl, prefix } = await redisPrefix();

expectNothingUncaught();

interface Limits {
  readonly timeout?: `${number}ms`;
  readonly signal?: AbortSignal;
}

/** Asks for many tags at once, each with a limit that may end it, while the network does its worst. Gives how each call ended. */
async function ask(
  seed: number,
  proxy: Awaited<ReturnType<typeof startFaultProxy>>,
  one: (tag: string, limits: Limits) => Promise<unknown>,
): Promise<{ readonly answered: number; readonly failed: number }> {
  const random = mulberry(seed);
  let answered = 0;
  let failed = 0;
  let left = CALLS;
  const storm = (async () => {
    while (left > 0) {
      const kind = Math.floor(random() * 5);
      if (kind === 0) proxy.reset();
      else if (kind === 1) await proxy.set({ delay: '1ms', jitter: '15ms', slice: 9 });
      else if (kind === 2) void proxy.dropReply({ nth: 1 + Math.floor(random() * 5) });
      else await proxy.heal();
      await new Promise((resolve) => setTimeout(resolve, 5 + random() * 20));
    }
    await proxy.heal();
  })();
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const tag = `planted ${Math.floor(random() * 50)}`;
      const controller = new AbortController();
      const kind = random();
      const limits: Limits =
        kind < 0.3
          ? { timeout: `${Math.ceil(1 + random() * 30)}ms` }
          : kind < 0.6
            ? { signal: controller.signal, timeout: '5000ms' }
            : { timeout: '5000ms' };
      if (limits.signal !== undefined) setTimeout(() => controller.abort(), random() * 20);
      try {
        // The law: whoever asked for a tag gets this tag and no other.
        expect(await one(tag, limits)).toBe(tag);
        answered += 1;
      } catch (error) {
        if (!(error instanceof TrivetError)) throw error;
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  left = 0;
  await storm;
  return { answered, failed };
}

// PGlite has one session for all.
describe.skipIf(!inject('postgresReal'))('no reply reaches the wrong caller', () => {
  it.each(all)('on $name, whatever ends the calls and breaks the network', async ({ proxy, truth, open }) => {
    const tags = Array.from({ length: 50 }, (_, i) => ({ id: `planted ${i}`, tag: `planted ${i}` }));
    await truth.insertMany(tags);
    const database = open({ max: 3 });
    const entries = new Repository(database, Entry);
    await entries.count();
    const { answered, failed } = await ask(
      7,
      proxy,
      async (tag, limits) => (await entries.findOne({ id: tag }, limits))?.tag,
    );
    expect(answered).toBeGreaterThan(20);
    expect(failed).toBeGreaterThan(20);
    // Whole again: every tag is answered, and nothing is held.
    for (const { tag } of tags) expect((await entries.get(tag)).tag).toBe(tag);
    expect(database.stats()).toMatchObject({ active: 0, waiting: 0 });
  });

  it('on Redis, whatever ends the calls and breaks the network', async () => {
    const proxy = await startFaultProxy(redisUrl);
    const store = new RedisStore({ url: proxy.url(redisUrl), timeout: '5s' });
    for (let i = 0; i < 50; i++) await store.run('SET', [`${prefix}planted ${i}`, `planted ${i}`]);
    const { answered, failed } = await ask(7, proxy, (tag, limits) => store.run('GET', [prefix + tag], limits));
    expect(answered).toBeGreaterThan(20);
    expect(failed).toBeGreaterThan(20);
    for (let i = 0; i < 50; i++) expect(await store.run('GET', [`${prefix}planted ${i}`])).toBe(`planted ${i}`);
    await store.close();
    await proxy.close();
  });
});
