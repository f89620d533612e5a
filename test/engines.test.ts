import {
  decimal,
  entity,
  increment,
  integer,
  MemoryDatabase,
  MongoDatabase,
  PostgresDatabase,
  Repository,
  uuid,
} from 'trivet';
import { afterAll, describe, expect, it } from 'vitest';
import { mongoDatabase, postgresDatabase } from './setup/databases.js';

// What `docs/engines.md` says of the engines where they differ. A difference that is gone belongs out of the page.
const { url } = await postgresDatabase();
const { url: mongoUrl, name } = await mongoDatabase();
const postgres = new PostgresDatabase({ url });
const mongo = new MongoDatabase({ url: mongoUrl, name });
const memory = new MemoryDatabase();
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

const engines = { postgres, mongo, memory };
const each = ['postgres', 'mongo', 'memory'] as const;

/** What happened: the code of an error, or what the work gave. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: { readonly code?: string }) => error.code);
}

describe('the engines differ as their page says', () => {
  it.each(each)('in references to rows that do not exist (%s)', async (engine) => {
    const Owner = entity('owners', { id: uuid().primaryKey() });
    const Car = entity('cars', { id: uuid().primaryKey(), owner: uuid().references('owners') });
    await new Repository(engines[engine], Owner).ensureSchema();
    const cars = new Repository(engines[engine], Car);
    await cars.ensureSchema();
    const draft = { id: '00000000-0000-4000-8000-000000000001', owner: '00000000-0000-4000-8000-000000000002' };
    expect(await outcome(cars.insert(draft))).toEqual(engine === 'postgres' ? 'FOREIGN_KEY' : draft);
  });

  it.each(each)('in tables that do not exist (%s)', async (engine) => {
    const rows = new Repository(engines[engine], entity('nowhere', { id: uuid().primaryKey() }));
    expect(await outcome(rows.find())).toEqual(engine === 'postgres' ? 'SCHEMA' : []);
  });

  it.each(each)('in decimals that an increment takes past 34 digits (%s)', async (engine) => {
    const Sum = entity('sums', { id: integer().primaryKey(), total: decimal() });
    const sums = new Repository(engines[engine], Sum);
    await sums.ensureSchema();
    await sums.insert({ id: 1, total: '9'.repeat(34) });
    const grown = await outcome(sums.update(1, { total: increment('1.5') }).then((row) => row.total));
    const expected = { postgres: `1${'0'.repeat(34)}.5`, mongo: `1${'0'.repeat(34)}`, memory: 'CONSTRAINT' };
    expect(grown).toBe(expected[engine]);
  });

  it.each(each)('in unique values that pass from row to row (%s)', async (engine) => {
    const Seat = entity('seats', { id: integer().primaryKey(), place: integer().unique() });
    const seats = new Repository(engines[engine], Seat);
    await seats.ensureSchema();
    await seats.insertMany([1, 2, 3].map((id) => ({ id, place: id })));
    const moved = await outcome(seats.updateMany({}, { place: increment(1) }, { all: true }));
    expect(moved).toBe(engine === 'memory' ? 3 : 'DUPLICATE_KEY');
    expect((await seats.get(1)).place).toBe(engine === 'memory' ? 2 : 1);
  });
});
