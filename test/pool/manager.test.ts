import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  ConnectionPoolManager,
  MemoryDatabase,
  MongoDatabase,
  PoolCloseError,
  PoolStartError,
  PostgresDatabase,
} from '../../src/index.js';
import { caught } from '../setup/outcomes.js';
import { Toy } from './kit.js';

const away = (): ConnectionError => new ConnectionError('away', { retryable: true });

afterEach(() => {
  vi.useRealTimers();
});

describe('pools by name', () => {
  it('are given back as they are, typed; an unknown name is refused with those there are', () => {
    const sql = new MemoryDatabase();
    const toy = new Toy();
    const pools = new ConnectionPoolManager({ sql, toy });
    expect(pools.getPool('sql')).toBe(sql);
    expect(pools.getPool('toy')).toBe(toy);
    expect(() => pools.getPool('mysql')).toThrow('There is no pool `mysql`: there are sql, toy');
  });

  it('can be added at run time, under a name of their own, which is what their errors call them', () => {
    const pools = new ConnectionPoolManager({ toy: new Toy() });
    const sql = pools.createPostgresPool('reports', { url: 'postgres://localhost/app' });
    const docs = pools.createMongoPool('events', { url: 'mongodb://localhost/app' });
    expect(sql).toBeInstanceOf(PostgresDatabase);
    expect(sql.name).toBe('reports');
    expect(docs).toBeInstanceOf(MongoDatabase);
    expect(pools.getPool('events')).toBe(docs);
    expect(Object.keys(pools.stats())).toEqual(['toy', 'reports', 'events']);
    expect(() => pools.createPostgresPool('toy')).toThrow('There is a pool `toy` already');
    expect(() => pools.createPostgresPool('no name')).toThrow('Expected `name`');
  });

  it.each([
    [{ 'a b': new Toy() }, {}, 'Expected `name`'],
    [{ sql: {} }, {}, '`sql` to be a database or store'],
    [null, {}, 'Expected `pools`'],
    [{ sql: new Toy() }, { optional: ['redis'] }, 'Expected `optional`'],
    [{ sql: new Toy() }, { logger: {} }, 'Expected `logger`'],
    [{ sql: new Toy() }, { healthCheck: { interval: 5 } }, 'Expected `interval`'],
    [{ sql: new Toy() }, { healthCheck: { fall: 0 } }, 'Expected `fall`'],
    [{ sql: new Toy() }, { healthcheck: {} }, 'Unknown option `healthcheck`'],
  ])('are refused at once where something is wrong with them: %#', (pools, options, message) => {
    expect(() => new ConnectionPoolManager(pools as never, options as never)).toThrow(message);
  });
});

