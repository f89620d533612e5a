import { inspect } from 'node:util';
import { Cluster, Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import {
  AbortedError,
  ClosedError,
  ConnectionError,
  type ConnectionEvent,
  ConnectionPoolManager,
  PoolUnavailableError,
  QueryError,
  RedisStore,
  TimeoutError,
} from '../../src/index.js';
import { fakeServer, until } from '../postgres/kit.js';
import { redisPrefix } from '../setup/databases.js';
import { behindProxy, caught, openedAt } from './kit.js';

const { url, prefix } = await redisPrefix();
const redis = openedAt(url, { name: 'store test' });
const key = (name: string): string => `${prefix}${name}`;

describe('a database', () => {
  it('that the server does not have is refused, and nothing goes into another one', async () => {
    const address = new URL(url);
    address.pathname = '/9999';
    const store = openedAt(address.href, { name: 'no such database' });
    const error = await caught(store.connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: false, outcome: 'not-executed', resource: 'no such database' });
    expect(error.message).toContain('There is no database 9999 on no such database');
    expect(await caught(store.run('SET', [key('astray'), 'x']))).toBeInstanceOf(ConnectionError);
    expect(await redis.run('GET', [key('astray')])).toBeNull();
  });
});

describe('a command', () => {
  it('gives the reply of the server', async () => {
    expect(await redis.run('SET', [key('a'), 'hello'])).toBe('OK');
    expect(await redis.run('GET', [key('a')])).toBe('hello');
    expect(await redis.run('INCRBY', [key('n'), 5])).toBe(5);
    expect(await redis.run('GET', [key('none')])).toBeNull();
    expect(await redis.run('MGET', [key('a'), key('none')])).toEqual(['hello', null]);
  });

  it('that the server refuses is a QueryError with its code, and none of its arguments', async () => {
    await redis.run('SET', [key('text'), 'planted']);
    const error = await caught(redis.run('INCR', [key('text')]));
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({
      serverCode: 'ERR',
      outcome: 'not-executed',
      retryable: false,
      resource: 'store test',
    });
    const wrong = await caught(redis.run('LPUSH', [key('text'), 'planted']));
    expect(wrong).toMatchObject({ serverCode: 'WRONGTYPE' });
    const unknown = await caught(redis.run('NOSUCH', ['planted']));
    for (const each of [error, wrong, unknown])
      expect(inspect(each, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
  });

  it('runs a script, whole where the server does not know it', async () => {
    const lua = `return {KEYS[1], ARGV[1], '${prefix}'}`;
    expect(await redis.script(lua, [key('k')], ['v'])).toEqual([key('k'), 'v', prefix]);
    expect(await redis.script(lua, [key('k')], [7])).toEqual([key('k'), '7', prefix]);
    expect(await caught(redis.script('return redis.error_reply("MINE planted")', []))).toMatchObject({
      serverCode: 'MINE',
    });
  });

  it('is refused before it is sent by a signal that is aborted, and ends by one that aborts', async () => {
    expect(await caught(redis.run('PING', [], { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORTED',
      outcome: 'not-executed',
    });
    const { proxy, store } = await behindProxy(url);
    await store.connect();
    await proxy.set({ blackHole: true });
    const controller = new AbortController();
    const call = caught(store.run('PING', [], { signal: controller.signal }));
    await until(async () => store.stats().active === 1);
    controller.abort(new Error('enough'));
    const error = await call;
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ outcome: 'unknown', cause: { message: 'enough' } });
    await proxy.heal();
    expect(await store.run('PING')).toBe('PONG');
  });

  it('refuses a timeout that is none', async () => {
    expect(await caught(redis.run('PING', [], { timeout: 5 as never }))).toBeInstanceOf(TypeError);
  });
});

describe('the connection', () => {
  it('has its name on the server, and is one for all commands', async () => {
    const store = openedAt(url, { name: `named ${prefix}` });
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.run('SET', [key(`many${i}`), i])));
    const list = String(await store.run('CLIENT', ['LIST']));
    const name = `named_${prefix}`.slice(0, 64);
    expect(list.split('\n').filter((line) => line.includes(`name=${name} `))).toHaveLength(1);
    expect(store.stats()).toEqual({ max: 1, min: 0, total: 1, active: 0, idle: 1, waiting: 0, timeouts: 0 });
  });

  it('that cannot be made: connect fails at once, a command at its end with the cause', async () => {
    const { port, close } = await fakeServer(() => {});
    await close();
    const store = openedAt(`redis://127.0.0.1:${port}/0`, { timeout: '1s' });
    expect(await caught(store.connect())).toMatchObject({
      code: 'CONNECTION',
      retryable: true,
      outcome: 'not-executed',
    });
    const error = await caught(store.run('PING'));
    expect(error).toBeInstanceOf(PoolUnavailableError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.stats).toMatchObject({ total: 0, waiting: 1 });
    expect(store.stats().timeouts).toBe(1);
  });

  it('that comes back serves the commands that wait', async () => {
    const { proxy, store } = await behindProxy(url, { timeout: '60s' });
    await proxy.set({ refuse: true });
    const calls = Array.from({ length: 5 }, (_, i) => store.run('SET', [key(`late${i}`), i]));
    await until(async () => store.stats().waiting === 5);
    await proxy.heal();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 5 }, () => 'OK'));
  });

  it('is told of: connected, disconnected, reconnected', async () => {
    const { proxy, store } = await behindProxy(url, { timeout: '60s' });
    const events: ConnectionEvent['type'][] = [];
    const stop = store.watch(({ type }) => events.push(type));
    await store.connect();
    proxy.reset();
    await until(async () => events.includes('reconnected'));
    stop();
    expect(events.filter((type) => type !== 'error')).toEqual(['connected', 'disconnected', 'reconnected']);
  });

  it('shows no secret in inspect and JSON', () => {
    const store = new RedisStore({ url: 'redis://ann:planted@127.0.0.1:6379/2', password: 'planted too' });
    const shown = inspect(store, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(store);
    expect(shown).toContain('127.0.0.1:6379/2');
    expect(shown).not.toContain('planted');
  });
});

