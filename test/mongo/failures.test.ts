import { inspect } from 'node:util';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError, entity, integer, Repository, text } from '../../src/index.js';
import { MongoDatabase, MongoRepository } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const Item = entity('items', { id: integer().primaryKey(), note: text().optional() });
const items = new MongoRepository(database, Item);
const Digit = entity('numbers', { id: integer().primaryKey() });
const join = (as: string): object[] => [{ $lookup: { from: 'numbers', pipeline: [], as } }, { $unwind: `$${as}` }];

/** Joins a collection with itself for hours: a call that the server can stop at any time. */
function slow(on: MongoDatabase, signal?: AbortSignal, timeout?: '50ms'): Promise<unknown> {
  const numbers = new MongoRepository(on, Digit);
  return numbers
    .aggregate([...join('a'), ...join('b'), ...join('c'), { $count: 'n' }], { signal, timeout })
    .catch((error) => error);
}

beforeAll(async () => {
  await items.insertMany([{ id: 1 }, { id: 2 }]);
  await new Repository(database, Digit).insertMany(Array.from({ length: 500 }, (_, id) => ({ id })));
});

describe('a server that cannot be reached', () => {
  it('is a ConnectionError within the deadline, that can be tried again', async () => {
    const gone = new MongoDatabase({ url: 'mongodb://ann:s3cret@127.0.0.1:1/app', connectTimeout: '200ms' });
    const error = await new Repository(gone, Item).findById(1).catch((each) => each);
    expect(error).toMatchObject({
      code: 'POOL_UNAVAILABLE',
      retryable: true,
      outcome: 'not-executed',
      resource: '127.0.0.1:1/app',
    });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    await expect(gone.connect()).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' });
    await gone.close();
  });

  it('ends a call at its own deadline, when that comes first', async () => {
    const gone = new MongoDatabase({ url: 'mongodb://127.0.0.1:1/app', connectTimeout: '20s' });
    const error = await new Repository(gone, Item).insert({ id: 1 }, { timeout: '50ms' }).catch((each) => each);
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'not-executed' });
    await gone.close();
  });
});

describe('an address that the driver cannot read', () => {
  it('is a ConnectionError that another try does not mend, and shows nothing of it', async () => {
    const wrong = new MongoDatabase({ url: 'mongodb://ann:s3cret@127.0.0.1:1/app?planted=yes', name });
    const error = await wrong.connect().catch((each) => each);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: false, outcome: 'not-executed' });
    expect(error.message).toContain('check the parameters behind `?` in `url`');
    expect(inspect(error, { depth: 9 })).not.toMatch(/s3cret|planted|undefined\)/);
    await wrong.close();
  });
});

describe('wrong credentials', () => {
  it('are an AuthenticationError, not tried again, without the password', async () => {
    const address = url.replace('mongodb://', 'mongodb://nobody:s3cret@');
    const denied = new MongoDatabase({ url: address, name, connectTimeout: '5s' });
    const error = await denied.connect().catch((each) => each);
    expect(error).toMatchObject({ code: 'AUTHENTICATION', retryable: false });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    await denied.close();
  });
});

describe('a call that takes too long', () => {
  it('ends at its timeout, with an unknown outcome', async () => {
    expect(await slow(database, undefined, '50ms')).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
  });

  it('ends at once when it is aborted, and the server stops it', async () => {
    const controller = new AbortController();
    const ended = slow(database, controller.signal);
    await running(1);
    controller.abort(new Error('enough'));
    expect(await ended).toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: { message: 'enough' } });
    await running(0);
    expect(await items.count()).toBe(2);
  });

  it('does not begin when its signal is aborted already', async () => {
    await expect(items.insert({ id: 9 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
      outcome: 'not-executed',
    });
    expect(await items.findById(9)).toBeNull();
  });

  /** Waits until that many of the slow calls run on the server. */
  async function running(count: number): Promise<void> {
    const client = new MongoClient(url);
    try {
      for (;;) {
        const ops = await client
          .db('admin')
          .aggregate([{ $currentOp: {} }, { $match: { ns: `${name}.numbers` } }])
          .toArray();
        if (ops.length === count) return;
      }
    } finally {
      await client.close();
    }
  }
});

describe('a client that the caller brought', () => {
  it('is used, shows in no way, and stays open', async () => {
    const client = new MongoClient(url);
    const own = new MongoDatabase({ client, name });
    expect(await new Repository(own, Item).count()).toBe(2);
    expect(own.stats().total).toBeGreaterThan(0);
    await own.close();
    await expect(new Repository(own, Item).count()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await client.db(name).collection('items').countDocuments()).toBe(2);
    await client.close();
  });

  it('that is closed is a ClosedError', async () => {
    const client = new MongoClient(url);
    const own = new MongoDatabase({ client, name });
    await own.connect();
    await client.close();
    await expect(own.ping()).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED|CONNECTION/) });
    await own.close();
  });
});

describe('the pool', () => {
  it('counts its connections, and waits for a free one no longer than the call', async () => {
    const small = new MongoDatabase({ url, name, max: 1 });
    const few = new Repository(small, Item);
    await small.connect();
    const controller = new AbortController();
    const holding = slow(small, controller.signal);
    const waiting = await few.insert({ id: 77 }, { timeout: '100ms' }).catch((each) => each);
    expect(waiting.code).toBe('TIMEOUT');
    expect(small.stats()).toMatchObject({ max: 1, total: 1, idle: 0 });
    controller.abort();
    expect(await holding).toMatchObject({ code: 'ABORTED' });
    expect(await few.findById(77)).toBeNull();
    await small.close();
  });
});
