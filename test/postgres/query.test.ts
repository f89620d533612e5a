import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  gte,
  increment,
  integer,
  json,
  object,
  or,
  PostgresRepository,
  Repository,
  real,
  SchemaError,
  serial,
  text,
  timestamp,
  uuid,
} from '../../src/index.js';
import { sql } from '../../src/postgres/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from '../setup/outcomes.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });

describe('a statement of the caller', () => {
  it('gives rows read by their types', async () => {
    const [row] =
      await database.query(`select 5::int8 as small, 9007199254740993::int8 as big, 1.50::numeric as price, true as yes,
      '2026-01-02 03:04:05.678+00'::timestamptz as at, '2026-01-02'::date as day, '\\x01ff'::bytea as bytes, '{"a":[1]}'::jsonb as data,
      array[1,2]::int8[] as list, array['a',null] as words, null as nothing`);
    expect(row).toEqual({
      small: 5,
      big: 9007199254740993n,
      price: '1.5',
      yes: true,
      at: new Date('2026-01-02T03:04:05.678Z'),
      day: '2026-01-02',
      bytes: new Uint8Array([1, 255]),
      data: { a: [1] },
      list: [1, 2],
      words: ['a', null],
      nothing: null,
    });
  });

  it('takes parameters of every kind', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const values = ['a', 1.5, 2n, true, null, at, new Uint8Array([1, 255]), { a: 1 }, [1, 2], ['x', null]];
    const rows = await database.query(
      'select $1::text a, $2::float8 b, $3::int8 c, $4::bool d, $5::text e, $6::timestamptz f, $7::bytea g, $8::jsonb h, $9::int4[] i, $10::text[] j',
      values,
    );
    expect(rows).toEqual([
      {
        a: 'a',
        b: 1.5,
        c: 2,
        d: true,
        e: null,
        f: at,
        g: new Uint8Array([1, 255]),
        h: { a: 1 },
        i: [1, 2],
        j: ['x', null],
      },
    ]);
  });

  it('with a parameter that has no meaning is refused before it is sent', async () => {
    await expect(database.query('select $1', [undefined])).rejects.toThrow(TypeError);
  });

  it('with more values than the protocol can count is refused before it is sent, and its connection stays', async () => {
    const one = openedAt(url, { max: 1 });
    const [before] = await one.query('select pg_backend_pid() as pid');
    const Word = entity('words', { id: integer().primaryKey(), word: text() });
    const words = new PostgresRepository(one, Word);
    await words.ensureSchema();
    const wanted = Array.from({ length: 65_536 }, (_, i) => ({ word: `w${i}` }));
    const message = 'PostgreSQL takes at most 65535 values in a statement, and this one has 65536';
    const refused = { name: 'QueryError', outcome: 'not-executed', retryable: false };
    const failures = [
      await caught(words.count(or(...wanted))),
      await caught(words.stream(or(...wanted)).next()),
      await caught(one.transaction(() => words.stream(or(...wanted)).next())),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject(refused);
      expect((failure as Error).message).toContain(message);
    }
    const most = Array.from({ length: 65_535 }, (_, i) => i);
    const greatest = `select greatest(${most.map((i) => `$${i + 1}::int4`).join()}) as n`;
    expect(await one.query(greatest, most)).toEqual([{ n: 65_534 }]);
    expect(await one.query('select pg_backend_pid() as pid')).toEqual([before]);
  });

  it('of several statements is refused', async () => {
    await expect(database.query('select 1; select 2')).rejects.toMatchObject({ serverCode: '42601' });
  });

  it('that gives no rows gives none', async () => {
    expect(await database.query('create table if not exists nothing (n int)')).toEqual([]);
    expect(await database.query('')).toEqual([]);
  });

  it('in the session of another time zone gives the same times', async () => {
    const zoned = openedAt(`${url}?options=${encodeURIComponent('-c TimeZone=America/St_Johns')}`, { max: 1 });
    const at = new Date('2026-07-02T03:04:05.678Z');
    expect(await zoned.query('select $1::timestamptz as at', [at])).toEqual([{ at }]);
  });
});

describe('the tag sql', () => {
  const Sale = entity('shop.sales', { id: uuid().primaryKey(), city: text().max(50), amount: integer() });
  class Sales extends PostgresRepository<typeof Sale> {
    perCity(least: number) {
      return this.sql<{ city: string; total: number }>`
        select city, sum(amount) as total from ${Sale} where ${sql`amount >= ${least}`} group by city order by total desc`;
    }
  }

  it('runs on the repository, with entities, values and fragments', async () => {
    await database.ensureSchema([Sale]);
    const sales = new Sales(database, Sale);
    await sales.insertMany([
      { city: 'Ulm', amount: 5 },
      { city: 'Bonn', amount: 7 },
      { city: 'Ulm', amount: 6 },
      { city: 'Ulm', amount: 1 },
    ]);
    expect(await sales.perCity(2)).toEqual([
      { city: 'Ulm', total: '11' },
      { city: 'Bonn', total: '7' },
    ]);
    expect(await database.query(sql`select count(*) as n from ${Sale}`)).toEqual([{ n: 4 }]);
  });

  it('names fields by their paths', async () => {
    const Guest = entity('shop.guests', {
      id: integer().primaryKey(),
      firstSeen: integer().column('since'),
      home: object({ city: text() }),
    });
    await database.ensureSchema([Guest]);
    await new PostgresRepository(database, Guest).insert({ id: 1, firstSeen: 5, home: { city: 'Ulm' } });
    const city = sql.column(Guest, 'home.city', 'g');
    const seen = sql.column(Guest, 'firstSeen', 'g');
    const rows = sql`select ${city} as city, ${seen} as seen from ${Guest} g where ${city} = ${'Ulm'}`;
    expect(await database.query(rows)).toEqual([{ city: 'Ulm', seen: 5 }]);
  });

  it('never takes a value for SQL', async () => {
    const evil = "x'); drop table shop.sales; --";
    expect(await database.query(sql`select ${evil}::text as v`)).toEqual([{ v: evil }]);
  });
});

