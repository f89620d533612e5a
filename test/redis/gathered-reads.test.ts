import { Redis } from 'ioredis';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EntryStore } from '../../src/cache/ports.js';
import { AuthenticationError, CacheManager, RedisStore, TimeoutError } from '../../src/index.js';
import { subscribe } from '../../src/telemetry/index.js';
import { redisPrefix } from '../setup/databases.js';
import { behindProxy, caught, openedAt } from './kit.js';

const { url, prefix } = await redisPrefix();
const redis = openedAt(url);
const space = `${prefix}gathered`;
const token = '0123456789abcdef';

/** A client that notes what it sends. */
const sent: (readonly unknown[])[] = [];
class Noting extends Redis {
  override sendCommand(...[command, ...rest]: Parameters<Redis['sendCommand']>): unknown {
    if (/get$/i.test(command.name)) sent.push([command.name.toUpperCase(), ...command.args]);
    return super.sendCommand(command, ...rest);
  }
}
const client = new Noting(url, { lazyConnect: true });
afterAll(() => client.disconnect());
const noting = new RedisStore({ client });
afterAll(() => noting.close());

const put = (entries: EntryStore, entry: string, text: string): Promise<boolean> =>
  entries.write(entry, { kind: 'set', payload: Buffer.from(token + text), ttlMs: 60_000 });
const texts = (values: readonly (Buffer | null)[]): (string | undefined)[] => values.map((each) => each?.toString());

describe('reads that begin together', () => {
  it('are one command that asks for each key once, and each gets what it asked for', async () => {
    const entries = noting.entries(space, 10_000);
    await put(entries, 'a', 'A');
    await put(entries, 'b', 'B');
    const { stamps } = (await entries.capture(['s1', 's2'], 60_000, null))!;
    sent.length = 0;
    const [first, second, third, nothing] = await Promise.all([
      entries.read(['a'], ['s1']),
      entries.read(['b', 'none'], ['s2', 's1', 's3']),
      entries.read([], ['s2']),
      entries.read([], []),
    ]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toHaveLength(1 + 3 + 3);
    expect(sent[0]![0]).toBe('MGET');
    expect(texts(first.values)).toEqual([`${token}A`]);
    expect(first.stamps).toEqual([stamps[0]]);
    expect(texts(second.values)).toEqual([`${token}B`, undefined]);
    expect(second.stamps).toEqual([stamps[1], stamps[0], null]);
    expect(third).toEqual({ values: [], stamps: [stamps[1]] });
    expect(nothing).toEqual({ values: [], stamps: [] });
  });

  it('give bytes of its own to each who asked for the same entry', async () => {
    const entries = noting.entries(space, 10_000);
    await put(entries, 'same', 'S');
    sent.length = 0;
    const readings = await Promise.all([['same', 'same'], ['same'], ['same']].map((names) => entries.read(names, [])));
    expect(sent).toHaveLength(1);
    const values = readings.flatMap((each) => each.values);
    expect(values).toHaveLength(4);
    for (const each of values) {
      expect(each!.toString()).toBe(`${token}S`);
      each!.fill(0);
    }
  });

  it('are several commands where they are many, and one that asks for many is one of its own', async () => {
    const entries = noting.entries(space, 10_000);
    const names = Array.from({ length: 100 }, (_, i) => `many-${i}`);
    await Promise.all(names.map((name) => put(entries, name, name)));
    sent.length = 0;
    const readings = await Promise.all(names.map((name) => entries.read([name], ['s1'])));
    expect(readings.map(({ values }) => texts(values)[0])).toEqual(names.map((name) => token + name));
    expect(sent.map((command) => command.length)).toEqual([34, 34, 34, 6]);
    sent.length = 0;
    const [one, all] = await Promise.all([entries.read(['many-1'], []), entries.read(names, [])]);
    expect(texts(one.values)).toEqual([`${token}many-1`]);
    expect(texts(all.values)).toEqual(names.map((name) => token + name));
    expect(sent.map((command) => command.length)).toEqual([2, 101]);
  });

  it('see what was changed before they began', async () => {
    const entries = noting.entries(space, 10_000);
    for (const text of ['1', '2', '3']) {
      await put(entries, 'changed', text);
      const [{ values }] = await Promise.all([entries.read(['changed'], []), entries.read(['a'], [])]);
      expect(texts(values)).toEqual([token + text]);
    }
  });

  it('fail each by itself where one of them may not be read', async () => {
    const user = `${prefix}narrow`.replace(/\W/g, '');
    await redis.run('ACL', ['SETUSER', user, 'on', '>planted', `~{${space}open}*`, '+@all']);
    onTestFinished(async () => void (await redis.run('ACL', ['DELUSER', user])));
    const address = new URL(url);
    address.username = user;
    address.password = 'planted';
    const entries = openedAt(address.href).entries(space, 10_000);
    await put(redis.entries(space, 10_000), 'open', 'O');
    const [open, shut] = await Promise.all([entries.read(['open'], []), caught(entries.read(['shut'], []))]);
    expect(texts(open.values)).toEqual([`${token}O`]);
    expect(shut).toBeInstanceOf(AuthenticationError);
  });

  it('all end by their time on a network that swallows everything, and late replies reach nobody', async () => {
    const { proxy, store } = await behindProxy(url);
    const short = store.entries(space, 50);
    await store.connect();
    await put(redis.entries(space, 10_000), 'late', 'L');
    await proxy.set({ blackHole: true });
    const errors = await Promise.all([1, 2, 3].map(() => caught(short.read(['late'], ['s1']))));
    for (const error of errors) {
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('within 50 ms') });
    }
    await proxy.heal();
    expect(texts((await store.entries(space, 10_000).read(['late'], [])).values)).toEqual([`${token}L`]);
    expect(store.stats().active).toBe(0);
  });

  it('are answered when the store is closed behind them', async () => {
    const store = new RedisStore({ url });
    await store.connect();
    await put(redis.entries(space, 10_000), 'last', 'Z');
    const entries = store.entries(space, 10_000);
    const reading = entries.read(['last'], []);
    const closing = store.close();
    expect(texts((await reading).values)).toEqual([`${token}Z`]);
    await closing;
    expect(await caught(entries.read(['last'], []))).toMatchObject({ code: 'CLOSED', outcome: 'not-executed' });
  });

  it('are told to who observes one by one, and counted so by the cache', async () => {
    const traces: string[] = [];
    const end = subscribe({
      query: ({ resource, operation }) => void (resource === 'observed' && traces.push(operation)),
    });
    const cache = new CacheManager(openedAt(url, { name: 'observed' }), { prefix: space, storeTimeout: '10s' });
    await cache.set('k', 1);
    traces.length = 0;
    const hits: string[] = [];
    cache.on('hit', (key) => void hits.push(key));
    const values = await Promise.all(['k', 'k', 'gone'].map((key) => cache.get(key)));
    end();
    expect(values).toEqual([1, 1, undefined]);
    expect(traces).toEqual(['MGET', 'MGET', 'MGET']);
    expect(hits).toEqual(['k', 'k']);
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 1 });
  });
});
