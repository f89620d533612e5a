import { describe, expect, inject, it } from 'vitest';
import { entity, gte, index, integer, PostgresRepository, Repository, text } from '../../src/index.js';
import type { Command, FindCommand } from '../../src/query/command.js';
import { noting } from '../../src/testing/repository-contract/noting.js';
import { postgresDatabase } from '../setup/databases.js';
import { compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });
const Sale = entity(
  'sales',
  { id: integer().primaryKey(), city: text().max(20), amount: integer() },
  { indexes: [index('city', 'id')] },
);
await database.ensureSchema([Sale]);
await database.query("insert into sales select i, 'city ' || i % 500, i from generate_series(1, 20000) i");
await database.query('analyze sales');
const sales = new PostgresRepository(database, Sale);

describe('explain', () => {
  it('tells the plan of exactly what `find` sends, and runs nothing', async () => {
    let found: Command | undefined;
    const watched = new Repository(
      noting(database, (command) => {
        found = command;
      }),
      Sale,
    );
    const where = { city: 'city 7', amount: gte(5) };
    const options = { orderBy: { id: 'desc' }, limit: 3, select: ['amount'] } as const;
    await watched.find(where, options);
    const { sql, plan, text: lines, executionTime } = await sales.explain(where, options);
    expect(sql).toBe(compile(found as FindCommand).text);
    expect(plan['Node Type']).toBe('Limit');
    expect(plan).not.toHaveProperty('Actual Rows');
    expect(executionTime).toBeNull();
    expect(lines).toContain('sales_city_id_idx on sales');
    expect(lines).not.toMatch(/Seq Scan|Sort/);
  });

  it('with `analyze` runs it, and says what it found', async () => {
    const { plan, text: lines, executionTime } = await sales.explain({ city: 'city 7' }, { analyze: true });
    expect(plan['Actual Rows']).toBe(40);
    expect(lines).toContain(', 40 found');
    expect(executionTime).toBeGreaterThan(0);
  });

  it.skipIf(!inject('postgresReal'))(
    'with `analyze` writes nothing, whatever the read calls, and leaves the connection as it was',
    async () => {
      const single = openedAt(url, { max: 1 });
      await single.query('create table log (n int)');
      await single.query(
        "create function noted() returns int language sql as 'insert into log values (1) returning n'",
      );
      await single.query('create view noisy as select 1::int8 as id, noted() as n');
      const noisy = new PostgresRepository(single, entity('noisy', { id: integer().primaryKey(), n: integer() }));
      await expect(noisy.explain({}, { analyze: true })).rejects.toMatchObject({ serverCode: '25006' });
      expect((await noisy.explain()).plan['Node Type']).toBeDefined();
      expect(await single.query('select count(*) as n from log')).toEqual([{ n: 0 }]);
      await single.query('insert into log values (2)');
    },
  );

  it('in a transaction sees what that wrote, and with a lock takes it', async () => {
    await database.transaction(async () => {
      await sales.insert({ id: 0, city: 'new', amount: 1 });
      const { plan } = await sales.explain({ city: 'new' }, { analyze: true, lock: 'update', skipLocked: true });
      expect(plan).toMatchObject({ 'Node Type': 'LockRows', 'Actual Rows': 1 });
      await sales.delete(0);
    });
    await expect(sales.explain({}, { lock: 'update' })).rejects.toMatchObject({ issues: [{ path: 'lock' }] });
  });

  it('refuses what `find` refuses', async () => {
    await expect(sales.explain({ cty: 'x' } as object)).rejects.toMatchObject({ issues: [{ path: 'cty' }] });
    await expect(sales.explain({}, { limt: 3 } as object)).rejects.toMatchObject({ issues: [{ path: 'limt' }] });
    await expect(sales.explain({}, { analyze: 1 } as object)).rejects.toMatchObject({ issues: [{ path: 'analyze' }] });
  });
});
