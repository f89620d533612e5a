import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entity, index, integer, Repository, softDelete, text, timestamp } from '../../src/index.js';
import { compileFind, findCommand } from '../../src/mongo/compile-read.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { Names } from '../../src/mongo/names.js';
import type { Command, FindCommand } from '../../src/query/command.js';
import { modelOf } from '../../src/schema/entity.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { withMongo } from '../../src/testing/servers/mongo-login.js';
import { mongoDatabase } from '../setup/databases.js';
import { bson } from '../unit/mongo/models.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const ROWS = 12_000;
const LIMIT = 20;
const Entry = entity(
  'entries',
  { id: integer().primaryKey(), at: timestamp(), kind: text().max(20), rank: integer().optional(), ...softDelete() },
  {
    indexes: [
      index('at', 'id').where({ deletedAt: null }),
      index('kind', 'id').where({ deletedAt: null }),
      index('rank', 'id').where({ deletedAt: null }),
      index({ at: 'desc', kind: 'asc', id: 'asc' }).where({ deletedAt: null }),
    ],
  },
);

let last: Command | undefined;
const watched = noting(database, (command) => {
  last = command;
});
const entries = new Repository(watched, Entry);
const plain = new Repository(database, Entry);
type Order = NonNullable<Parameters<typeof entries.find>[1]>['orderBy'];

beforeAll(async () => {
  await plain.ensureSchema();
  // Two thirds have a rank; ten kinds, each of many rows; two rows of each moment.
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    id: i,
    at: new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 2) * 60_000),
    kind: `kind ${i % 10}`,
    rank: i % 3 === 0 ? null : Math.floor(i / 4),
  }));
  await plain.insertMany(rows);
});

/** The stages and the work of the page behind, or before, the row of that number. */
async function costOf(orderBy: Order, depth: number, way: 'after' | 'before') {
  const start = await plain.paginateByCursor({}, { orderBy, limit: depth });
  await entries.paginateByCursor({}, { orderBy, limit: LIMIT, [way]: start.next! });
  const command = last as FindCommand;
  const names = new Names(modelOf(Entry), 'as-written');
  const find = findCommand(compileFind(command, names, bson), names.collection, command);
  return withMongo(url, async (client) => {
    const told = await client.db(name).command({ explain: find, verbosity: 'executionStats' });
    const { totalKeysExamined: keys, totalDocsExamined: documents, executionStages } = told['executionStats'];
    return { keys, documents, stages: JSON.stringify(executionStages), find: JSON.stringify(find) };
  });
}

describe('a deep page by cursor', () => {
  it.each<[string, Order, number]>([
    ['in one direction', { at: 'asc' }, 9_000],
    ['in the other direction', { at: 'desc' }, 9_000],
    ['among many equal values', { kind: 'asc' }, 9_500],
    ['among many equal values, descending', { kind: 'desc' }, 9_500],
    ['by the key alone', {}, 9_000],
    ['in mixed directions', { at: 'desc', kind: 'asc' }, 9_000],
    ['of an optional field, ascending among its values', { rank: 'asc' }, 9_000],
    ['of an optional field, ascending among its nulls', { rank: 'asc' }, 3_000],
    ['of an optional field, descending among its values', { rank: 'desc' }, 6_000],
    ['of an optional field, descending among its nulls', { rank: 'desc' }, 9_000],
  ])('%s reads a range of an index', async (_name, orderBy, depth) => {
    for (const way of ['after', 'before'] as const) {
      const { keys, documents, stages, find } = await costOf(orderBy, depth, way);
      expect(stages, find).not.toMatch(/"stage":"(COLLSCAN|SORT)"/);
      expect(keys, `${way}: ${find}\n${stages}`).toBeLessThan(4 * LIMIT);
      expect(documents).toBeLessThan(4 * LIMIT);
    }
  });
});

describe('a count that need not be exact', () => {
  it('is looked up in the metadata where there is no filter', async () => {
    const page = await entries.paginate({}, { deleted: 'with', count: 'estimated' });
    expect(page).toMatchObject({ total: ROWS, totalIsExact: false, pages: ROWS / LIMIT });
    expect(last).toMatchObject({ kind: 'count', estimate: true });
  });

  it('ends at 10,000 rows where there is one', async () => {
    const page = await entries.paginate({}, { count: 'estimated' });
    expect(page).toMatchObject({ total: 10_000, totalIsExact: false });
  });
});
