import { inspect } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { channels } from '../../src/core/channels.js';
import {
  ClosedError,
  ConnectionError,
  type ConnectionEvent,
  PoolExhaustedError,
  PoolUnavailableError,
  PostgresDatabase,
  QueryError,
  TimeoutError,
} from '../../src/index.js';
import { startFaultProxy } from '../../src/testing/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from '../setup/outcomes.js';
import { fakeServer, fatal, openedAt, running, until } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 2 });

/** Takes every connection until `free` is called. */
async function held(database: PostgresDatabase, count: number): Promise<() => Promise<void>> {
  const controller = new AbortController();
  const calls = Array.from({ length: count }, () =>
    caught(database.query('select pg_sleep(600)', [], { signal: controller.signal, timeout: '10m' })),
  );
  await until(async () => database.stats().active === count);
  return async () => {
    controller.abort();
    await Promise.all(calls);
  };
}

const backends = async (name: string): Promise<number> =>
  (
    await observer.query<{ n: number }>(
      'select count(*)::int as n from pg_stat_activity where application_name = $1 and datname = current_database()',
      [name],
    )
  )[0]!.n;

// PGlite has one session: there is no pool of it.
describe.skipIf(!inject('postgresReal'))('a pool whose connections are all in use', () => {
  it('ends a wait by acquireTimeout with PoolExhaustedError: figures, the oldest holder, nothing executed', async () => {
    const database = openedAt(url, { max: 2, acquireTimeout: '100ms', name: 'busy pool' });
    const free = await held(database, 2);
    const error = await caught(database.query('select 1'));
    expect(error).toBeInstanceOf(PoolExhaustedError);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ retryable: true, outcome: 'not-executed', resource: 'busy pool' });
    expect(error.stats).toMatchObject({ max: 2, active: 2, idle: 0, total: 2, waiting: 1 });
    expect(error.oldest.heldMs).toBeGreaterThan(0);
    expect(error.oldest.stack).toBeUndefined();
    expect(error.message).toMatch(
      /busy pool became free within 100 ms: 2 of 2 in use, 2 open, 0 idle, 1 calls waiting/,
    );
    expect(database.stats()).toMatchObject({ waiting: 0, timeouts: 1 });
    await free();
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('the control: a call that waits is served when one becomes free', async () => {
    const database = openedAt(url, { max: 1, acquireTimeout: '60s' });
    const free = await held(database, 1);
    const call = database.query('select 1 as one');
    expect(database.stats().waiting).toBe(1);
    await free();
    expect(await call).toEqual([{ one: 1 }]);
    expect(database.stats()).toMatchObject({ waiting: 0, active: 0, timeouts: 0 });
  });

  it('serves those that wait in the order in which they came', async () => {
    const database = openedAt(url, { max: 1, acquireTimeout: '60s' });
    const free = await held(database, 1);
    const served: number[] = [];
    const calls = [1, 2, 3, 4, 5].map((i) => database.query('select 1').then(() => served.push(i)));
    await free();
    await Promise.all(calls);
    expect(served).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets at most maxWaiting calls wait, and refuses more at once', async () => {
    const database = openedAt(url, { max: 1, acquireTimeout: '60s', maxWaiting: 2 });
    const free = await held(database, 1);
    const waiting = [database.query('select 1'), database.query('select 2')];
    const error = await caught(database.query('select 3'));
    expect(error).toBeInstanceOf(PoolExhaustedError);
    expect(error.message).toContain('2 calls wait');
    expect(database.stats().timeouts).toBe(0);
    await free();
    await Promise.all(waiting);
  });

  it('keeps no connect waiting: those that calls have are open', async () => {
    const database = openedAt(url, { max: 2, min: 2, acquireTimeout: '100ms', connectTimeout: '100ms' });
    const holding = held(database, 2);
    await database.connect();
    await (await holding)();
  });

  it('with leak detection, shows where the connection was taken, and tells of it once', async () => {
    const database = openedAt(url, { max: 1, acquireTimeout: '100ms', leakDetection: '50ms' });
    const events: ConnectionEvent[] = [];
    database.watch((event) => events.push(event));
    async function thisOneLeaks(): Promise<() => Promise<void>> {
      return held(database, 1);
    }
    const free = await thisOneLeaks();
    await until(async () => events.some(({ type }) => type === 'error'));
    const error = await caught(database.query('select 1'));
    expect(error.oldest.stack).toContain('thisOneLeaks');
    expect(error.message).toContain('thisOneLeaks');
    const told = events.filter(({ type }) => type === 'error');
    expect(told).toHaveLength(1);
    expect((told[0] as { readonly error: Error }).error.message).toContain('thisOneLeaks');
    await free();
  });
});

