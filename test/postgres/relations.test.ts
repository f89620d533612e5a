import { beforeAll, describe, expect, inject, it } from 'vitest';
import { entity, hasMany, hasOne, index, integer, Repository, softDelete } from '../../src/index.js';
import type { Command } from '../../src/query/command.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { postgresDatabase } from '../setup/databases.js';
import { compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });
/** Settings and prepared statements belong to one connection. */
const single = openedAt(url, { max: 1 });

const PARENTS = 4_000;
const EACH = 5;
const Parent = entity('parents', { id: integer().primaryKey() });
const Child = entity(
  'children',
  { id: integer().primaryKey(), parentId: integer(), rank: integer(), ...softDelete() },
  { indexes: [index('parentId').where({ deletedAt: null })] },
);

const sent: Command[] = [];
const watched = noting(database, (command) => sent.push(command));
const parents = new Repository(watched, Parent);
const children = new Repository(watched, Child);

beforeAll(async () => {
  await parents.ensureSchema();
  await children.ensureSchema();
  await database.query(`insert into parents (id) select i from generate_series(1, ${PARENTS}) i`);
  await database.query(
    `insert into children (id, parent_id, rank) select i, 1 + i % ${PARENTS}, i from generate_series(1, ${PARENTS * EACH}) i`,
  );
  await database.query('vacuum analyze parents, children');
});

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** What the related rows of 20 parents cost. */
async function costOf(relation: ReturnType<typeof hasMany>, mode: 'custom' | 'generic') {
  sent.length = 0;
  await parents.find({}, { orderBy: { id: 'asc' }, limit: 20, include: { it: relation as never } });
  const { text: sql, values } = compile(sent.at(-1)!);
  await single.query(`set plan_cache_mode = force_${mode}_plan`);
  await single.query('deallocate all');
  await single.query(`prepare related as ${sql}`);
  const given = values.map((value) => `'${String(value)}'`).join(', ');
  const [row] = await single.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
    `explain (analyze, buffers, format json) execute related(${given})`,
  );
  const plan = row!['QUERY PLAN'][0].Plan;
  return { plan: JSON.stringify(plan), blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

// PGlite keeps statements in a namespace of its own.
describe.skipIf(!inject('postgresReal'))('the related rows of a page', () => {
  const relations: readonly [string, any][] = [
    ['all', hasMany(children, 'parentId')],
    ['the first of each parent', hasMany(children, 'parentId', { orderBy: { rank: 'desc' }, limit: 2 })],
    ['one of each parent', hasOne(children, 'parentId')],
    ['their number', hasMany(children, 'parentId', { count: true })],
  ];
  it.each(relations)('are read through the index of the field that names the parent: %s', async (_, relation) => {
    for (const mode of ['custom', 'generic'] as const) {
      const { plan, blocks } = await costOf(relation, mode);
      expect(plan).toMatch(/"Node Type":"(Bitmap )?Index (Only )?Scan"/);
      expect(plan).not.toContain('"Node Type":"Seq Scan"');
      // 100 rows that lie scattered, and their index; the table has more.
      expect(blocks).toBeLessThanOrEqual(170);
    }
  });
});