describe('probe', () => {
  it('tells of the server on a connection of its own, which is kept', async () => {
    const store = openedAt(url, { name: 'probed' });
    for (let i = 0; i < 20; i++) {
      const state = await store.probe();
      expect(state).toMatchObject({ role: 'primary', writable: true });
      expect(state.version).toMatch(/^\d+\.\d+/);
    }
    const list = String(await redis.run('CLIENT', ['LIST']));
    expect(list.split('\n').filter((line) => line.includes('name=probed(health) '))).toHaveLength(1);
    expect(store.stats().total).toBe(0);
  });

  it('ends at connectTimeout on a network that swallows everything, and by its signal', async () => {
    const { proxy, store } = await behindProxy(url, { connectTimeout: '1s' });
    await store.probe();
    await proxy.set({ blackHole: true });
    expect(await caught(store.probe())).toBeInstanceOf(TimeoutError);
    expect(await caught(store.probe(AbortSignal.abort()))).toBeInstanceOf(AbortedError);
    await proxy.heal();
    expect(await store.probe()).toMatchObject({ role: 'primary' });
  });
});

describe('a client of the application', () => {
  const own = new Redis(url, { lazyConnect: true });
  afterAll(() => own.disconnect());

  it('is used as it is, and left open with no listener of ours', async () => {
    const events = ['ready', 'error', 'close'];
    const before = events.map((event) => own.listenerCount(event));
    const store = new RedisStore({ client: own });
    expect(await store.run('PING')).toBe('PONG');
    expect(await store.probe()).toMatchObject({ role: 'primary' });
    await store.close();
    expect(await own.ping()).toBe('PONG');
    expect(events.map((event) => own.listenerCount(event))).toEqual(before);
    expect(own.options.maxRetriesPerRequest).toBe(20);
  });

  it('fits in its type, single and cluster, and is refused where it is none', () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    expect(new RedisStore({ client: cluster }).name).toBe('the given client');
    expect(() => new RedisStore({ client: {} as never })).toThrow('Expected `client`');
    expect(() => new RedisStore({ client: own, db: 3 })).toThrow('`db` cannot be given together with `client`');
    cluster.disconnect();
  });
});

describe('closing', () => {
  it('refuses new commands, is done once, and works before any use', async () => {
    const store = new RedisStore({ url });
    await Promise.all([store.close(), store.close()]);
    expect(await caught(store.run('PING'))).toBeInstanceOf(ClosedError);
    expect(await caught(store.connect())).toBeInstanceOf(ClosedError);
    expect(await caught(store.probe())).toBeInstanceOf(ClosedError);
  });

  it('lets commands in flight finish, and ends those that do not at the deadline', async () => {
    const { proxy, store } = await behindProxy(url);
    await store.connect();
    await proxy.set({ delay: '20ms' });
    const call = store.run('PING');
    await store.close();
    expect(await call).toBe('PONG');
    const other = await behindProxy(url);
    await other.store.connect();
    await other.proxy.set({ blackHole: true });
    const lost = caught(other.store.run('PING'));
    await other.store.close({ deadline: '30ms' });
    expect(await lost).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
  });

  it('comes before the databases when a manager closes it', async () => {
    const pools = new ConnectionPoolManager({});
    const store = pools.createRedisPool('cache', { url });
    expect(store.name).toBe('cache');
    await pools.connect();
    expect((await pools.checkHealth('cache')).status).toBe('up');
    await pools.close();
    expect(await caught(store.run('PING'))).toBeInstanceOf(ClosedError);
  });
});

describe('options', () => {
  it.each([
    [{ url: 'http://localhost' }, 'redis://'],
    [{ url: 'redis://ann:planted@[' }, 'Expected `url` to be an address'],
    [{ url: 'redis://localhost/0?tls=false' }, 'Unknown parameter `tls`'],
    [{ url: 'redis://localhost/app' }, 'number of a database'],
    [{ url: 'redis://ann:47?planted@localhost/0' }, 'special characters'],
    [{ url: 'redis://ann:47#planted@localhost/0' }, 'special characters'],
    [{ url: 'redis://ann:47/planted@localhost/0' }, 'special characters'],
    [{ port: 0 }, 'Expected `port`'],
    [{ db: -1 }, 'Expected `db`'],
    [{ password: 5 }, 'Expected `password`'],
    [{ tls: 'yes' }, 'Expected `tls`'],
    [{ timeout: 5 }, 'Expected `timeout`'],
    [{ retries: 3 }, 'Unknown option `retries`'],
  ])('%j is refused, and its secret not shown', (options, message) => {
    try {
      new RedisStore(options as never);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toContain(message);
      expect((error as Error).message).not.toContain('planted');
    }
  });
});
