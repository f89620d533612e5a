import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entity, integer, MongoDatabase, Repository, text } from '../../../src/index.js';
import { type FaultProxy, startFaultProxy, startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { caught } from './kit.js';

const server = await startOwnMongo({ log: () => {}, durable: true });
const name = 'outcomes';
const Entry = entity('entries', { id: text().max(40).primaryKey(), n: integer().default(0) });
const truth = new MongoDatabase({ url: server.url, name });
const stored = new Repository(truth, Entry);
let proxy: FaultProxy;
const open: MongoDatabase[] = [];

/** Behind the proxy, whose driver has connected once. */
async function opened(options: ConstructorParameters<typeof MongoDatabase>[0] = {}): Promise<MongoDatabase> {
  const database = new MongoDatabase({ url: proxy.url(server.url), name, connectTimeout: '60s', ...options });
  open.push(database);
  await database.ping();
  return database;
}

/** No server answers any more, and the driver knows it. */
async function away(database: MongoDatabase): Promise<void> {
  const gone = new Promise<void>((resolve) => database.watch(({ type }) => type === 'disconnected' && resolve()));
  await proxy.set({ refuse: true });
  proxy.reset();
  await gone;
}

expectNothingUncaught();
beforeAll(async () => {
  await stored.ensureSchema();
});
beforeEach(async () => {
  proxy = await startFaultProxy(server.url);
});
afterEach(async () => {
  await server.process.thaw();
  await Promise.all(open.splice(0).map((database) => database.close({ deadline: '1s' })));
  await proxy.close();
});
afterAll(async () => {
  await truth.close();
  await server.stop();
});

describe('a call that its deadline ends', () => {
  it('on a server that is frozen in the middle of it is of unknown outcome', async () => {
    const entries = new Repository(await opened(), Entry);
    await server.process.freeze();
    const error = await caught(entries.insert({ id: 'frozen' }, { timeout: '100ms' }));
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown', retryable: false });
    await server.process.thaw();
    // It was sent, and so it may well be there.
    await until(async () => (await stored.count({ id: 'frozen' })) === 1);
  });

  it.each([
    ['of its own', {}, { timeout: '100ms' }],
    ['of the database', { timeout: '100ms' }, {}],
  ] as const)(
    '%s while no server is there was not executed, and is not when one comes back',
    async (which, limits, options) => {
      const database = await opened(limits);
      const entries = new Repository(database, Entry);
      await away(database);
      const id = `away ${which}`;
      const calls = [
        entries.insert({ id }, options),
        entries.upsert({ id }, { on: 'id', ...options }),
        entries.insertMany([{ id }, { id: `${id} 2` }], options),
        entries.find({}, options),
        entries.find({}, { limit: 1, ...options }),
        entries.count({ n: 0 }, options),
        entries.delete('none', options),
        entries.updateMany({ id }, { n: 1 }, options),
      ];
      for (const error of await Promise.all(calls.map(caught)))
        expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'not-executed', retryable: true });
      await proxy.heal();
      // The driver serves those that wait for a server in their order: this one comes after them.
      await entries.count({}, { timeout: '30s' });
      expect((await stored.find({})).filter((row) => row.id.startsWith(id))).toEqual([]);
    },
  );

  it('while it waits for a connection was not executed, although the one before it at the same time may be', async () => {
    const database = await opened({ max: 1 });
    const entries = new Repository(database, Entry);
    await entries.count();
    await server.process.freeze();
    const first = caught(entries.insert({ id: 'first' }, { timeout: '200ms' }));
    await until(async () => database.stats().active === 1);
    const others = Array.from({ length: 5 }, (_, i) =>
      caught(entries.insert({ id: `other ${i}` }, { timeout: '150ms' })),
    );
    expect((await Promise.all(others)).map(({ outcome }) => outcome)).toEqual(others.map(() => 'not-executed'));
    expect((await first).outcome).toBe('unknown');
    await server.process.thaw();
    await until(async () => (await stored.count({ id: 'first' })) === 1);
    await entries.count();
    expect((await stored.find({})).filter(({ id }) => id.startsWith('other'))).toEqual([]);
  });
});

describe('a call that is ended while no server is there was not executed', () => {
  it('by its signal', async () => {
    const database = await opened();
    await away(database);
    const controller = new AbortController();
    const call = caught(new Repository(database, Entry).insert({ id: 'aborted' }, { signal: controller.signal }));
    await until(async () => database.stats().waiting === 1);
    controller.abort();
    expect(await call).toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
  });

  it('by the end of the database', async () => {
    const database = await opened();
    await away(database);
    const call = caught(new Repository(database, Entry).insert({ id: 'closed' }));
    await until(async () => database.stats().waiting === 1);
    await database.close({ deadline: '10ms' });
    expect(await call).toMatchObject({ code: 'CLOSED', outcome: 'not-executed' });
  });

  it('by the driver, that looks for one no longer', async () => {
    const database = await opened({ connectTimeout: '1s' });
    await away(database);
    const error = await caught(new Repository(database, Entry).insert({ id: 'never sent' }));
    expect(error).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'not-executed', retryable: true });
  });
});

describe('a write whose answer is lost', () => {
  it('and that the driver can send to no server again is of unknown outcome', async () => {
    const database = await opened({ connectTimeout: '300ms' });
    const entries = new Repository(database, Entry);
    const lost = proxy.dropReply({ holding: 'lost answer' });
    const call = caught(entries.insert({ id: 'lost answer' }));
    await proxy.set({ refuse: true });
    await lost;
    expect(await call).toMatchObject({ code: 'POOL_UNAVAILABLE', outcome: 'unknown' });
    expect(await stored.count({ id: 'lost answer' })).toBe(1);
  });
});
