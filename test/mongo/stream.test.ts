import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entity, integer, Repository, text } from '../../src/index.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const Item = entity('items', { id: integer().primaryKey(), note: text() });
const client = new MongoClient(url);

// Reads from a secondary, where there is one, go through the driver's own cursor.
const engines = [
  ['plain commands', new MongoDatabase({ url, name })],
  [
    "the driver's cursor",
    new MongoDatabase({ url: `${url}${url.includes('?') ? '&' : '/?'}readPreference=primaryPreferred`, name }),
  ],
] as const;

beforeAll(() =>
  new Repository(engines[0][1], Item).insertMany(Array.from({ length: 1_000 }, (_, id) => ({ id, note: `n${id}` }))),
);
afterAll(async () => {
  for (const [, each] of engines) await each.close();
  await client.close();
});

/** Cursors of this database that the server holds. */
async function cursors(): Promise<number> {
  const open = await client
    .db('admin')
    .aggregate([{ $currentOp: { idleCursors: true } }, { $match: { ns: `${name}.items`, type: 'idleCursor' } }])
    .toArray();
  return open.length;
}

async function untilNoCursors(): Promise<void> {
  while ((await cursors()) > 0);
}

describe.each(engines)('a stream by %s', (_how, database) => {
  const items = new Repository(database, Item);

  it('gives every row once, in order, whatever the batch', async () => {
    for (const batch of [1, 7, 999, 1_000, 1_001, 5_000]) {
      const ids: number[] = [];
      for await (const row of items.stream({}, { batch, orderBy: { id: 'desc' } })) ids.push(row.id);
      expect(ids).toEqual(Array.from({ length: 1_000 }, (_, i) => 999 - i));
    }
  });

  it('honours limit and offset', async () => {
    const ids: number[] = [];
    for await (const row of items.stream({}, { batch: 3, orderBy: { id: 'asc' }, limit: 7, offset: 5 }))
      ids.push(row.id);
    expect(ids).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(await cursors()).toBe(0);
  });

  it('leaves no cursor on the server when the loop breaks or throws', async () => {
    for await (const _ of items.stream({}, { batch: 2 })) {
      expect(await cursors()).toBe(1);
      break;
    }
    expect(await cursors()).toBe(0);
    const thrown = async (): Promise<void> => {
      for await (const _ of items.stream({}, { batch: 2 })) throw new RangeError('mine');
    };
    await expect(thrown()).rejects.toBeInstanceOf(RangeError);
    expect(await cursors()).toBe(0);
  });

  it('leaves no cursor on the server when it is aborted between two batches, even if nobody asks for more', async () => {
    const controller = new AbortController();
    const rows = items.stream({}, { batch: 2, signal: controller.signal })[Symbol.asyncIterator]();
    await rows.next();
    expect(await cursors()).toBe(1);
    controller.abort();
    await untilNoCursors();
    await rows.next();
    await expect(rows.next()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('ends at its timeout, which is for all of it', async () => {
    const read = async (): Promise<void> => {
      for await (const _ of items.stream({}, { batch: 1, timeout: '100ms' })) await cursors();
    };
    await expect(read()).rejects.toMatchObject({ code: 'TIMEOUT' });
    await untilNoCursors();
  });

  it('is not begun when its signal is aborted already', async () => {
    const rows = items.stream({}, { signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    await expect(rows.next()).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
  });
});

describe.each(engines)('a find of everything by %s', (_how, database) => {
  it('gives all rows, more than one reply holds too', async () => {
    const Big = entity('big', { id: integer().primaryKey(), note: text() });
    const big = new Repository(database, Big);
    await big.deleteMany({}, { all: true });
    await big.insertMany(Array.from({ length: 5 }, (_, id) => ({ id, note: 'x'.repeat(7_000_000) })));
    for (const options of [{}, { limit: 4 }]) {
      const rows = await big.find({}, { orderBy: { id: 'asc' }, ...options });
      expect(rows.map((each) => each.id)).toEqual([0, 1, 2, 3, 4].slice(0, options.limit));
    }
  });
});
