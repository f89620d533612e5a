import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import {
  count,
  type Database,
  entity,
  sql as fragment,
  increment,
  integer,
  type Logger,
  MemoryDatabase,
  MongoDatabase,
  MongoRepository,
  PostgresDatabase,
  RedisStore,
  Repository,
  text,
} from '../../src/index.js';
import {
  type AcquireTrace,
  channels,
  type QueryTrace,
  subscribe,
  type TransactionTrace,
} from '../../src/telemetry/index.js';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../setup/databases.js';

const { url } = await postgresDatabase();
const { url: mongoUrl } = await mongoDatabase();
const { url: redisUrl, prefix } = await redisPrefix();
const Item = entity('items', {
  id: text().max(20).primaryKey(),
  name: text().max(60).unique(),
  n: integer().default(0),
});

const lines: { readonly level: string; readonly what: any; readonly message: string }[] = [];
const at = (level: string) => (what: object, message: string) => void lines.push({ level, what, message });
const logger: Logger = { info: at('info'), warn: at('warn'), error: at('error') };

const plain = new PostgresDatabase({ url });
const plainMongo = new MongoDatabase({ url: mongoUrl });
const engines = [
  ['postgres', plain, (options: object) => new PostgresDatabase({ url, ...options })],
  ['mongo', plainMongo, (options: object) => new MongoDatabase({ url: mongoUrl, ...options })],
  ['memory', new MemoryDatabase(), (options: object) => new MemoryDatabase(options)],
] as const;
afterAll(() => Promise.all(engines.map(([, database]) => database.close())));

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
  lines.length = 0;
});

function waitsHeard(): AcquireTrace[] {
  const waits: AcquireTrace[] = [];
  ends.push(subscribe({ acquire: (trace) => void (trace.engine === 'mongo' && waits.push({ ...trace })) }));
  return waits;
}

function heard(engine: string): QueryTrace[] {
  const traces: QueryTrace[] = [];
  ends.push(subscribe({ query: (trace) => void (trace.engine === engine && traces.push({ ...trace })) }));
  return traces;
}