describe('opening', () => {
  it('fail-fast: names every pool that failed, and closes all', async () => {
    const pools = { good: new Toy(), bad: new Toy(), worse: new Toy() };
    pools.bad.connecting = async () => Promise.reject(away());
    pools.worse.connecting = async () => Promise.reject(new AuthenticationError('wrong password'));
    const manager = new ConnectionPoolManager(pools);
    const error = await caught(manager.connect());
    expect(error).toBeInstanceOf(PoolStartError);
    expect(Object.keys(error.failures)).toEqual(['bad', 'worse']);
    expect(error).toMatchObject({ retryable: false, code: 'POOL_START' });
    expect(error.message).toContain('`bad`: away; `worse`: wrong password');
    for (const toy of Object.values(pools)) expect(toy.calls).toEqual(['connect', 'close']);
    expect(await caught(manager.connect())).toBeInstanceOf(ClosedError);
  });

  it('wait: tries again until it works', async () => {
    const toy = new Toy();
    let left = 4;
    toy.connecting = async () => {
      if (left-- > 0) throw away();
    };
    await using manager = await new ConnectionPoolManager({ toy }).connect({ mode: 'wait' });
    expect(toy.calls).toEqual(Array.from({ length: 5 }, () => 'connect'));
    expect((await manager.readiness()).ready).toBe(true);
  });

  it('wait: ends at its deadline, also when connecting hangs', async () => {
    for (const connecting of [async () => Promise.reject(away()), () => new Promise<void>(() => {})]) {
      const toy = new Toy();
      toy.connecting = connecting;
      const error = await caught(new ConnectionPoolManager({ toy }).connect({ mode: 'wait', deadline: '50ms' }));
      expect(error).toBeInstanceOf(PoolStartError);
      expect(error.retryable).toBe(true);
      expect(toy.calls.at(-1)).toBe('close');
    }
  });

  it('wait: what cannot get better fails at once, and is not tried again', async () => {
    const toy = new Toy();
    const other = new Toy();
    toy.connecting = async () => Promise.reject(new AuthenticationError('wrong password'));
    other.connecting = async () => Promise.reject(away());
    const error = await caught(new ConnectionPoolManager({ toy, other }).connect({ mode: 'wait', deadline: '10m' }));
    expect(error.failures['toy']).toBeInstanceOf(AuthenticationError);
    expect(toy.calls).toEqual(['connect', 'close']);
  });

  it('background: comes back at once, and is ready when the pools are open', async () => {
    const toy = new Toy();
    let open = (): void => {};
    toy.connecting = () =>
      new Promise((resolve) => {
        open = resolve;
      });
    await using manager = await new ConnectionPoolManager({ toy }).connect({ mode: 'background' });
    expect(await manager.readiness()).toMatchObject({
      ready: false,
      status: 'fail',
      reason: 'the pools are not open yet',
    });
    open();
    await expect.poll(async () => (await manager.readiness()).ready).toBe(true);
  });

  it('background: an error that cannot get better is told as an event', async () => {
    const toy = new Toy();
    toy.connecting = async () => Promise.reject(new AuthenticationError('wrong password'));
    const manager = new ConnectionPoolManager({ toy });
    const told = new Promise((resolve) => manager.on('error', (name, error) => resolve([name, error.message])));
    await manager.connect({ mode: 'background' });
    expect(await told).toEqual(['toy', 'wrong password']);
    await manager.close();
  });

  it('starts to check the pools only when it was asked to', async () => {
    const [asked, unasked] = [new Toy(), new Toy()];
    await using one = await new ConnectionPoolManager({ asked }, { healthCheck: { interval: '1h' } }).connect();
    await using two = await new ConnectionPoolManager({ unasked }).connect();
    await expect.poll(() => asked.calls).toContain('probe');
    expect(unasked.calls).toEqual(['connect']);
    one.stopHealthMonitoring();
    two.startHealthMonitoring({ interval: '1h' });
    await expect.poll(() => unasked.calls).toContain('probe');
  });

  it('refuses a mode that is none', async () => {
    const manager = new ConnectionPoolManager({ toy: new Toy() });
    expect(await caught(manager.connect({ mode: 'later' as never }))).toBeInstanceOf(TypeError);
    expect(await caught(manager.connect({ deadline: 5 as never }))).toBeInstanceOf(TypeError);
  });
});

