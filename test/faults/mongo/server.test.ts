import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  entity,
  increment,
  integer,
  MongoDatabase,
  PoolExhaustedError,
  Repository,
  TimeoutError,
  uuid,
} from '../../../src/index.js';
import { startFaultProxy, startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { audit } from '../invariants/ledger.js';
import { caught, TROUBLE } from './kit.js';

const server = await startOwnMongo({
  log: () => {},
  durable: true,
  arguments: ['--setParameter', 'enableTestCommands=1'],
});
const name = 'faults';
const Entry = entity('entries', { id: uuid().primaryKey(), n: integer() });
const observer = new MongoClient(server.url);
const open: (() => Promise<unknown>)[] = [];

function opened(options: ConstructorParameters<typeof MongoDatabase>[0] = {}): MongoDatabase {
  const database = new MongoDatabase({ url: server.url, name, connectTimeout: '5s', ...options });
  open.push(() => database.close({ deadline: '1s' }));
  return database;
}

/** The next commands of these names fail as said. */
const failing = (times: number, data: object) =>
  observer.db('admin').command({ configureFailPoint: 'failCommand', mode: { times }, data });
const healed = () => observer.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });

expectNothingUncaught();
beforeAll(async () => {
  await observer.connect();
  await new Repository(opened(), Entry).ensureSchema();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});
afterAll(async () => {
  await observer.close();
  await server.stop();
});

describe('a write whose reply is lost', () => {
  it('is of unknown outcome, also where the driver finds no server to try it again on', async () => {
    const proxy = await startFaultProxy(server.url);
    open.push(() => proxy.close());
    const database = opened({ url: proxy.url(server.url), connectTimeout: '200ms' });
    const entries = new Repository(database, Entry);
    await entries.count();
    const lost = proxy.dropReply({ holding: 'insert' });
    await proxy.set({ refuse: true });
    const id = crypto.randomUUID();
    const call = caught(entries.insert({ id, n: 1 }));
    await lost;
    proxy.reset();
    expect(await call).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'unknown', retryable: true });
    expect(await new Repository(opened(), Entry).count({ id })).toBe(1);
    // The control: nothing was lost of a call that finds no server from the start.
    expect(await caught(entries.insert({ n: 1 }))).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'not-executed' });
  });
});

describe('a command that the server fails once', () => {
  // The driver tries writes of one row once more by itself; the server knows a write that it has done.
  it.each([
    ['while it shuts down', { errorCode: 91, errorLabels: ['RetryableWriteError'] }],
    ['because it is no longer primary', { errorCode: 10107, errorLabels: ['RetryableWriteError'] }],
    ['because the primary stepped down', { errorCode: 189, errorLabels: ['RetryableWriteError'] }],
    ['by closing the connection', { closeConnection: true }],
  ])('%s is done once, as if nothing had happened', async (_why, fault) => {
    const entries = new Repository(opened(), Entry);
    const { id } = await entries.insert({ n: 0 });
    await failing(1, { failCommands: ['findAndModify', 'update'], ...fault });
    expect(await entries.update(id, { n: increment(1) })).toMatchObject({ n: 1 });
    expect(await entries.get(id)).toMatchObject({ n: 1 });
    await healed();
  });

  it('and again is a typed error of unknown outcome, and the next call works', async () => {
    const entries = new Repository(opened(), Entry);
    const { id } = await entries.insert({ n: 0 });
    await failing(4, { failCommands: ['findAndModify', 'update'], closeConnection: true });
    const error = await caught(entries.update(id, { n: increment(1) }));
    expect(error).toMatchObject({ code: 'CONNECTION', outcome: 'unknown' });
    await healed();
    expect((await entries.get(id)).n).toBeLessThanOrEqual(1);
  });

  it('with its own deadline (262) is a TimeoutError', async () => {
    const entries = new Repository(opened(), Entry);
    await failing(1, { failCommands: ['find'], errorCode: 262 });
    expect(await caught(entries.find())).toBeInstanceOf(TimeoutError);
    await healed();
  });
});

describe('a command that the server holds', () => {
  const blocking = (commands: readonly string[]) =>
    failing(1, { failCommands: commands, blockConnection: true, blockTimeMS: 2_000 });

  it('ends by its timeout, and its connection is used by nobody again', async () => {
    const database = opened({ max: 1 });
    const entries = new Repository(database, Entry);
    await entries.count();
    await blocking(['find', 'aggregate']);
    expect(await caught(entries.find({}, { timeout: '100ms' }))).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(await entries.find({}, { limit: 1, timeout: '60s' })).toHaveLength(1);
    await healed();
  });

  it('keeps the others waiting for a connection: PoolExhaustedError with figures and the oldest', async () => {
    const database = opened({ max: 1, acquireTimeout: '100ms' });
    const entries = new Repository(database, Entry);
    await entries.count();
    await blocking(['find']);
    const controller = new AbortController();
    const held = caught(entries.find({}, { signal: controller.signal }));
    await until(async () => database.stats().active === 1);
    const error = await caught(entries.find());
    expect(error).toBeInstanceOf(PoolExhaustedError);
    expect(error).toMatchObject({ retryable: true, outcome: 'not-executed', stats: { max: 1, active: 1 } });
    expect(error.oldest.heldMs).toBeGreaterThan(0);
    expect(database.stats().timeouts).toBe(1);
    expect(await database.probe()).toMatchObject({ role: 'primary', writable: true });
    controller.abort();
    await held;
    await healed();
  });

  it('is cancelled when the database closes with a deadline: ClosedError of unknown outcome', async () => {
    const database = opened();
    const entries = new Repository(database, Entry);
    await entries.count();
    await blocking(['find']);
    const call = caught(entries.find());
    await until(async () => database.stats().active === 1);
    await database.close({ deadline: '50ms' });
    expect(await call).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
    expect(await caught(entries.find())).toMatchObject({ code: 'CLOSED', outcome: 'not-executed' });
    await healed();
  });
});