describe.each(engines)('queries on %s', (engine, database, make) => {
  const items = new Repository(database as Database as Database<'memory'>, Item);

  it('are one trace each, with the entity, the operation and the rows', async () => {
    await items.ensureSchema();
    await items.deleteMany({}, { all: true });
    const traces = heard(engine);
    await items.insert({ id: 'a', name: 'first' });
    await items.insertMany([
      { id: 'b', name: 'second' },
      { id: 'c', name: 'third' },
    ]);
    await items.find({});
    await items.findById('a');
    await items.update('a', { n: increment(1) });
    await items.updateMany({ n: 0 }, { n: 5 });
    await items.count();
    for await (const _row of items.stream({}, { batch: 1 })) {
      // Only read.
    }
    await items.delete('c');
    expect(traces.map(({ operation, entity: of }) => `${operation} ${of}`)).toEqual([
      'insert items',
      'insert items',
      'find items',
      'find items',
      'update items',
      'update items',
      'count items',
      'stream items',
      'delete items',
    ]);
    expect(traces[2]!.rows).toBe(3);
    expect(traces[5]!.rows).toBe(2);
    expect(traces[7]!.rows).toBe(3);
    expect(traces[6]!.rows ?? 1).toBe(1);
    expect(traces.every(({ error }) => error === undefined)).toBe(true);
  });

  it('that fail carry the error of the library, and end all the same', async () => {
    const traces = heard(engine);
    await items.insert({ id: 'd', name: 'first' }).catch(() => {});
    expect(traces).toHaveLength(1);
    expect(traces[0]!.error).toMatchObject({ code: 'DUPLICATE_KEY' });
  });

  it('in a transaction are in the context of its store, and the transaction says how it ended', async () => {
    const transactions: TransactionTrace[] = [];
    ends.push(subscribe({ transaction: (trace) => void (trace.engine === engine && transactions.push({ ...trace })) }));
    const storage = new AsyncLocalStorage<string>();
    channels.transaction.start.bindStore(storage, () => 'the transaction');
    const inside: unknown[] = [];
    ends.push(() => channels.transaction.start.unbindStore(storage));
    const start = (): void => void inside.push(storage.getStore());
    channels.query.start.subscribe(start);
    ends.push(() => channels.query.start.unsubscribe(start));
    await database.transaction(async () => {
      await items.find({});
      for await (const _row of items.stream({})) {
        // Only read.
      }
    });
    await database
      .transaction(async () => {
        throw new Error('no');
      })
      .catch(() => {});
    expect(inside).toEqual(['the transaction', 'the transaction']);
    expect(transactions.map(({ attempts, outcome }) => `${outcome} ${attempts}`)).toEqual([
      'committed 1',
      'rolled back 1',
    ]);
  });

  it('of a stream are in the context of the store that is bound to them, row by row', async () => {
    const storage = new AsyncLocalStorage<string>();
    channels.query.start.bindStore(storage, () => 'the query');
    ends.push(() => channels.query.start.unbindStore(storage));
    heard(engine);
    const seen = new Set<unknown>();
    const watching: Database = {
      engine: database.engine,
      run: (command, options) => database.run(command, options),
      stream: (command, options) => database.stream(command, options),
      transaction: (work, options) => database.transaction(work, options),
      detached: (work) => database.detached(work),
    };
    const streamed = new Repository(watching as Database<'memory'>, Item);
    for await (const _row of streamed.stream({}, { batch: 1 })) seen.add(storage.getStore());
    // The consumer is not in it.
    expect([...seen]).toEqual([undefined]);
  });

  it('of a transaction that takes too long say that it was rolled back', async () => {
    const transactions: TransactionTrace[] = [];
    ends.push(subscribe({ transaction: (trace) => void (trace.engine === engine && transactions.push({ ...trace })) }));
    await database.transaction(() => new Promise(() => {}), { timeout: '50ms' }).catch(() => {});
    expect(transactions).toMatchObject([{ attempts: 1, outcome: 'rolled back', error: { code: 'TIMEOUT' } }]);
  });

  it('are told to a logger where they are slow or fail, and not else', async () => {
    const own = make({ logger, slowQuery: '1h' });
    const quiet = new Repository(own as Database as Database<'memory'>, Item);
    await quiet.ensureSchema();
    await quiet.find({});
    const queries = (): typeof lines => lines.filter(({ message }) => /query/.test(message));
    expect(queries()).toEqual([]);
    await quiet.insert({ id: 'e', name: 'same' });
    await quiet.insert({ id: 'f', name: 'same' }).catch(() => {});
    expect(queries()).toMatchObject([
      {
        level: 'error',
        message: 'query failed',
        what: { engine, entity: 'items', operation: 'insert', code: 'DUPLICATE_KEY' },
      },
    ]);
    await own.close();
    lines.length = 0;
    const slow = make({ logger, slowQuery: '1ms' });
    const waits = new Repository(slow as Database as Database<'memory'>, Item);
    await waits.ensureSchema();
    for (let i = 0; i < 200 && queries().length === 0; i++) {
      await Promise.all(Array.from({ length: 300 }, (_, j) => waits.find({ id: `${i}-${j}` })));
    }
    expect(queries()[0]).toMatchObject({
      level: 'warn',
      message: 'slow query',
      what: { engine, totalMs: expect.any(Number) },
    });
    await slow.close();
  });

  it('cost nothing but a look where nobody listens: no trace is made', async () => {
    let made = 0;
    const { query } = channels;
    const before = query.start.publish;
    query.start.publish = (...values: unknown[]) => {
      made += 1;
      return before.apply(query.start, values as never);
    };
    await items.find({});
    // Its own again: the channel changes its class when somebody listens.
    Reflect.deleteProperty(query.start, 'publish');
    expect([query.hasSubscribers, made]).toEqual([false, 0]);
  });

  it('of a logger that throws work all the same, and one that is none is refused', async () => {
    const broken = make({ logger: { info: fail, warn: fail, error: fail }, slowQuery: '1ms' });
    await new Repository(broken as Database as Database<'memory'>, Item).ensureSchema();
    await broken.close();
    expect(() => make({ logger: {} })).toThrow('Expected `logger`');
    expect(() => make({ logger, slowQuery: 5 })).toThrow('Expected `slowQuery`');
    expect(() => make({ slowQuery: '1s' })).toThrow('Expected `logger` beside `slowQuery`');
  });
});

function fail(): never {
  throw new Error('a logger');
}

