import { describe, expect, inject, it } from 'vitest';
import { entity, enumOf, increment, integer, Repository, serial, text, uuid, versioned } from '../../src/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 8 });

const Job = entity('jobs', {
  id: uuid().primaryKey(),
  n: integer(),
  state: enumOf('queued', 'taken').default('queued'),
  worker: integer().optional(),
  ...versioned(),
});
const Counter = entity('counters', { name: text().max(20).primaryKey(), hits: integer().default(0) });
await database.ensureSchema([Job, Counter]);
const jobs = new Repository(database, Job);
const counters = new Repository(database, Counter);

// PGlite has one session: nothing is at the same time there.
describe.skipIf(!inject('postgresReal'))('many calls at the same time', () => {
  it('take each job once by `updateOne`, and none is left while a job is there', async () => {
    const COUNT = 60;
    await jobs.insertMany(Array.from({ length: COUNT }, (_, n) => ({ n })));
    const taken = await Promise.all(
      Array.from({ length: COUNT }, (_, worker) =>
        jobs.updateOne({ state: 'queued' }, { state: 'taken', worker }, { orderBy: { n: 'asc' } }),
      ),
    );
    expect(taken.every((row) => row !== null)).toBe(true);
    expect(new Set(taken.map((row) => row!.n)).size).toBe(COUNT);
    expect(await jobs.updateOne({ state: 'queued' }, { state: 'taken' })).toBeNull();
    expect(await jobs.count({ state: 'taken', version: 2 })).toBe(COUNT);
  });

  it('count every increment, through `upsert` of a row that is not there yet', async () => {
    const COUNT = 100;
    const actions = await Promise.all(
      Array.from({ length: COUNT }, () =>
        counters.upsert({ name: 'page', hits: 0 }, { on: 'name' }).then((each) => each.action),
      ),
    );
    expect(actions.filter((action) => action === 'inserted')).toHaveLength(1);
    await Promise.all(Array.from({ length: COUNT }, () => counters.update('page', { hits: increment(1) })));
    expect((await counters.get('page')).hits).toBe(COUNT);
  });
});

describe('rows come back in the order of their drafts', () => {
  it('with keys of the database, too', async () => {
    const Line = entity('lines', { id: serial().primaryKey(), n: integer() });
    await database.ensureSchema([Line]);
    const lines = new Repository(database, Line);
    const stored = await lines.insertMany(Array.from({ length: 6_000 }, (_, n) => ({ n })));
    expect(stored.every((row, i) => row.n === i && row.id === i + 1)).toBe(true);
    const Only = entity('only_serial', { id: serial().primaryKey() });
    await database.ensureSchema([Only]);
    const only = new Repository(database, Only);
    expect(await only.insert({})).toEqual({ id: 1 });
    expect(await only.insertMany([{}, {}])).toEqual([{ id: 2 }, { id: 3 }]);
  });
});
