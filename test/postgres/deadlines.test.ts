import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import {
  AbortedError,
  ClosedError,
  ConnectionError,
  entity,
  Repository,
  TimeoutError,
  text,
  uuid,
} from '../../src/index.js';
import { PostgresDatabase } from '../../src/postgres/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from '../setup/outcomes.js';
import { fakeServer, openedAt, running, uncaught, until, wireTo } from './kit.js';

const { url } = await postgresDatabase();
const observer = openedAt(url, { max: 2 });

const Note = entity('notes', { id: uuid().primaryKey(), name: text() });
await observer.ensureSchema([Note]);

const pid = async (database: PostgresDatabase): Promise<number> =>
  (await database.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid;

// PGlite has one session and cannot be interrupted.
describe.skipIf(!inject('postgresReal'))('a call that comes to its end early', () => {
  it('by its timeout: TimeoutError of unknown outcome; the statement is cancelled and its connection never used again', async () => {
    const database = openedAt(url, { max: 1 });
    const before = await pid(database);
    const error = await caught(database.query("select pg_sleep(600), 'by timeout'", [], { timeout: '50ms' }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'unknown', retryable: false });
    expect(error.elapsedMs).toBeGreaterThanOrEqual(49);
    expect(await pid(database)).not.toBe(before);
    await until(async () => !(await running(observer, 'by timeout')));
  });

  it('the control: a call that ends in time gives its connection back', async () => {
    const database = openedAt(url, { max: 1 });
    const before = await pid(database);
    await database.query('select 1', [], { timeout: '60s', signal: new AbortController().signal });
    expect(await pid(database)).toBe(before);
  });

  it('by its signal: AbortedError at once, and the write did not happen', async () => {
    const database = openedAt(url, { max: 1 });
    const controller = new AbortController();
    const call = caught(
      database.query("insert into notes select gen_random_uuid(), 'aborted' from pg_sleep(600)", [], {
        signal: controller.signal,
      }),
    );
    await until(() => running(observer, "'aborted' from"));
    controller.abort(new Error('enough'));
    const error = await call;
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ outcome: 'unknown', cause: { message: 'enough' } });
    await until(async () => !(await running(observer, "'aborted' from")));
    expect(await new Repository(database, Note).count({ name: 'aborted' })).toBe(0);
  });

  it('before anything was sent: nothing was executed', async () => {
    const database = openedAt(url, { max: 1 });
    const error = await caught(database.query('select 1', [], { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.outcome).toBe('not-executed');
  });

  it('while it waits for a connection: TimeoutError that says how busy the pool is, and no connection is lost', async () => {
    const database = openedAt(url, { max: 1 });
    const controller = new AbortController();
    const holder = caught(database.query("select pg_sleep(600), 'holder'", [], { signal: controller.signal }));
    await until(() => running(observer, 'holder'));
    const error = await caught(database.query('select 1', [], { timeout: '20ms' }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ outcome: 'not-executed', retryable: true });
    expect(error.message).toContain('1 of 1 in use');
    controller.abort();
    await holder;
    for (let i = 0; i < 3; i++) expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('by the default timeout of the database', async () => {
    const database = openedAt(url, { timeout: '50ms' });
    expect(await caught(database.query('select pg_sleep(600)'))).toBeInstanceOf(TimeoutError);
  });
});

describe.skipIf(!inject('postgresReal'))('a connection that the server ends', () => {
  it('while idle: no uncaught error, and the next call gets a new one', async () => {
    const database = openedAt(url, { max: 1 });
    const watch = uncaught();
    const before = await pid(database);
    await observer.query('select pg_terminate_backend($1)', [before]);
    await until(async () => database.stats().total === 0);
    expect(await pid(database)).not.toBe(before);
    watch.stop();
    expect(watch.errors).toEqual([]);
  });

  it('while idle in a pool of the application: no uncaught error either', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const database = new PostgresDatabase({ pool });
    const watch = uncaught();
    const before = await pid(database);
    await observer.query('select pg_terminate_backend($1)', [before]);
    await until(async () => pool.totalCount === 0);
    expect(await pid(database)).not.toBe(before);
    watch.stop();
    expect(watch.errors).toEqual([]);
    await database.close();
    await pool.end();
  });

  it('during a statement: ConnectionError of unknown outcome', async () => {
    const database = openedAt(url, { max: 1 });
    const watch = uncaught();
    const backend = await pid(database);
    const call = caught(database.query("select pg_sleep(600), 'terminated'"));
    await until(() => running(observer, 'terminated'));
    await observer.query('select pg_terminate_backend($1)', [backend]);
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    watch.stop();
    expect(watch.errors).toEqual([]);
  });
});

describe.skipIf(!inject('postgresReal'))('a wire that is cut', () => {
  it('during a statement: ConnectionError of unknown outcome, nothing uncaught, and the next call gets a new connection', async () => {
    const wire = await wireTo(url);
    const database = openedAt(wire.url, { max: 1 });
    const watch = uncaught();
    const call = caught(database.query("select pg_sleep(1), 'cut'"));
    await until(() => running(observer, "'cut'"));
    wire.cut();
    expect(await call).toMatchObject({ code: 'CONNECTION', outcome: 'unknown', retryable: true });
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    watch.stop();
    expect(watch.errors).toEqual([]);
    await database.close();
    await wire.close();
  });

  it('while nothing runs: the next call gets a new connection', async () => {
    const wire = await wireTo(url);
    const database = openedAt(wire.url, { max: 1 });
    const watch = uncaught();
    await database.connect();
    wire.cut();
    await until(async () => database.stats().total === 0);
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    watch.stop();
    expect(watch.errors).toEqual([]);
    await database.close();
    await wire.close();
  });
});

describe('closing', () => {
  it('refuses new calls, is idempotent, and works before any use', async () => {
    const database = new PostgresDatabase({ url });
    await Promise.all([database.close(), database.close()]);
    expect(await caught(database.query('select 1'))).toBeInstanceOf(ClosedError);
    await database.close();
  });

  it.skipIf(!inject('postgresReal'))('lets running calls finish and fails those that wait', async () => {
    const database = new PostgresDatabase({ url, max: 1 });
    const holder = await new pg.Client({ connectionString: url }).connect();
    await holder.query('select pg_advisory_lock(4712)');
    const active = database.query("select pg_advisory_lock(4712), 'finishing'");
    await until(() => running(observer, 'finishing'));
    const waiting = caught(database.query('select 1'));
    const closing = database.close();
    expect(await waiting).toBeInstanceOf(ClosedError);
    await holder.end();
    expect(await active).toHaveLength(1);
    await closing;
    expect(database.stats()).toMatchObject({ total: 0, idle: 0, waiting: 0 });
  });

  it('leaves a pool of the application open, and its settings alone', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const database = new PostgresDatabase({ pool });
    expect(await database.query('select 9007199254740991::int8 as n, now() as at')).toEqual([
      { n: 9007199254740991, at: expect.any(Date) },
    ]);
    await database.close();
    expect((await pool.query('select 1::int8 as n')).rows).toEqual([{ n: '1' }]);
    await pool.end();
  });

  it('does not wait for ever for a server that went silent', async () => {
    const silent = await fakeServer(() => {});
    const database = new PostgresDatabase({
      host: '127.0.0.1',
      port: silent.port,
      user: 'a',
      database: 'd',
      connectTimeout: '50ms',
    });
    const call = caught(database.query('select 1', [], { timeout: '10ms' }));
    expect(await call).toBeInstanceOf(TimeoutError);
    await database.close();
    await silent.close();
  });

  it('connect and ping ask the server; stats counts', async () => {
    const database = openedAt(url, { max: 3, name: 'counted' });
    expect(database.stats()).toEqual({ max: 3, min: 0, total: 0, active: 0, idle: 0, waiting: 0, timeouts: 0 });
    await database.connect();
    await database.ping();
    expect(database.stats()).toEqual({ max: 3, min: 0, total: 1, active: 0, idle: 1, waiting: 0, timeouts: 0 });
    expect(await database.query("select current_setting('application_name') as name")).toEqual([{ name: 'counted' }]);
    expect(database.name).toBe('counted');
  });

  it('ping of a server that is away is a ConnectionError', async () => {
    const { port, close } = await fakeServer(() => {});
    await close();
    const database = new PostgresDatabase({ host: '127.0.0.1', port, user: 'a', database: 'd' });
    expect(await caught(database.ping())).toBeInstanceOf(ConnectionError);
    await database.close();
  });
});