describe('PostgreSQL', () => {
  it('tells the wait for a connection, the server and the making of rows apart', async () => {
    const traces = heard('postgres');
    await plain.query('select g, repeat($1, 100) as t from generate_series(1, 2000) g', ['x']);
    const [trace] = traces;
    expect(trace).toMatchObject({ operation: 'query', entity: null, rows: 2000 });
    expect(trace!.decodeMs).toBeGreaterThan(0);
    expect(trace!.serverMs).toBeGreaterThan(0);
    expect(trace!.queueMs).toBeGreaterThanOrEqual(0);
  });

  it.skipIf(!inject('postgresReal'))('traces a wait for a connection, and not a connection that is free', async () => {
    const one = new PostgresDatabase({ url, max: 1, name: 'one connection' });
    await one.query('select 1');
    let waits = 0;
    ends.push(subscribe({ acquire: ({ resource }) => void (resource === 'one connection' && waits++) }));
    await one.query('select 1');
    expect(waits).toBe(0);
    await Promise.all([one.query('select 1'), one.query('select 2'), one.query('select 3')]);
    expect(waits).toBe(2);
    await one.close();
  });

  it('tells of a stream its statement, its wait for a connection, the server and the making of rows, and counts what was taken', async () => {
    const items = new Repository(plain, Item);
    const traces = heard('postgres');
    let taken = 0;
    for await (const _row of items.stream({}, { batch: 2 })) {
      taken += 1;
      if (taken === 3) break;
    }
    const [stream] = traces.filter(({ operation }) => operation === 'stream');
    expect(stream).toMatchObject({ rows: 3, statement: expect.stringContaining('select') });
    expect(stream!.queueMs).toBeGreaterThanOrEqual(0);
    expect(stream!.serverMs).toBeGreaterThan(0);
    expect(stream!.decodeMs).toBeGreaterThan(0);
    await plain.transaction(async () => {
      for await (const _row of items.stream({ name: 'planted' })) taken += 1;
    });
    const inside = traces.filter(({ operation }) => operation === 'stream')[1];
    expect(inside!.statement).toContain('$1');
  });

  it('shows the statement of a verb with its placeholders, and none of the text of the caller', async () => {
    const traces = heard('postgres');
    const items = new Repository(plain, Item);
    await items.find({ name: 'planted' });
    await plain.query("select 'planted'");
    await plain.query(fragment`select ${'planted'}::text`);
    expect(traces[0]!.statement).toContain('$1');
    expect(traces.map(({ statement }) => statement)).toEqual([traces[0]!.statement, undefined, undefined]);
  });
});