describe('closing', () => {
  it('lets a transaction in flight commit, and refuses what comes after', async () => {
    const database = opened();
    const entries = new Repository(database, Entry);
    const ids: string[] = [];
    let closing: Promise<void> | undefined;
    let refused: unknown;
    await database.transaction(async () => {
      ids.push((await entries.insert({ n: 1 })).id);
      closing = database.close();
      refused = await caught(database.detached(() => entries.count()));
      ids.push((await entries.insert({ n: 2 })).id);
    });
    await closing;
    expect(refused).toMatchObject({ code: 'CLOSED' });
    const stored = await observer
      .db(name)
      .collection('entries')
      .countDocuments({ n: { $in: [1, 2] } });
    expect(stored).toBeGreaterThanOrEqual(2);
    expect(ids).toHaveLength(2);
  });
});

describe('a server that', () => {
  it('is frozen ends every call by its own limit, is down for its probe, and serves again when it thaws', async () => {
    const database = opened({ connectTimeout: '300ms' });
    const entries = new Repository(database, Entry);
    await entries.count();
    await database.probe();
    await server.process.freeze();
    const calls = Array.from({ length: 6 }, (_, i) => caught(entries.find({}, { timeout: `${80 + i}ms` })));
    for (const error of await Promise.all(calls)) expect(TROUBLE).toContain(error.code);
    expect(TROUBLE).toContain((await caught(database.probe())).code);
    await server.process.thaw();
    await until(() =>
      entries.find({}, { limit: 1, timeout: '5s' }).then(
        () => true,
        () => false,
      ),
    );
    expect(await database.probe()).toMatchObject({ role: 'primary' });
  });

  it('is frozen does not keep the database from closing', async () => {
    const database = opened();
    const entries = new Repository(database, Entry);
    await entries.count();
    await server.process.freeze();
    const call = caught(entries.find());
    await database.close({ deadline: '100ms' });
    expect(['CLOSED', 'TIMEOUT', 'CONNECTION']).toContain((await call).code);
    await server.process.thaw();
  });

  it('is killed with -9 and started again, five times under load: every call settles, and acknowledged rows are stored', async () => {
    const database = opened({ max: 5, connectTimeout: '2s' });
    const events: string[] = [];
    database.watch(({ type }) => events.push(type));
    const entries = new Repository(database, Entry);
    const acknowledged = new Set<string>();
    const refused = new Set<string>();
    let failed = 0;
    let going = true;
    const callers = Array.from({ length: 6 }, async () => {
      while (going) {
        const id = crypto.randomUUID();
        try {
          await entries.insert({ id, n: 7 });
          acknowledged.add(id);
        } catch (error) {
          const { code, outcome } = error as { code: string; outcome: string };
          failed += 1;
          if (!TROUBLE.has(code)) throw error;
          if (outcome === 'not-executed') refused.add(id);
          // A server that is away refuses at once, over and over.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    });
    const more = (by: number): Promise<void> => {
      const target = acknowledged.size + by;
      return until(async () => acknowledged.size >= target);
    };
    for (let i = 0; i < 5; i++) {
      await more(20);
      await server.process.kill();
      await server.process.restart();
      await more(20);
    }
    going = false;
    await Promise.all(callers);
    const rows = await observer
      .db(name)
      .collection('entries')
      .find({ n: 7 }, { projection: { _id: 1 } })
      .toArray();
    const stored = new Set(rows.map(({ _id }) => String(_id)));
    const all = new Set((await entries.find({ n: 7 })).map(({ id }) => id));
    expect(stored.size).toBe(all.size);
    expect(audit(acknowledged, all)).toEqual({ lost: [], torn: [] });
    expect([...refused].filter((id) => all.has(id))).toEqual([]);
    expect(failed).toBeGreaterThan(0);
    expect(events.filter((type) => type !== 'error').slice(0, 3)).toEqual(['connected', 'disconnected', 'reconnected']);
  });

  it('cannot be reached is PoolUnavailableError with the reason, and its probe fails too', async () => {
    const proxy = await startFaultProxy(server.url);
    open.push(() => proxy.close());
    await proxy.set({ refuse: true });
    const database = opened({ url: proxy.url(server.url), connectTimeout: '200ms' });
    const error = await caught(new Repository(database, Entry).count());
    expect(error).toMatchObject({ code: 'POOL_UNAVAILABLE', retryable: true, outcome: 'not-executed' });
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.stats).toMatchObject({ active: 0, max: 10 });
    expect(TROUBLE).toContain((await caught(database.probe())).code);
    await proxy.heal();
    expect(await new Repository(database, Entry).count()).toBeGreaterThan(0);
  });
});
