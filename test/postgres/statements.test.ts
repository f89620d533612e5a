import { describe, expect, inject, it } from 'vitest';
import { entity, integer, Repository, text, uuid } from '../../src/index.js';
import { MAX_STATEMENTS } from '../../src/postgres/session.js';
import { postgresDatabase } from '../setup/databases.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const one = () => openedAt(url, { max: 1 });

const COUNT = "select count(*)::int4 as n from pg_prepared_statements where name like 'p%' or name like 'trivet%'";

describe.skipIf(!inject('postgresReal'))('prepared statements', () => {
  it('are prepared once per connection', async () => {
    const database = one();
    const Item = entity('items', { id: uuid().primaryKey(), n: integer() });
    await database.ensureSchema([Item]);
    const items = new Repository(database, Item);
    for (let i = 0; i < 5; i++) await items.find({ n: i });
    expect(await database.query(`${COUNT} and from_sql = false`)).toEqual([{ n: 1 }]);
  });

  it('are bounded: the least recently used is forgotten, and comes back when it is needed', async () => {
    const database = one();
    const run = (i: number) => database.prepared(`p${i}`, `select ${i}::int4 as n`);
    for (let i = 0; i < MAX_STATEMENTS + 20; i++) {
      expect(await run(i)).toEqual([{ n: i }]);
      await run(0);
    }
    expect(await database.query(COUNT)).toEqual([{ n: MAX_STATEMENTS }]);
    const names = await database.query<{ name: string }>(
      "select name from pg_prepared_statements where name in ('p0', 'p1')",
    );
    expect(names).toEqual([{ name: 'p0' }]);
    expect(await run(1)).toEqual([{ n: 1 }]);
    expect(await database.query(COUNT)).toEqual([{ n: MAX_STATEMENTS }]);
  });

  it('of one name and another text run the new text', async () => {
    const database = one();
    expect(await database.prepared('p_same', 'select 1 as a')).toEqual([{ a: 1 }]);
    expect(await database.prepared('p_same', 'select 2 as b')).toEqual([{ b: 2 }]);
    expect(await database.prepared('p_same', 'select 1 as a')).toEqual([{ a: 1 }]);
  });

  it('survive a column that changes its type', async () => {
    const database = one();
    await database.query('create table changing (id uuid primary key, n int4)');
    const Changing = entity('changing', { id: uuid().primaryKey(), n: integer() });
    const rows = new Repository(database, Changing);
    await rows.insert({ n: 1 });
    expect(await rows.find({ n: 1 })).toHaveLength(1);
    await database.query('alter table changing alter column n type numeric');
    const [row] = await rows.find({ n: 1 });
    expect(row!.n).toBe(1);
    expect(await rows.count({ n: 1 })).toBe(1);
  });

  it('survive being dropped by somebody else', async () => {
    const database = one();
    expect(await database.prepared('p_gone', 'select $1::int4 as n', [1])).toEqual([{ n: 1 }]);
    await database.query('deallocate all');
    expect(await database.prepared('p_gone', 'select $1::int4 as n', [2])).toEqual([{ n: 2 }]);
  });

  it('that fail do so again and again, and disturb nothing', async () => {
    const database = one();
    for (let i = 0; i < 3; i++) {
      await expect(database.prepared('p_zero', 'select 1 / $1::int4 as n', [0])).rejects.toMatchObject({
        serverCode: '22012',
      });
      await expect(database.prepared('p_wrong', 'selec 1')).rejects.toMatchObject({ serverCode: '42601' });
      expect(await database.prepared('p_zero', 'select 1 / $1::int4 as n', [1])).toEqual([{ n: 1 }]);
    }
  });

  it('are not used with `prepare: false`', async () => {
    const database = openedAt(url, { max: 1, prepare: false });
    const Loose = entity('loose', { id: uuid().primaryKey(), name: text() });
    await database.ensureSchema([Loose]);
    const rows = new Repository(database, Loose);
    await rows.insert({ name: 'a' });
    expect(await rows.find({ name: 'a' })).toHaveLength(1);
    expect(await database.prepared('p_none', 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(await database.query('select name from pg_prepared_statements')).toEqual([]);
  });
});