describe('health', () => {
  it('tells of each pool, typed by its name', async () => {
    await using manager = new ConnectionPoolManager({ sql: new MemoryDatabase(), toy: new Toy() });
    const { status, checks } = await manager.health();
    expect(status).toBe('pass');
    expect(checks.sql.pool.waiting).toBe(0);
    expect(checks.toy).toMatchObject({
      status: 'up',
      failures: 0,
      reason: null,
      error: null,
      required: true,
      server: { version: '1.0', role: 'primary', writable: true },
    });
    expect(checks.toy.latencyMs).toBeGreaterThanOrEqual(0);
    expect(new Date(checks.toy.checkedAt!).getTime()).toBeGreaterThan(0);
  });

  it('falls after as many failures as it takes, and rises after as many successes', async () => {
    const toy = new Toy();
    await using manager = new ConnectionPoolManager({ toy }, { healthCheck: { fall: 3, rise: 2 } });
    const changes: string[] = [];
    manager.on('healthChanged', (name, now, before) => changes.push(`${name}: ${before.status} -> ${now.status}`));
    const seen: string[] = [];
    const check = async (): Promise<void> => {
      seen.push((await manager.checkHealth('toy')).status);
    };
    await check();
    toy.failing = away();
    for (let i = 0; i < 4; i++) await check();
    toy.failing = null;
    for (let i = 0; i < 3; i++) await check();
    expect(seen).toEqual(['up', 'degraded', 'degraded', 'down', 'down', 'down', 'up', 'up']);
    expect(changes).toEqual(['toy: down -> up', 'toy: up -> degraded', 'toy: degraded -> down', 'toy: down -> up']);
  });

  it('that fails at the first check of all is down at once', async () => {
    const toy = new Toy();
    toy.failing = away();
    await using manager = new ConnectionPoolManager({ toy });
    const health = await manager.checkHealth('toy');
    expect(health).toMatchObject({
      status: 'down',
      failures: 1,
      error: { code: 'CONNECTION', message: 'away' },
      latencyMs: null,
    });
  });

  it.each([
    [
      (toy: Toy) => (toy.figures = { ...toy.figures, active: 4, waiting: 2 }),
      /exhausted: 4 of 4 in use, 2 calls waiting/,
    ],
    [(toy: Toy) => (toy.state = { ...toy.state, writable: false }), /takes no writes/],
    [(toy: Toy) => (toy.state = { ...toy.state, role: 'starting' }), /starting/],
  ])('is degraded, not down, where the server answers but %#', async (make, reason) => {
    const toy = new Toy();
    make(toy);
    await using manager = new ConnectionPoolManager({ toy });
    const report = await manager.health();
    expect(report.status).toBe('warn');
    expect(report.checks.toy.status).toBe('degraded');
    expect(report.checks.toy.reason).toMatch(reason);
    await manager.connect();
    expect((await manager.readiness()).ready).toBe(true);
  });

  it('is degraded where a check is slow', async () => {
    const toy = new Toy();
    toy.probe = () => new Promise((resolve) => setTimeout(() => resolve(toy.state), 20));
    await using manager = new ConnectionPoolManager({ toy }, { healthCheck: { slow: '1ms' } });
    expect(await manager.checkHealth('toy')).toMatchObject({
      status: 'degraded',
      reason: expect.stringMatching(/took \d+ ms/),
    });
  });

  it('of a pool that hangs is a failure at the end of its own time, and keeps no other waiting', async () => {
    const [hung, well] = [new Toy(), new Toy()];
    hung.hangs = true;
    await using manager = new ConnectionPoolManager({ hung, well }, { healthCheck: { timeout: '30ms' } });
    expect((await manager.checkHealth('well')).status).toBe('up');
    const { checks, status } = await manager.health();
    expect(status).toBe('fail');
    expect(checks.hung).toMatchObject({ status: 'down', error: { code: 'TIMEOUT' } });
    expect(checks.well.status).toBe('up');
  });

  it('is asked once where several ask at the same time', async () => {
    const toy = new Toy();
    await using manager = new ConnectionPoolManager({ toy });
    await Promise.all([manager.health(), manager.health(), manager.checkHealth('toy')]);
    expect(toy.calls).toEqual(['probe']);
  });

  it('is asked by `ping` where a resource has no `probe`', async () => {
    const toy = new Toy();
    const plain = {
      connect: () => toy.connect(),
      ping: () => toy.ping(),
      stats: () => toy.stats(),
      close: () => toy.close(),
    };
    await using manager = new ConnectionPoolManager({ plain });
    expect(await manager.checkHealth('plain')).toMatchObject({ status: 'up', server: null });
    expect(toy.calls).toEqual(['ping']);
  });

  it('of an optional pool warns, and leaves the application ready', async () => {
    const pools = { sql: new Toy(), cache: new Toy() };
    pools.cache.failing = away();
    await using manager = await new ConnectionPoolManager(pools, { optional: ['cache'] }).connect();
    expect(await manager.readiness()).toMatchObject({ ready: true, status: 'warn', reason: null });
    pools.sql.failing = away();
    for (let i = 0; i < 2; i++) await manager.health();
    expect(await manager.readiness()).toMatchObject({ ready: false, status: 'fail', reason: 'down: sql' });
  });

  it('is watched at its interval, faster while it is uncertain, and never twice at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const toy = new Toy();
    const manager = await new ConnectionPoolManager({ toy }, { healthCheck: { interval: '10s', fall: 3 } }).connect();
    const probes = (): number => toy.calls.filter((call) => call === 'probe').length;
    await vi.advanceTimersByTimeAsync(0);
    expect(probes()).toBe(1);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(probes()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(probes()).toBe(2);
    toy.failing = away();
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(probes()).toBe(5);
    expect(manager.lastHealth().checks.toy.status).toBe('down');
    toy.failing = null;
    toy.hangs = true;
    await vi.advanceTimersByTimeAsync(11_000);
    const before = probes();
    manager.stopHealthMonitoring();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(probes()).toBe(before);
    await manager.close();
  });
});

describe('liveness', () => {
  it('asks no pool, and passes while they are down and closing', async () => {
    const toy = new Toy();
    toy.failing = away();
    const manager = new ConnectionPoolManager({ toy });
    expect(manager.liveness()).toEqual({ status: 'pass', uptime: 0, closing: false });
    await manager.close();
    expect(manager.liveness()).toEqual({ status: 'pass', uptime: 0, closing: true });
    expect(toy.calls).toEqual(['close']);
  });
});

