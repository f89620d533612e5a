import { describe, expect, inject, it } from 'vitest';
import { AbortedError, ClosedError, entity, integer, Repository, TimeoutError, uuid } from '../../src/index.js';
import { PostgresDatabase } from '../../src/postgres/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from '../setup/outcomes.js';
import { openedAt, uncaught, until } from './kit.js';

const { url } = await postgresDatabase();
const Item = entity('items', { id: uuid().primaryKey(), n: integer() });
const database = openedAt(url, { max: 2 });
await database.ensureSchema([Item]);
const items = new Repository(database, Item);
const COUNT = 1_000;
await items.insertMany(Array.from({ length: COUNT }, (_, n) => ({ n })));

const free = { total: 1, idle: 1, waiting: 0 };

/** A database of one connection: a stream that keeps it would stop everything that follows. */
function alone(): { readonly database: PostgresDatabase; readonly items: Repository<typeof Item> } {
  const own = openedAt(url, { max: 1 });
  return { database: own, items: new Repository(own, Item) };
}

async function take(rows: AsyncIterable<{ n: number }>, count: number): Promise<number[]> {
  const taken: number[] = [];
  for await (const { n } of rows) {
    taken.push(n);
    if (taken.length === count) break;
  }
  return taken;
}

describe('a stream', () => {
  it('gives all rows in order, whatever the batch, and frees its connection', async () => {
    const { database, items } = alone();
    for (const batch of [1, 7, 500, COUNT, 5_000]) {
      const rows = await take(items.stream({}, { orderBy: { n: 'asc' }, batch }), Number.POSITIVE_INFINITY);
      expect(rows).toEqual(Array.from({ length: COUNT }, (_, n) => n));
      expect(database.stats()).toMatchObject(free);
    }
  });

  it('ends with the loop, frees its connection, and nothing stays open on it', async () => {
    const { database, items } = alone();
    for (const count of [1, 10, 11, 20]) {
      expect(await take(items.stream({}, { orderBy: { n: 'asc' }, batch: 10 }), count)).toHaveLength(count);
      expect(database.stats()).toMatchObject(free);
      const open = "select statement from pg_cursors where statement not like '%pg_cursors%'";
      expect(await database.query(open)).toEqual([]);
    }
    expect(await items.count()).toBe(COUNT);
  });

  it('ends with an error of the loop, too', async () => {
    const { database, items } = alone();
    const loop = async (): Promise<void> => {
      for await (const { n } of items.stream({}, { batch: 10 })) if (n >= 0) throw new RangeError('mine');
    };
    await expect(loop()).rejects.toThrow(RangeError);
    expect(database.stats()).toMatchObject(free);
    expect(await items.count()).toBe(COUNT);
  });

  it('asks for no more rows than a batch ahead of its reader', async () => {
    const { database, items } = alone();
    const reader = items.stream({}, { batch: 10 })[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i++) await reader.next();
    // The connection waits for the reader: the server has sent one batch and no more.
    expect(database.stats()).toMatchObject({ total: 1, idle: 0 });
    await reader.return?.();
    expect(database.stats()).toMatchObject(free);
  });

  it('sees one snapshot, whatever is written meanwhile', async () => {
    let seen = 0;
    for await (const _ of items.stream({}, { batch: 100 })) {
      if (seen++ === 0) await items.insert({ n: -1 });
    }
    expect(seen).toBe(COUNT);
    await items.deleteMany({ n: -1 });
  });

  it('that is never read takes no connection', async () => {
    const { database, items } = alone();
    items.stream({});
    expect(database.stats()).toMatchObject({ total: 0 });
  });

  it('throws what the server says, and frees its connection', async () => {
    const { database } = alone();
    const Missing = entity('missing_items', { id: uuid().primaryKey(), n: integer() });
    const error = await caught(take(new Repository(database, Missing).stream({}), 1));
    expect(error.code).toBe('SCHEMA');
    expect(database.stats()).toMatchObject(free);
  });
});

describe.skipIf(!inject('postgresReal'))('a stream that is ended from outside', () => {
  it('by its signal, between two rows: AbortedError at the next, its connection dropped', async () => {
    const { database, items } = alone();
    const controller = new AbortController();
    let seen = 0;
    const loop = async (): Promise<void> => {
      for await (const _ of items.stream({}, { batch: 10, signal: controller.signal }))
        if (++seen === 3) controller.abort();
    };
    expect(await caught(loop())).toBeInstanceOf(AbortedError);
    expect(seen).toBe(3);
    await until(async () => database.stats().total === 0);
    expect(await items.count()).toBe(COUNT);
  });

  it('by its signal before it began: nothing is sent', async () => {
    const { items } = alone();
    const error = await caught(take(items.stream({}, { signal: AbortSignal.abort() }), 1));
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.outcome).toBe('not-executed');
  });

  it('by its timeout, though its reader holds still: the connection is free for others', async () => {
    const { database, items } = alone();
    const reader = items.stream({}, { batch: 10, timeout: '1s' })[Symbol.asyncIterator]();
    await reader.next();
    expect(await items.count()).toBe(COUNT);
    expect(await caught(reader.next())).toBeInstanceOf(TimeoutError);
    await until(async () => database.stats().idle === 1);
  });

  it('by the server, between two batches: ConnectionError, never an early end, and nothing uncaught', async () => {
    const { database: own, items } = alone();
    const [row] = await own.query<{ pid: number }>('select pg_backend_pid() as pid');
    const watch = uncaught();
    const reader = items.stream({}, { batch: 10 })[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i++) await reader.next();
    await database.query('select pg_terminate_backend($1)', [row!.pid]);
    await until(async () => own.stats().total === 0);
    expect(await caught(reader.next())).toMatchObject({ code: 'CONNECTION' });
    expect(await items.count()).toBe(COUNT);
    watch.stop();
    expect(watch.errors).toEqual([]);
  });

  it('by closing the database, though its reader holds still', async () => {
    const database = new PostgresDatabase({ url, max: 1 });
    const reader = new Repository(database, Item).stream({}, { batch: 10 })[Symbol.asyncIterator]();
    await reader.next();
    await database.close();
    expect(await caught(reader.next())).toBeInstanceOf(ClosedError);
  });
});
