import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entity, hasMany, index, integer, Repository, softDelete } from '../../src/index.js';
import { compileGroup } from '../../src/mongo/compile-group.js';
import { compileFind } from '../../src/mongo/compile-read.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { Names } from '../../src/mongo/names.js';
import { firstOfEachPipeline } from '../../src/mongo/per-parent.js';
import type { Command } from '../../src/query/command.js';
import { modelOf } from '../../src/schema/entity.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { withMongo } from '../../src/testing/servers/mongo-login.js';
import { mongoDatabase } from '../setup/databases.js';
import { bson } from '../unit/mongo/models.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const PARENTS = 1_000;
const EACH = 5;
const Parent = entity('parents', { id: integer().primaryKey() });
const Child = entity(
  'children',
  { id: integer().primaryKey(), parentId: integer(), rank: integer(), ...softDelete() },
  { indexes: [index('parentId').where({ deletedAt: null })] },
);

let last: Command | undefined;
const watched = noting(database, (command) => {
  last = command;
});
const parents = new Repository(watched, Parent);
const children = new Repository(watched, Child);

beforeAll(async () => {
  await parents.ensureSchema();
  await children.ensureSchema();
  await parents.insertMany(Array.from({ length: PARENTS }, (_, id) => ({ id })));
  await children.insertMany(
    Array.from({ length: PARENTS * EACH }, (_, id) => ({ id, parentId: id % PARENTS, rank: id })),
  );
});

/** The pipeline that reads what is related to 20 parents. */
async function pipelineOf(options: object): Promise<object[]> {
  await parents.find(
    {},
    { orderBy: { id: 'asc' }, limit: 20, include: { it: hasMany(children, 'parentId', options) as never } },
  );
  const names = new Names(modelOf(Child), 'as-written');
  if (last?.kind === 'group') return compileGroup(last, names, bson).pipeline(last);
  if (last?.kind === 'find') return firstOfEachPipeline(compileFind(last, names, bson), last, names);
  throw new Error('nothing was read');
}

describe('the related rows of a page', () => {
  it.each([
    ['the first of each parent', { orderBy: { rank: 'desc' }, limit: 2 }],
    ['their number', { count: true }],
  ])('are read through the index of the field that names the parent: %s', async (_, options) => {
    const pipeline = await pipelineOf(options);
    await withMongo(url, async (client) => {
      const told = await client
        .db(name)
        .command({ explain: { aggregate: 'children', pipeline, cursor: {} }, verbosity: 'executionStats' });
      const text = JSON.stringify(told);
      expect(text).toContain('"stage":"IXSCAN"');
      expect(text).not.toContain('"stage":"COLLSCAN"');
      const examined = [...text.matchAll(/"totalDocsExamined":(\d+)/g)].map(([, number]) => Number(number));
      expect(Math.max(...examined)).toBe(20 * EACH);
    });
  });
});
