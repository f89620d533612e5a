import { beforeAll, describe, expect, inject, it } from 'vitest';
import { entity, index, integer, Repository, softDelete, text, timestamp } from '../../src/index.js';
import type { Command } from '../../src/query/command.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { postgresDatabase } from '../setup/databases.js';
import { compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });
/** Settings and prepared statements belong to one connection. */
const single = openedAt(url, { max: 1 });

const ROWS = 20_000;
const Entry = entity(
  'entries',
  {
    id: integer().primaryKey(),
    at: timestamp(),
    kind: text().max(20),
    rank: integer().optional(),
    note: text().optional(),
    ...softDelete(),
  },
  {
    indexes: [
      index('at', 'id').where({ deletedAt: null }),
      index('kind', 'id').where({ deletedAt: null }),
      index('rank', 'id').where({ deletedAt: null }),
      index({ at: 'desc', kind: 'asc' }).where({ deletedAt: null }),
      index({ kind: 'desc', rank: 'desc' }).where({ deletedAt: null }),
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
interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

beforeAll(async () => {
  await plain.ensureSchema();
  // Two thirds have a rank; ten kinds, each of many rows; two rows of each moment.
  await database.query(
    `insert into entries (id, at, kind, rank) select i, timestamptz '2024-01-01 00:00Z' + (i / 2) * interval '1 minute', 'kind ' || (i % 10),
    case when i % 3 > 0 then i / 4 end from generate_series(1, ${ROWS}) i`,
  );
  // Without the visibility map of a vacuum a scan is dearer than it will be.
  await database.query('vacuum analyze entries');
});

/** What the page behind the row of that number, or before it, costs: the plan, and the blocks that it read. */
async function costOf(orderBy: Order, depth: number, way: 'after' | 'before', mode: 'custom' | 'generic') {
  const start = await plain.paginateByCursor({}, { orderBy, limit: depth });
  await entries.paginateByCursor({}, { orderBy, limit: 20, [way]: start.next! });
  const { text: sql, values } = compile(last!);
  await single.query(`set plan_cache_mode = force_${mode}_plan`);
  await single.query('deallocate all');
  await single.query(`prepare page as ${sql}`);
  const given = values.map((value) => `'${String(value)}'`).join(', ');
  const [row] = await single.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
    `explain (analyze, buffers, format json) execute page(${given})`,
  );
  const plan = row!['QUERY PLAN'][0].Plan;
  return { sql, plan: JSON.stringify(plan), blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

// PGlite keeps statements in a namespace of its own.
describe.skipIf(!inject('postgresReal'))('a deep page by cursor', () => {
  it.each<[string, Order, number]>([
    ['in one direction', { at: 'asc' }, 15_000],
    ['in the other direction', { at: 'desc' }, 15_000],
    ['among many equal values', { kind: 'asc' }, 15_500],
    ['among many equal values, descending', { kind: 'desc' }, 15_500],
    ['by the key alone', {}, 15_000],
    ['in mixed directions', { at: 'desc', kind: 'asc' }, 15_000],
    ['of an optional field, ascending among its values', { rank: 'asc' }, 15_000],
    ['of an optional field, ascending among its nulls', { rank: 'asc' }, 5_000],
    ['of an optional field, ascending at the end of its nulls', { rank: 'asc' }, 6_665],
    ['of an optional field, descending among its values', { rank: 'desc' }, 10_000],
    ['of an optional field, descending at the end of its values', { rank: 'desc' }, 13_330],
    ['of an optional field, descending among its nulls', { rank: 'desc' }, 15_000],
  ])('%s reads a range of an index', async (_name, orderBy, depth) => {
    for (const way of ['after', 'before'] as const) {
      for (const mode of ['custom', 'generic'] as const) {
        const { sql, plan, blocks } = await costOf(orderBy, depth, way, mode);
        expect(plan, sql).not.toContain('Seq Scan');
        expect(blocks, `${way}, ${mode}: ${sql}\n${plan}`).toBeLessThan(60);
      }
    }
  });

  it('reads as much at any depth', async () => {
    const near = await costOf({ at: 'asc' }, 100, 'after', 'custom');
    const far = await costOf({ at: 'asc' }, 19_000, 'after', 'custom');
    expect(Math.abs(near.blocks - far.blocks)).toBeLessThan(10);
  });
});

describe('a count that need not be exact', () => {
  it('is looked up in the statistics where there is no filter', async () => {
    const page = await entries.paginate({}, { deleted: 'with', count: 'estimated' });
    expect(page).toMatchObject({ total: ROWS, totalIsExact: false, pages: ROWS / 20 });
    expect(compile(last!).text).toContain('reltuples');
  });

  it('ends at 10,000 rows where there is one', async () => {
    const page = await entries.paginate({}, { count: 'estimated' });
    expect(page).toMatchObject({ total: 10_000, totalIsExact: false });
    expect(compile(last!).values).toContain('10001');
  });
});
