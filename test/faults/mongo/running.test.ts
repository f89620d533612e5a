import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entity, integer, MongoDatabase, MongoRepository, text } from '../../../src/index.js';
import { startOwnMongo } from '../../../src/testing/index.js';
import { expectNothingUncaught, until } from '../../setup/outcomes.js';
import { caught } from './kit.js';

const server = await startOwnMongo({ log: () => {} });
const name = 'running';
const Entry = entity('entries', { id: text().max(60).primaryKey(), n: integer().default(0) });
/** A view each of whose rows takes its time, so that an ordinary `find` takes a minute: the server looks for the end of a command between two rows. */
const Slow = entity('slow_entries', { id: text().max(60).primaryKey(), n: integer().default(0) });
const forever = { $function: { body: 'function() { sleep(20) }', args: ['$_id'], lang: 'js' } };
const observer = new MongoClient(server.url);
const open: MongoDatabase[] = [];
/** A number that no other command has. */
let markers = 912_345_000;

function opened(options: ConstructorParameters<typeof MongoDatabase>[0] = {}): MongoDatabase {
  const database = new MongoDatabase({ url: server.url, name, ...options });
  open.push(database);
  return database;
}

/** What the server does now with a command that holds this text. */
async function runs(marker: number | string): Promise<boolean> {
  const all = observer.db('admin').aggregate([{ $currentOp: { allUsers: true } }, { $match: { active: true } }]);
  return (await all.toArray()).some(
    (each) => JSON.stringify(each['command'] ?? {}).includes(String(marker)) && each['ns'] !== 'admin.$cmd.aggregate',
  );
}

expectNothingUncaught();
beforeAll(async () => {
  await observer.connect();
  const entries = new MongoRepository(opened(), Entry);
  await entries.ensureSchema();
  await entries.insertMany([{ id: 'b' }, ...Array.from({ length: 3_000 }, (_, i) => ({ id: `${i}` }))]);
  // Computed before a filter by it can be looked at.
  const pipeline = [{ $set: { n: forever } }];
  await observer.db(name).createCollection('slow_entries', { viewOn: 'entries', pipeline });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close({ deadline: '1s' })));
});
afterAll(async () => {
  await observer.close();
  await server.stop();
});

interface Limits {
  readonly timeout?: '3s';
  readonly signal?: AbortSignal;
}

/** Outside a transaction a call that was sent may have been carried out for good. */
const work: readonly (readonly [
  string,
  (database: MongoDatabase, marker: number, limits: Limits) => Promise<unknown>,
  outcome: 'not-executed' | 'unknown',
])[] = [
  ['find', (database, marker, limits) => new MongoRepository(database, Slow).find({ n: marker }, limits), 'unknown'],
  [
    'stream',
    async (database, marker, limits) => {
      for await (const _row of new MongoRepository(database, Slow).stream({ n: marker }, limits)) {
        // There is none.
      }
    },
    'unknown',
  ],
  [
    'pipeline',
    (database, marker, limits) =>
      new MongoRepository(database, Entry).aggregate([{ $set: { n: forever } }, { $match: { n: marker } }], limits),
    'unknown',
  ],
  [
    'count in a transaction',
    (database, marker, limits) =>
      database.transaction(() => new MongoRepository(database, Slow).count({ n: marker }, limits)),
    'not-executed',
  ],
];

describe.each(work)('a %s that the server takes for ever for', (_kind, start, outcome) => {
  it.each([
    ['its timeout', { timeout: '3s' }, {}, 'TIMEOUT'],
    ['the timeout of the database', {}, { timeout: '3s' }, 'TIMEOUT'],
    ['its signal', { signal: true }, {}, 'ABORTED'],
  ] as const)('runs there until %s, and not afterwards', async (_which, limits, options, code) => {
    const database = opened(options);
    await database.ping();
    const controller = new AbortController();
    const marker = ++markers;
    const { signal: _, ...rest } = limits as { readonly signal?: boolean; readonly timeout?: '3s' };
    const given: Limits = 'signal' in limits ? { signal: controller.signal } : rest;
    const call = caught(start(database, marker, given));
    await until(() => runs(marker));
    controller.abort();
    expect(await call).toMatchObject({ code, outcome });
    await until(async () => !(await runs(marker)));
  });
});

describe('a write that waits for the row of another transaction', () => {
  it('is not there afterwards, when its timeout ends it, and changes nothing when the row is free', async () => {
    const database = opened();
    const entries = new MongoRepository(database, Entry);
    const held = observer.startSession();
    held.startTransaction();
    await observer
      .db(name)
      .collection<{ _id: string }>('entries')
      .updateOne({ _id: 'b' }, { $set: { n: 7 } }, { session: held });
    const call = caught(entries.updateMany({ id: 'b' }, { n: 8 }, { timeout: '3s' }));
    const single = caught(entries.update('b', { n: 9 }, { timeout: '3s' }));
    await until(() => runs('"n":9'));
    expect((await single).code).toBe('TIMEOUT');
    expect(['TIMEOUT', 'CONFLICT']).toContain((await call).code);
    await until(async () => !(await runs('"n":9')) && !(await runs('"n":8')));
    await held.abortTransaction();
    await held.endSession();
    expect((await entries.get('b')).n).toBe(0);
  });
});

describe('a database that closes with a deadline', () => {
  it('leaves nothing running at the server', async () => {
    const database = opened();
    await database.ping();
    const marker = ++markers;
    const call = caught(new MongoRepository(database, Slow).find({ n: marker }));
    await until(() => runs(marker));
    await database.close({ deadline: '10ms' });
    expect(await call).toMatchObject({ code: 'CLOSED', outcome: 'unknown' });
    await until(async () => !(await runs(marker)));
  });
});