describe.skipIf(!inject('postgresReal'))('a server that takes no connections', () => {
  it('ends a wait by acquireTimeout with PoolUnavailableError, whose cause is the last error of connecting', async () => {
    const { port, close } = await fakeServer(() => {});
    await close();
    const database = new PostgresDatabase({
      host: '127.0.0.1',
      port,
      user: 'a',
      database: 'd',
      acquireTimeout: '100ms',
    });
    const error = await caught(database.query('select 1'));
    expect(error).toBeInstanceOf(PoolUnavailableError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: true, outcome: 'not-executed', stats: { active: 0, total: 0 } });
    expect(error.attempts).toBeGreaterThan(1);
    expect(error.cause).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('ECONNREFUSED');
    await database.close();
  });

  it('ends a call by its own timeout with TimeoutError, whose cause says why', async () => {
    const { port, close } = await fakeServer(() => {});
    await close();
    const database = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd' });
    const error = await caught(database.query('select 1', [], { timeout: '100ms' }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).not.toBeInstanceOf(PoolExhaustedError);
    expect(error.cause.message).toContain('ECONNREFUSED');
    await database.close();
  });

  it('is no exhausted pool while a place in it is free', async () => {
    const proxy = await startFaultProxy(url);
    const database = new PostgresDatabase({ url: proxy.url(url), max: 2, acquireTimeout: '100ms' });
    const free = await held(database, 1);
    await proxy.set({ blackHole: true });
    const error = await caught(database.query('select 1'));
    expect(error).toBeInstanceOf(PoolUnavailableError);
    expect(error.message).toContain('did not answer yet');
    expect(error.stats).toMatchObject({ active: 1, max: 2 });
    await proxy.heal();
    await free();
    await database.close();
    await proxy.close();
  });

  it('serves the calls that wait as soon as it takes some again', async () => {
    const proxy = await startFaultProxy(url);
    await proxy.set({ refuse: true });
    const database = new PostgresDatabase({ url: proxy.url(url), acquireTimeout: '60s', max: 4 });
    const calls = Array.from({ length: 8 }, () => database.query('select 1 as one'));
    await until(async () => database.stats().waiting === 8);
    await proxy.heal();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 8 }, () => [{ one: 1 }]));
    await database.close();
    await proxy.close();
  });

  it('after a failure tries one connection at a time, however many wait', async () => {
    let now = 0;
    let most = 0;
    const { port, close } = await fakeServer((socket) => {
      now += 1;
      most = Math.max(most, now);
      setImmediate(() => {
        now -= 1;
        socket.end(fatal('57P03', 'the database system is starting up'));
      });
    });
    const database = new PostgresDatabase({
      host: '127.0.0.1',
      port,
      user: 'a',
      database: 'd',
      acquireTimeout: '300ms',
    });
    const errors = await Promise.all(Array.from({ length: 20 }, () => caught(database.query('select 1'))));
    for (const error of errors) expect(error).toBeInstanceOf(PoolUnavailableError);
    expect(most).toBeLessThanOrEqual(2);
    await database.close();
    await close();
  });

  it('because of the password fails every call at once, and is asked once', async () => {
    let logins = 0;
    const { port, close } = await fakeServer((socket) => {
      logins += 1;
      socket.end(fatal('28P01', 'password authentication failed for user "a"'));
    });
    const database = new PostgresDatabase({
      host: '127.0.0.1',
      port,
      user: 'a',
      password: 'planted',
      database: 'd',
      maxConnecting: 1,
    });
    const errors = await Promise.all(Array.from({ length: 5 }, () => caught(database.query('select 1'))));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'AUTHENTICATION', retryable: false, outcome: 'not-executed' });
      expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    }
    expect(logins).toBe(1);
    await database.close();
    await close();
  });

  it('because of the password is not asked again on behalf of min: a wrong password that is sent for ever locks accounts', async () => {
    let logins = 0;
    const { port, close } = await fakeServer((socket) => {
      logins += 1;
      socket.end(fatal('28P01', 'password authentication failed for user "a"'));
    });
    const database = new PostgresDatabase({
      host: '127.0.0.1',
      port,
      user: 'a',
      database: 'd',
      min: 2,
      maxConnecting: 1,
    });
    expect(await caught(database.query('select 1'))).toMatchObject({ code: 'AUTHENTICATION' });
    expect(await caught(database.query('select 1'))).toMatchObject({ code: 'AUTHENTICATION' });
    expect(logins).toBe(2);
    await database.close();
    await close();
  });
});