describe('a table that was there before', () => {
  const Legacy = entity(
    'legacy',
    {
      id: serial().primaryKey(),
      label: text().max(20),
      code: text().max(5).optional(),
      small: integer(),
      half: real().optional(),
      exact: real().optional(),
      price: decimal().optional(),
      wide: bigint().optional(),
      yes: boolean().optional(),
      at: timestamp().optional(),
      day: date().optional(),
      data: json().optional(),
    },
    { collation: 'column' },
  );

  it('is read and written with types of its own', async () => {
    await database.query(
      `create table legacy (id serial primary key, label varchar(20) not null, code char(5), small int2 not null, half float4,
      exact numeric(10,4), price numeric(12,2), wide numeric, yes boolean, at timestamp, day date, data json)`,
    );
    const rows = new Repository(database, Legacy);
    const stored = await rows.insert({
      label: 'a',
      code: 'xyzzy',
      small: 7,
      half: 0.5,
      exact: 1.25,
      price: '3.10',
      wide: 9007199254740993n,
      yes: false,
      at: new Date('2026-01-02T03:04:05.678Z'),
      day: '2026-01-02',
      data: { b: 1 },
    });
    expect(stored).toEqual({
      id: 1,
      label: 'a',
      code: 'xyzzy',
      small: 7,
      half: 0.5,
      exact: 1.25,
      price: '3.1',
      wide: 9007199254740993n,
      yes: false,
      at: new Date('2026-01-02T03:04:05.678Z'),
      day: '2026-01-02',
      data: { b: 1 },
    });
    expect(await rows.find({ small: gte(7), label: 'a', wide: 9007199254740993n, at: stored.at })).toEqual([stored]);
    expect((await rows.update(1, { small: increment(1), exact: increment(0.5) })).exact).toBe(1.75);
    const more = await rows.insertMany([
      { label: 'b', small: 1 },
      { label: 'c', small: 2 },
    ]);
    expect(more.map(({ id, label }) => [id, label])).toEqual([
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('that refuses a value of another size says so', async () => {
    await expect(new Repository(database, Legacy).insert({ label: 'x', small: 70_000 })).rejects.toMatchObject({
      code: 'CONSTRAINT',
    });
  });

  it('rows that others wrote into jsonb are read as far as they fit', async () => {
    await database.query('create table foreign_json (id int8 primary key, o jsonb)');
    await database.query(
      `insert into foreign_json values (1, '{"x": null, "extra": 1}'), (2, 'null'), (3, '{"p": null, "x": 5}'), (4, null)`,
    );
    const Foreign = entity('foreign_json', {
      id: integer().primaryKey(),
      o: object({ x: integer().optional(), p: object({ q: integer().optional() }).optional() }).optional(),
    });
    const rows = new Repository(database, Foreign);
    expect((await rows.find({}, { orderBy: { id: 'asc' } })).map((row) => row.o)).toEqual([
      { x: null, p: null },
      null,
      { x: 5, p: null },
      null,
    ]);
    expect(await rows.count({ 'o.x': null })).toBe(3);
    expect((await rows.update(3, { 'o.p.q': 1 })).o).toEqual({ x: 5, p: { q: 1 } });
    expect((await rows.update(2, { 'o.x': increment(2) })).o).toEqual({ x: 2, p: null });
    expect((await rows.update(4, { 'o.x': null })).o).toBeNull();
  });

  it('rows that others wrote, and that no field can hold, are a SchemaError that names the field and no value', async () => {
    await database.query('create table strange_json (id int8 primary key, n numeric, o jsonb)');
    const Strange = entity('strange_json', {
      id: integer().primaryKey(),
      n: bigint().optional(),
      o: object({
        n: integer().optional(),
        big: bigint().optional(),
        d: decimal().optional(),
        at: timestamp().optional(),
        b: binary().optional(),
      }).optional(),
    });
    const rows = new Repository(database, Strange);
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    const strange = ['{"toString": 5}', '{"valueOf": 5, "secret": 1}', '["secret"]', deep];
    const written: [string, string][] = [
      ...['n', 'big', 'd', 'at', 'b'].flatMap((name) =>
        strange.map((json): [string, string] => [`o.${name}`, `{"${name}": ${json}}`]),
      ),
      ['o.big', '{"big": "secret"}'],
      ['o.b', '{"b": 5}'],
    ];
    for (const [path, json] of written) {
      await database.query('delete from strange_json');
      await database.query('insert into strange_json values (1, null, $1::jsonb)', [json]);
      const error = await caught(rows.find());
      expect(error).toBeInstanceOf(SchemaError);
      expect(error.message).toContain(`\`${path}\` holds`);
      expect(inspect(error)).not.toContain('secret');
    }
    await database.query('update strange_json set o = null, n = 12345.5');
    const error = await caught(rows.find());
    expect(error).toBeInstanceOf(SchemaError);
    expect(inspect(error)).not.toContain('12345');
  });

  it('a JSON value of any depth that others wrote is read, without a `__proto__`', async () => {
    const text = `${'['.repeat(4_000)}{"__proto__": {"a": 1}, "b": 2}${']'.repeat(4_000)}`;
    const [row] = await database.query<{ v: unknown }>('select $1::json as v', [text]);
    let inner = row!.v;
    while (Array.isArray(inner)) inner = inner[0];
    expect(Object.getOwnPropertyNames(inner)).toEqual(['b']);
  });
});
