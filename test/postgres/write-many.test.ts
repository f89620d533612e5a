import { beforeAll, expect, inject, it } from 'vitest';
import { entity, integer, Repository, text } from '../../src/index.js';
import type { Command } from '../../src/query/command.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { postgresDatabase } from '../setup/databases.js';
import { compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url);
const single = openedAt(url, { max: 1 });

const ROWS = 20_000;
const Part = entity('parts', { id: integer().primaryKey(), code: text().max(20).unique(), n: integer().default(0) });
let last: Command | undefined;
const parts = new Repository(
  noting(database, (command) => {
    last = command;
  }),
  Part,
);

beforeAll(async () => {
  await parts.ensureSchema();
  await parts.insertMany(Array.from({ length: ROWS }, (_, i) => ({ id: i, code: `c${i}` })));
  await database.query('analyze parts');
});

// PGlite keeps statements in a namespace of its own.
it.skipIf(!inject('postgresReal'))('an update of each finds its rows by the index of the key', async () => {
  await parts.updateEach([1, 500, 19_000].map((id) => ({ id, n: id })));
  const { text: sql, values } = compile(last!);
  const given = values.map((value) => `'${String(value)}'`).join(', ');
  await single.query(`prepare each as ${sql}`);
  for (const mode of ['custom', 'generic']) {
    await single.query(`set plan_cache_mode = force_${mode}_plan`);
    const [row] = await single.query<{ 'QUERY PLAN': readonly unknown[] }>(
      `explain (format json) execute each(${given})`,
    );
    const plan = JSON.stringify(row!['QUERY PLAN']);
    expect(plan).toContain('Index Scan');
    expect(plan).not.toContain('Seq Scan');
  }
});

it('two calls that upsert the same rows in opposite orders do not block each other for ever', async () => {
  const drafts = Array.from({ length: 2_000 }, (_, i) => ({ id: i, code: `c${i}`, n: 1 }));
  const backwards = [...drafts].reverse();
  const counts = await Promise.all(
    [drafts, backwards, drafts, backwards].map((each) => parts.upsertMany(each, { on: 'code' })),
  );
  expect(counts.every(({ matched }) => matched === 2_000)).toBe(true);
});