describe.skipIf(!inject('postgresReal'))('connections', () => {
  it('are opened by connect, as many as min, and kept', async () => {
    const database = openedAt(url, { min: 3, max: 5, name: 'kept pool', idleTimeout: '1ms' });
    await database.connect();
    expect(database.stats()).toMatchObject({ min: 3, max: 5, total: 3, idle: 3 });
    await Promise.all(Array.from({ length: 5 }, () => database.query('select pg_sleep(0.01)')));
    await until(async () => database.stats().total === 3);
    expect(await backends('kept pool')).toBe(3);
  });

  it('that are kept are replaced when the server ends them', async () => {
    const database = openedAt(url, { min: 2, max: 3, name: 'refilled pool' });
    await database.connect();
    const ended = await observer.query<{ pid: number }>(
      "select pid, pg_terminate_backend(pid) from pg_stat_activity where application_name = 'refilled pool'",
    );
    expect(ended).toHaveLength(2);
    await until(async () => {
      const rows = await observer.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'refilled pool'",
      );
      return rows.length === 2 && rows.every(({ pid }) => !ended.some((gone) => gone.pid === pid));
    });
    await until(async () => database.stats().idle === 2);
    expect(database.stats()).toMatchObject({ total: 2, active: 0, waiting: 0 });
  });

  it('are at most maxConnecting in the making', async () => {
    let most = 0;
    let now = 0;
    const database = openedAt(url, {
      max: 8,
      maxConnecting: 2,
      onConnect: async ({ query }) => {
        now += 1;
        most = Math.max(most, now);
        await query('select pg_sleep(0.005)');
        now -= 1;
      },
    });
    await Promise.all(Array.from({ length: 8 }, () => database.query('select pg_sleep(0.05)')));
    expect(most).toBe(2);
  });

  it('that are older than maxLifetime are replaced before anyone gets them', async () => {
    const database = openedAt(url, { max: 1, maxLifetime: '1ms' });
    const pids = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const [row] = await database.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.002)');
      pids.add(row!.pid);
    }
    expect(pids.size).toBe(4);
  });

  it('that are older than maxLifetime are replaced although nobody asks', async () => {
    const database = openedAt(url, { min: 1, max: 1, maxLifetime: '50ms', name: 'renewed pool' });
    await database.connect();
    const pids = new Set<number>();
    await until(async () => {
      const rows = await observer.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'renewed pool'",
      );
      for (const { pid } of rows) pids.add(pid);
      return pids.size > 2;
    });
  });

  it('are warmed up by onConnect before anyone gets them', async () => {
    const database = openedAt(url, {
      max: 2,
      onConnect: async ({ query }) => {
        await query("select set_config('trivet.warm', $1, false)", ['yes']);
      },
    });
    const rows = await Promise.all(
      [1, 2, 3].map(() => database.query("select current_setting('trivet.warm') as warm")),
    );
    expect(rows).toEqual([1, 2, 3].map(() => [{ warm: 'yes' }]));
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no')), QueryError],
    ['runs a statement that the server refuses', ({ query }: any) => query('select wrong'), Error],
    ['leaves a transaction open', ({ query }: any) => query('begin'), QueryError],
  ])('are not made when onConnect %s: the call fails at once', async (_what, onConnect, kind) => {
    const database = openedAt(url, { max: 1, onConnect, name: 'cold pool' });
    const error = await caught(database.query('select 1'));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ outcome: 'not-executed', retryable: false });
    await until(async () => (await backends('cold pool')) === 0);
    expect(database.stats()).toMatchObject({ active: 0, idle: 0, waiting: 0 });
  });

  it('are not made when onConnect does not end within connectTimeout', async () => {
    const database = openedAt(url, { max: 1, connectTimeout: '50ms', onConnect: () => new Promise(() => {}) });
    expect(await caught(database.connect())).toMatchObject({ code: 'TIMEOUT', outcome: 'not-executed' });
  });

  it('that a caller leaves in a transaction are dropped, which the caller is told', async () => {
    const database = openedAt(url, { max: 1 });
    await observer.query('create table if not exists left_open (a int)');
    const [before] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    const refused = await caught(database.query('begin'));
    expect(refused).toBeInstanceOf(QueryError);
    expect(refused).toMatchObject({
      outcome: 'not-executed',
      message: expect.stringContaining('database.transaction()'),
    });
    const [after] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(after!.pid).not.toBe(before!.pid);
    await database.query('do $$ begin insert into left_open values (1); end $$');
    expect(await observer.query('select a from left_open')).toEqual([{ a: 1 }]);
  });

  it('of before a shutdown of the server are given to nobody', async () => {
    const database = openedAt(url, { max: 3, name: 'old generation' });
    await Promise.all([1, 2, 3].map(() => database.query('select pg_sleep(0.02)')));
    const before = new Set(
      (
        await observer.query<{ pid: number }>(
          "select pid from pg_stat_activity where application_name = 'old generation'",
        )
      ).map(({ pid }) => pid),
    );
    const call = caught(database.query("select pg_sleep(600), 'ended'"));
    await until(() => running(observer, "'ended'"));
    await observer.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%''ended''%' and pid <> pg_backend_pid()",
    );
    await call;
    for (let i = 0; i < 3; i++) {
      const rows = await Promise.all(
        [1, 2, 3].map(() => database.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.02)')),
      );
      for (const [row] of rows) expect(before.has(row!.pid)).toBe(false);
    }
  });
});