describe('MongoDB', () => {
  it('tells the wait for a connection, the server and the making of rows apart', async () => {
    const items = new Repository(plainMongo, Item);
    await items.ensureSchema();
    await items.deleteMany({}, { all: true });
    await items.insertMany(Array.from({ length: 3_000 }, (_, i) => ({ id: `${i}`, name: `name ${i}` })));
    const traces = heard('mongo');
    const startedAt = performance.now();
    await items.find({});
    await items.update('1', { n: increment(1) });
    await items.groupBy(['n'], { rows: count() });
    const tookMs = performance.now() - startedAt;
    expect(traces).toMatchObject([{ rows: 3_000 }, {}, {}]);
    for (const { queueMs, serverMs, decodeMs } of traces) {
      expect(queueMs).toBeGreaterThan(0);
      expect(serverMs).toBeGreaterThan(0);
      expect(decodeMs).toBeGreaterThan(0);
    }
    const parts = traces.flatMap(({ queueMs, serverMs, decodeMs }) => [queueMs!, serverMs!, decodeMs!]);
    // Parts of the whole, none of them counted twice.
    expect(parts.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(tookMs);
  });

  it('leaves out what it does not know: a pipeline is decoded by the driver', async () => {
    const traces = heard('mongo');
    await new MongoRepository(plainMongo, Item).aggregate([{ $match: {} }]);
    const [trace] = traces;
    expect([trace!.operation, trace!.serverMs, trace!.decodeMs]).toEqual(['query', undefined, undefined]);
    expect(trace!.queueMs).toBeGreaterThan(0);
  });

  it('tells of each of those that wait for one connection how long, and never takes them for each other', async () => {
    const one = new MongoDatabase({ url: mongoUrl, max: 1 });
    const events = new MongoRepository(one, Item);
    await events.count();
    const traces = heard('mongo');
    const sleep = { $function: { body: 'function() { sleep(300); return true }', args: [], lang: 'js' } };
    await Promise.all([
      events.aggregate([{ $limit: 1 }, { $match: { $expr: sleep } }]),
      events.count({ n: 0 }),
      events.exists({ n: 0 }),
    ]);
    const waited = new Map(traces.map((trace) => [trace.operation, trace]));
    expect(waited.get('query')!.queueMs).toBeLessThan(waited.get('count')!.queueMs!);
    expect(waited.get('count')!.queueMs).toBeLessThan(waited.get('exists')!.queueMs!);
    // What was waited for the connection is no time of the server.
    expect(waited.get('exists')!.serverMs).toBeLessThan(waited.get('exists')!.queueMs!);
    await one.close();
  });

  it('traces a wait for a connection, and not a connection that is free', async () => {
    const one = new MongoDatabase({ url: mongoUrl, max: 1 });
    const items = new Repository(one, Item);
    await items.count();
    const waits = waitsHeard();
    await items.count();
    expect(waits).toEqual([]);
    await Promise.all([items.count(), items.count(), items.count()]);
    expect(waits).toMatchObject([
      { engine: 'mongo', resource: one.toJSON().resource },
      { engine: 'mongo', resource: one.toJSON().resource },
    ]);
    expect(waits.every(({ error }) => error === undefined)).toBe(true);
    await one.close();
  });

  it('traces a wait in vain with the error of the call, and in the context of its store', async () => {
    const one = new MongoDatabase({ url: mongoUrl, max: 1, acquireTimeout: '100ms' });
    const items = new MongoRepository(one, Item);
    await items.count();
    const waits = waitsHeard();
    const storage = new AsyncLocalStorage<string>();
    const contexts: unknown[] = [];
    const note = (): void => void contexts.push(storage.getStore());
    channels.acquire.start.subscribe(note);
    ends.push(() => channels.acquire.start.unsubscribe(note));
    const controller = new AbortController();
    const sleep = { $function: { body: 'function() { sleep(60000) }', args: [], lang: 'js' } };
    const held = items.aggregate([{ $limit: 1 }, { $match: { $expr: sleep } }], { signal: controller.signal });
    while (one.stats().active === 0) await new Promise((resolve) => setImmediate(resolve));
    const [exhausted, late] = await Promise.all([
      storage.run('first', () => items.count().catch((error) => error)),
      storage.run('second', () => items.count({}, { timeout: '50ms' }).catch((error) => error)),
    ]);
    expect(contexts).toEqual(['first', 'second']);
    expect([exhausted.code, late.code]).toEqual(['POOL_EXHAUSTED', 'TIMEOUT']);
    expect([exhausted.outcome, late.outcome]).toEqual(['not-executed', 'not-executed']);
    expect(new Set(waits.map(({ error }) => error))).toEqual(new Set([exhausted, late]));
    controller.abort();
    await held.catch(() => {});
    await one.close();
  });
});

describe('Redis', () => {
  it('traces a command by its name alone', async () => {
    const traces = heard('redis');
    const store = new RedisStore({ url: redisUrl, logger });
    await store.run('SET', [`${prefix}planted`, 'planted']);
    await store.run('INCR', [`${prefix}planted`]).catch(() => {});
    expect(traces.map(({ operation, error }) => [operation, (error as { serverCode?: string })?.serverCode])).toEqual([
      ['SET', undefined],
      ['INCR', 'ERR'],
    ]);
    await store.close();
    expect(inspect([traces, lines], { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
  });
});

describe('no trace and no line', () => {
  it.each(engines)('on %s holds a value, whatever goes wrong', async (engine, _database, make) => {
    const traces = heard(engine);
    const database = make({ logger, slowQuery: '1ms' });
    const items = new Repository(database as Database as Database<'memory'>, Item);
    await items.ensureSchema();
    await items.insert({ id: 'planted', name: 'planted' });
    for (const call of [
      () => items.find({ name: 'planted' }),
      () => items.insert({ id: 'planted', name: 'planted' }),
      () => items.update('planted', { name: 'planted again' }),
      () => items.updateMany({ name: 'planted' }, { n: 1 }),
      () => items.get('planted nowhere'),
      () => items.find({ name: 'planted' }, { timeout: '1ms' }),
      () => items.delete('planted'),
    ]) {
      await call().catch(() => {});
    }
    await database.close();
    expect(traces.length).toBeGreaterThan(5);
    expect(inspect([traces, lines], { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
  });
});