describe('closing', () => {
  it('is not ready first, closes stores before databases, and is done once', async () => {
    const order: string[] = [];
    const named = (name: string, engine?: string): Toy => {
      const toy = Object.assign(new Toy(), { engine });
      toy.closing = async (deadline) => {
        order.push(`${name} ${deadline !== undefined}`);
        expect((await manager.readiness()).reason).toBe('the pools are closing');
        await null;
        order.push(`${name} closed`);
      };
      return toy;
    };
    const pools = { sql: named('sql'), docs: named('docs'), redis: named('redis', 'redis') };
    const manager = new ConnectionPoolManager(pools);
    await manager.connect();
    const first = manager.close({ deadline: '1s' });
    expect(manager.closeAll()).toBe(first);
    await first;
    expect(order).toEqual(['redis true', 'redis closed', 'sql true', 'docs true', 'sql closed', 'docs closed']);
    expect(pools.sql.isWatched).toBe(false);
  });

  it('closes the others although one fails or never ends, and says so when all is done', async () => {
    const pools = { good: new Toy(), bad: new Toy(), endless: new Toy() };
    pools.bad.closing = async () => Promise.reject(new Error('no'));
    pools.endless.closing = () => new Promise(() => {});
    const manager = new ConnectionPoolManager(pools);
    let closed = false;
    manager.on('closed', () => {
      closed = true;
    });
    const error = await caught(manager.close({ deadline: '20ms' }));
    expect(error).toBeInstanceOf(PoolCloseError);
    expect(Object.keys(error.failures).sort()).toEqual(['bad', 'endless']);
    expect(closed).toBe(true);
    expect(pools.good.calls).toEqual(['close']);
  });

  it('ends opening in the background', async () => {
    const toy = new Toy();
    toy.connecting = async () => Promise.reject(away());
    const manager = await new ConnectionPoolManager({ toy }).connect({ mode: 'background' });
    await expect.poll(() => toy.calls.length).toBeGreaterThan(2);
    await manager.close();
    const { length } = toy.calls;
    await new Promise((resolve) => setImmediate(resolve));
    expect(toy.calls.length - length).toBeLessThanOrEqual(1);
  });
});

describe('events', () => {
  it('of connections carry the name of the pool, and a listener that throws harms nobody', () => {
    const toy = new Toy();
    const manager = new ConnectionPoolManager({ toy });
    const seen: unknown[] = [];
    for (const name of ['connected', 'disconnected', 'reconnected', 'error'] as const) {
      manager.on(name, () => {
        throw new Error('a listener');
      });
      manager.on(name, (...values: readonly unknown[]) => {
        seen.push([name, ...values.map((value) => (value instanceof Error ? value.message : value))]);
      });
    }
    const error = new Error('broken');
    toy.tell({ type: 'connected' });
    toy.tell({ type: 'error', error });
    toy.tell({ type: 'disconnected', error });
    toy.tell({ type: 'reconnected' });
    expect(seen).toEqual([
      ['connected', 'toy'],
      ['error', 'toy', 'broken'],
      ['disconnected', 'toy', 'broken'],
      ['reconnected', 'toy'],
    ]);
  });

  it('end by `off`, or by what `on` gave; an unknown name is refused', () => {
    const toy = new Toy();
    const manager = new ConnectionPoolManager({ toy });
    let told = 0;
    const listener = (): void => {
      told += 1;
    };
    manager.on('connected', listener);
    manager.off('connected', listener);
    manager.on('connected', listener)();
    toy.tell({ type: 'connected' });
    expect(told).toBe(0);
    expect(() => manager.on('opened' as never, listener)).toThrow('Expected an event to be one of connected');
  });

  it('are written down by a logger, by level, as an object and a message', async () => {
    const lines: string[] = [];
    const level = (name: string) => (what: object, message: string) =>
      void lines.push(`${name} ${message} ${JSON.stringify(what)}`);
    const logger = { info: level('info'), warn: level('warn'), error: level('error') };
    const toy = new Toy();
    const manager = new ConnectionPoolManager({ toy }, { logger });
    toy.tell({ type: 'connected' });
    toy.tell({ type: 'disconnected', error: new Error('gone') });
    toy.failing = away();
    await manager.health();
    await manager.close();
    expect(lines).toEqual([
      'info connected {"pool":"toy"}',
      'error disconnected {"pool":"toy","error":"gone"}',
      'error health changed {"pool":"toy","status":"down","before":"down","reason":"away","latencyMs":null}',
      'info pools closed {}',
    ]);
  });
});
