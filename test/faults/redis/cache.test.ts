import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { CacheManager, CacheUnavailableError, RedisStore } from '../../../src/index.js';
import { startFaultProxy, startOwnRedis } from '../../../src/testing/index.js';
import { behindProxy, caught, openedAt } from '../../redis/kit.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';

const server = await startOwnRedis({ log: () => {}, durable: true, arguments: ['--enable-debug-command', 'yes'] });
const admin = openedAt(server.url, { timeout: '60s' });
const PROCESSES = 4;
let caches = 0;
const prefixOf = (): string => `cache${caches++}`;

expectNothingUncaught();
afterAll(async () => {
  await server.stop();
});

interface Caller {
  readonly child: ChildProcess;
  /** The next line that it says. */
  line(): Promise<string>;
}

function started(prefix: string): Caller {
  const script = fileURLToPath(new URL('../../cache/stampede.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, server.url, prefix], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

/** Four processes ask for one key, 250 callers each; `before` is done when all of them are ready. */
async function stampede(how: 'good' | 'bad', before: () => Promise<void> = async () => {}) {
  const prefix = prefixOf();
  const all = Array.from({ length: PROCESSES }, () => started(prefix));
  const everywhere = (line: string): Promise<unknown> =>
    Promise.all(all.map(async (each) => expect(await each.line()).toBe(line)));
  await everywhere('ready');
  await before();
  for (const { child } of all) child.stdin!.write('go\n');
  await everywhere('waiting');
  for (const { child } of all) child.stdin!.write(`${how}\n`);
  const results = await Promise.all(all.map(async (each) => JSON.parse(await each.line())));
  return {
    loads: results.reduce((sum, { loads }) => sum + loads, 0) as number,
    values: [...new Set(results.flatMap(({ values }) => values))],
    errors: [...new Set(results.flatMap(({ errors }) => errors))].sort(),
    served: results.reduce((sum, { served }) => sum + served, 0) as number,
    /** From the first load that failed until the last process knew of it, where one has. */
    heardMs:
      Math.max(...results.map(({ endedAt }) => endedAt)) -
      Math.min(...results.map(({ failedAt }) => failedAt ?? Number.NaN).filter((at) => !Number.isNaN(at))),
  };
}

describe('a stampede of 4 processes with 250 callers each', () => {
  it('is one load, whose value all of them get', async () => {
    expect(await stampede('good')).toMatchObject({ loads: 1, values: [expect.any(Number)], errors: [], served: 1_000 });
  });

  it('is one load, also when it fails: all of them learn it who ask within the second that it is known', async () => {
    let isInTime = false;
    // A process that got no turn for that long asks too late, and loads again: what the others saw then says nothing.
    while (!isInTime) {
      const { loads, values, errors, served, heardMs } = await stampede('bad');
      expect([values, served]).toEqual([[], 1_000]);
      isInTime = heardMs < 1_000;
      if (isInTime) expect([loads, errors]).toEqual([1, ['ENO', 'LOAD_FAILED']]);
      else expect(loads).toBeLessThanOrEqual(PROCESSES);
    }
  });

  it('is one load for each process while the server is frozen, and all are served', async () => {
    onTestFinished(() => server.process.thaw());
    const { loads, values, errors, served } = await stampede('good', () => server.process.freeze());
    expect([loads, values.length, errors, served]).toEqual([PROCESSES, PROCESSES, [], 1_000]);
  });
});

describe('a cache whose server', () => {
  it('is frozen loads, asks it no more, and takes away what was to be taken away when it answers', async () => {
    const prefix = prefixOf();
    const store = openedAt(server.url);
    const cache = new CacheManager(store, { prefix, storeTimeout: '2s' });
    const other = new CacheManager(openedAt(server.url), { prefix, storeTimeout: '60s' });
    await cache.set('k', 'old', { tags: ['t'] });
    const told: string[] = [];
    cache.on('storeDown', () => told.push('down'));
    cache.on('storeUp', () => told.push('up'));
    await server.process.freeze();
    onTestFinished(() => server.process.thaw());
    expect(await cache.getOrSet('k', () => 'loaded', { tags: ['t'] })).toBe('loaded');
    expect(told).toEqual(['down']);
    const { timeouts } = store.stats();
    for (let i = 0; i < 100; i++) expect(await cache.getOrSet('k', () => i)).toBe(i);
    expect(await cache.get('k')).toBeUndefined();
    // No one of them has waited for the server.
    expect(cache.stats().errors).toBe(1);
    expect(store.stats().timeouts).toBeLessThanOrEqual(timeouts + 1);
    const refused = await caught(cache.invalidateTags('t'));
    expect(refused).toBeInstanceOf(CacheUnavailableError);
    expect(refused).toMatchObject({ retryable: true, outcome: 'unknown' });
    await server.process.thaw();
    await until(async () => told.includes('up'));
    expect(told).toEqual(['down', 'up']);
    expect(await cache.get('k')).toBeUndefined();
    expect(await other.get('k')).toBeUndefined();
  });

  it('loses the reply to an invalidation has done it, and does it again where it got lost on the way', async () => {
    const { proxy, store } = await behindProxy(server.url);
    const cache = new CacheManager(store, { prefix: prefixOf(), storeTimeout: '5s' });
    for (const lose of ['dropReply', 'dropRequest'] as const) {
      await cache.set('k', 'old', { tags: ['lost'] });
      const lost = proxy[lose]({ holding: ':s:t:lost' });
      // Twice is as good as once, so that it is sent again.
      await cache.invalidateTags('lost');
      await lost;
      expect(await cache.get('k')).toBeUndefined();
    }
  });

  it('refuses writes for want of memory gives values unstored, and invalidates all the same', async () => {
    const cache = new CacheManager(openedAt(server.url), { prefix: prefixOf(), storeTimeout: '5s' });
    await cache.set('k', 'old', { tags: ['t'] });
    const { tag, ended } = lateLoad(cache);
    const [, before] = (await admin.run('CONFIG', ['GET', 'maxmemory'])) as [string, string];
    await admin.run('CONFIG', ['SET', 'maxmemory', '1']);
    onTestFinished(() => admin.run('CONFIG', ['SET', 'maxmemory', before]).then(() => {}));
    expect(await cache.getOrSet('new', () => 'loaded')).toBe('loaded');
    await cache.invalidateTags('t');
    await cache.invalidateTags(tag).catch(() => {});
    await admin.run('CONFIG', ['SET', 'maxmemory', before]);
    await until(async () => cache.stats().isStoreUp);
    expect(await cache.get('k')).toBeUndefined();
    expect(await cache.get('new')).toBeUndefined();
    // What was invalidated meanwhile is not brought back by a load that began before.
    expect(await ended()).toBe('late');
    expect(await cache.get('late')).toBeUndefined();
  });

  it.each(['FLUSHALL', 'SCRIPT FLUSH'])('is told %s goes on', async (command) => {
    const cache = new CacheManager(openedAt(server.url), { prefix: prefixOf(), storeTimeout: '5s' });
    await cache.set('k', 1, { tags: ['t'] });
    await admin.run(command.split(' ')[0]!, command.split(' ').slice(1));
    expect(await cache.getOrSet('k', () => 2, { tags: ['t'] })).toBe(command === 'FLUSHALL' ? 2 : 1);
    await cache.invalidateTags('t');
    expect(await cache.get('k')).toBeUndefined();
    expect(cache.stats().errors).toBe(0);
  });

  it('is killed with -9 and restarted serves again by itself', async () => {
    const cache = new CacheManager(openedAt(server.url), { prefix: prefixOf(), storeTimeout: '5s' });
    await cache.set('k', 1);
    await server.process.kill();
    expect(await cache.getOrSet('k', () => 2)).toBe(2);
    await server.process.restart();
    await until(async () => cache.stats().isStoreUp);
    await cache.set('k', 3);
    expect(await cache.get('k')).toBe(3);
  });
});

/** A load that names its tag only when it is told to end. */
function lateLoad(cache: CacheManager): { readonly tag: string; ended(): Promise<string> } {
  let end = (): void => {};
  const opened = new Promise<void>((resolve) => {
    end = resolve;
  });
  const call = cache.getOrSet('late', async ({ tag }) => {
    await opened;
    tag('late tag');
    return 'late';
  });
  return {
    tag: 'late tag',
    ended: () => {
      end();
      return call;
    },
  };
}

describe('values at hand in the process', () => {
  async function pair() {
    const prefix = prefixOf();
    const proxy = await startFaultProxy(server.url);
    const store = new RedisStore({ url: proxy.url(server.url) });
    onTestFinished(async () => {
      await proxy.heal();
      await store.close({ deadline: '1s' });
      await proxy.close();
    });
    const near = new CacheManager(store, { prefix, storeTimeout: '5s', l1: {} });
    const other = new CacheManager(openedAt(server.url), { prefix, storeTimeout: '5s' });
    await other.set('k', { n: 1 }, { tags: ['t'] });
    const isNear = async (): Promise<boolean> => {
      const before = near.stats().nearHits;
      await near.get('k');
      return near.stats().nearHits > before;
    };
    await until(isNear);
    return { near, other, proxy, isNear };
  }

  it.each([
    ['set', (cache: CacheManager) => cache.set('k', { n: 2 }, { tags: ['t'] }), { n: 2 }],
    ['deleted', (cache: CacheManager) => cache.delete('k'), undefined],
    ['invalidated by its tag', (cache: CacheManager) => cache.invalidateTags('t'), undefined],
    ['cleared', (cache: CacheManager) => cache.clear(), undefined],
  ])('are given no more when the value is %s by another process', async (_what, change, value) => {
    const { near, other } = await pair();
    expect(Object.isFrozen(await near.get('k'))).toBe(true);
    await change(other);
    await until(async () => JSON.stringify(await near.get('k')) === JSON.stringify(value));
  });

  it('are given no more when messages stop to come without a word', async () => {
    const { near, other, proxy, isNear } = await pair();
    await proxy.set({ blackHole: true });
    await other.invalidateTags('t');
    // The server is not reached either, so that it is loaded.
    await until(async () => (await near.getOrSet('k', () => 'loaded')) === 'loaded');
    await proxy.heal();
    await until(async () => near.stats().isStoreUp && (await near.get('k')) === undefined);
    await other.set('k', { n: 3 });
    await until(isNear);
  });

  it('are forgotten when the connection of the messages is lost, and kept anew when it is back', async () => {
    const { near, other, isNear } = await pair();
    await admin.run('CLIENT', ['KILL', 'TYPE', 'pubsub']);
    await until(async () => !(await isNear()));
    await other.invalidateTags('t');
    // Where it was kept anew already, the message comes in its own time.
    await until(async () => (await near.get('k')) === undefined);
    await other.set('k', { n: 3 });
    await until(isNear);
    expect(await near.get('k')).toEqual({ n: 3 });
  });
});