describe.skipIf(!inject('postgresReal'))('what happens to connections', () => {
  it('is told: connected, disconnected, reconnected, each once, and errors that no caller sees', async () => {
    const proxy = await startFaultProxy(url);
    const database = new PostgresDatabase({ url: proxy.url(url), max: 2, acquireTimeout: '100ms' });
    const events: string[] = [];
    const stop = database.watch((event) => {
      events.push(event.type);
      throw new Error('a listener that throws harms nobody');
    });
    await database.connect();
    await database.query('select 1');
    expect(events).toEqual(['connected']);
    await proxy.set({ refuse: true });
    proxy.reset();
    await until(async () => events.includes('error'));
    await caught(database.query('select 1'));
    await caught(database.query('select 1'));
    expect(events.filter((type) => type !== 'error')).toEqual(['connected', 'disconnected']);
    await proxy.heal();
    // The next attempt may be up to a second away, and calls wait for less here.
    await until(() =>
      database.query('select 1').then(
        () => true,
        () => false,
      ),
    );
    expect(events.filter((type) => type !== 'error')).toEqual(['connected', 'disconnected', 'reconnected']);
    stop();
    proxy.reset();
    await until(async () => database.stats().total === 0);
    expect(events.at(-1)).not.toBe('error');
    await database.close();
    await proxy.close();
  });

  it('is traced to whoever listens, with the name of the pool', async () => {
    const seen: string[] = [];
    const note =
      (what: string) =>
      ({ engine, resource }: any): void => {
        if (resource === 'traced pool') seen.push(`${what} ${engine}`);
      };
    const handlers = {
      start: note('start'),
      end: () => {},
      asyncStart: () => {},
      asyncEnd: note('made'),
      error: note('failed'),
    };
    channels.connect.subscribe(handlers);
    const database = openedAt(url, { max: 1, name: 'traced pool' });
    await database.query('select 1');
    await database.query('select 2');
    channels.connect.unsubscribe(handlers);
    expect(seen).toEqual(['start postgres', 'made postgres']);
  });
});

describe.skipIf(!inject('postgresReal'))('closing with a deadline', () => {
  it('cancels what still runs at the deadline: ClosedError of unknown outcome, and the server is free of it', async () => {
    const database = new PostgresDatabase({ url, max: 2 });
    const call = caught(database.query("select pg_sleep(600), 'closing'"));
    await until(() => running(observer, "'closing'"));
    await database.close({ deadline: '50ms' });
    expect(await call).toBeInstanceOf(ClosedError);
    expect(await call).toMatchObject({ outcome: 'unknown' });
    await until(async () => !(await running(observer, "'closing'")));
    expect(database.stats()).toMatchObject({ total: 0, active: 0, idle: 0, waiting: 0 });
  });

  it('by a second call may come earlier', async () => {
    const database = new PostgresDatabase({ url, max: 2 });
    const call = caught(database.query("select pg_sleep(600), 'twice'"));
    await until(() => running(observer, "'twice'"));
    const first = database.close({ deadline: '10m' });
    await database.close({ deadline: '1ms' });
    await first;
    expect(await call).toBeInstanceOf(ClosedError);
  });

  it('lets a transaction in flight commit', async () => {
    const database = new PostgresDatabase({ url, max: 2 });
    await observer.query('create table if not exists closing_rows (a int)');
    let closing: Promise<void> | undefined;
    await database.transaction(async () => {
      await database.query('insert into closing_rows values (1)');
      closing = database.close();
      await database.query('insert into closing_rows values (2)');
    });
    await closing;
    expect(await observer.query('select a from closing_rows order by a')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('refuses a deadline that is none', async () => {
    const database = openedAt(url);
    await expect(database.close({ deadline: 5 as never })).rejects.toThrow('Expected `deadline`');
  });
});

describe('options of the pool', () => {
  it.each([
    [{ min: -1 }, 'min'],
    [{ min: 3, max: 2 }, 'min'],
    [{ maxConnecting: 0 }, 'maxConnecting'],
    [{ acquireTimeout: '99ms' }, 'acquireTimeout'],
    [{ acquireTimeout: 5 }, 'acquireTimeout'],
    [{ maxWaiting: 0.5 }, 'maxWaiting'],
    [{ idleTimeout: '0ms' }, 'idleTimeout'],
    [{ maxLifetime: 'soon' }, 'maxLifetime'],
    [{ leakDetection: true }, 'leakDetection'],
    [{ onConnect: 'select 1' }, 'onConnect'],
  ])('%j is refused by name', (options, name) => {
    expect(() => new PostgresDatabase(options as never)).toThrow(`Expected \`${name}\``);
  });
});
