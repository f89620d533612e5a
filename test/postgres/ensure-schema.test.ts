import { describe, expect, inject, it } from 'vitest';
import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  geoPoint,
  index,
  integer,
  isNull,
  json,
  list,
  object,
  Repository,
  real,
  serial,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from '../../src/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 4 });

const NOTHING = { created: [], drift: [] };

const Author = entity('lib.authors', { id: uuid().primaryKey(), name: text().max(50).unique(), ...softDelete() });
const Book = entity(
  'lib.books',
  {
    id: serial().primaryKey(),
    authorId: uuid().references('lib.authors', { onDelete: 'cascade' }),
    title: text().min(1).max(200),
    kind: enumOf('novel', 'poems').default('novel'),
    pages: integer().min(1).optional(),
    weight: real().min(0).max(100).optional(),
    copies: bigint().min(0n).optional(),
    price: decimal(10, 2).min('0').optional(),
    out: timestamp().min(new Date(0)).optional(),
    day: date().optional(),
    cover: binary().optional(),
    place: geoPoint().optional(),
    data: json().optional(),
    tags: list(text().max(20)).max(10).default([]),
    scores: list(integer()).default([]),
    parts: list(object({ n: integer(), title: text() })).default([]),
    inPrint: boolean().default(true),
    o: object({
      innerCount: integer().min(2).optional(),
      name: text().max(9).optional(),
      at: timestamp().max(new Date('2100-01-01')).optional(),
      price: decimal(5, 2).optional(),
      kind: enumOf('a', 'b').optional(),
      tags: list(text().max(20)).max(3).optional(),
      place: geoPoint().optional(),
    }).optional(),
    ...timestamps(),
    ...versioned(),
  },
  {
    unique: [['authorId', 'title']],
    indexes: [
      index('pages', 'inPrint'),
      index({ createdAt: 'desc' }),
      index('o.innerCount'),
      index('tags'),
      index('o.tags'),
      index.geo('place'),
      index.geo('o.place'),
      index.ttl('out', '1d'),
      index('kind').where({ inPrint: true, pages: isNull() }).named('books_special'),
    ],
    search: { title: 'A', 'o.name': 'B' },
  },
);

describe('ensureSchema', () => {
  it('makes everything, and the second time nothing', async () => {
    const report = await database.ensureSchema([Book, Author]);
    expect(report.drift).toEqual([]);
    expect(report.created.slice(0, 2)).toEqual(['schema lib', 'table lib.books']);
    expect(report.created).toContain('index authors_name_key');
    expect(report.created).toContain('foreign key books_author_id_fkey');
    expect(await database.ensureSchema([Book, Author])).toEqual(NOTHING);
    expect(await database.ensureSchema([Author])).toEqual(NOTHING);
  });

  it('gives the columns their types', async () => {
    const columns = await database.query<{ name: string; type: string }>(
      `select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = 'lib.books'::regclass and attnum > 0 order by attnum`,
    );
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toMatchObject({
      id: 'bigint',
      author_id: 'uuid',
      title: 'text',
      kind: 'text',
      pages: 'bigint',
      weight: 'double precision',
      copies: 'bigint',
      price: 'numeric(10,2)',
      out: 'timestamp(3) with time zone',
      day: 'date',
      cover: 'bytea',
      place: 'jsonb',
      data: 'jsonb',
      tags: 'text[]',
      scores: 'bigint[]',
      parts: 'jsonb',
      in_print: 'boolean',
      o: 'jsonb',
      version: 'bigint',
    });
  });

  it('its checks hold against statements of others', async () => {
    const author = await new Repository(database, Author).insert({ name: 'Ann' });
    const books = new Repository(database, Book);
    const book = await books.insert({ authorId: author.id, title: 'One', o: { innerCount: 2 } });
    expect(book.id).toBe(1);
    const wrong = [
      ["kind = 'prose'", 'books_kind_check'],
      ["title = ''", 'books_title_check'],
      ['pages = 0', 'books_pages_check'],
      ['pages = 9007199254740992', 'books_pages_check'],
      ['weight = 100.5', 'books_weight_check'],
      ['copies = -1', 'books_copies_check'],
      ['price = -0.01', 'books_price_check'],
      ["out = '1969-12-31 23:59:59Z'", 'books_out_check'],
      ["tags = array_fill('a'::text, array[11])", 'books_tags_check'],
      [`o = '{"innerCount": 1}'`, 'books_o_inner_count_check'],
      [`o = '{"name": "0123456789"}'`, 'books_o_name_check'],
      [`o = '{"at": "2100-01-01T00:00:00.001Z"}'`, 'books_o_at_check'],
      [`o = '{"price": "1000"}'`, 'books_o_price_check'],
      [`o = '{"kind": "c"}'`, 'books_o_kind_check'],
      [`o = '{"tags": ["a","b","c","d"]}'`, 'books_o_tags_check'],
    ];
    for (const [set, constraint] of wrong) {
      await expect(database.query(`update lib.books set ${set}`), set).rejects.toMatchObject({ constraint });
    }
    await database.query(
      `update lib.books set o = '{"at": "2099-12-31T23:59:59.999Z", "price": "999.99", "tags": null}', pages = null`,
    );
    expect(await books.count()).toBe(1);
  });

  it('many at once, from several connections, make it once', async () => {
    const Fresh = entity('fresh_things', { id: uuid().primaryKey(), name: text().max(9).unique() });
    const other = openedAt(url, { max: 4 });
    const reports = await Promise.all([database, other, database, other].map((each) => each.ensureSchema([Fresh])));
    expect(reports.flatMap((report) => report.created).sort()).toEqual([
      'index fresh_things_name_key',
      'table fresh_things',
    ]);
    expect(reports.flatMap((report) => report.drift)).toEqual([]);
  });

  it('adds missing columns, checks and indexes to a table that is there, and keeps its rows', async () => {
    await database.query('create table grown (id uuid primary key, name text collate "C" not null)');
    await database.query("insert into grown values (gen_random_uuid(), 'a'), (gen_random_uuid(), 'a')");
    const Grown = entity('grown', {
      id: uuid().primaryKey(),
      name: text().max(10).unique(),
      size: integer().min(0).optional(),
      must: text(),
    });
    const report = await database.ensureSchema([Grown]);
    expect(report.created).toEqual([
      'column grown.size',
      'column grown.must',
      'check grown_name_check',
      'check grown_size_check',
    ]);
    expect(report.drift).toHaveLength(2);
    expect(report.drift[0]).toContain('Column grown.must allows null');
    expect(report.drift[1]).toContain('Index grown_name_key could not be made: rows that are there break it');
    expect(await database.query('select name from grown')).toHaveLength(2);
    await database.query("update grown set must = '', name = id::text where false");
    await database.query('delete from grown where ctid = (select min(ctid) from grown)');
    expect((await database.ensureSchema([Grown])).created).toEqual(['index grown_name_key']);
  });

  it('tells what differs, in a sentence each, and leaves it alone', async () => {
    await database.query(`create table drifted (key int4 primary key, name varchar(10), note text, stranger text not null, filled text not null default '',
      constraint drifted_score_check check (score < 5), score int8)`);
    const Drifted = entity('drifted', {
      id: integer().primaryKey().column('key'),
      name: text().max(10),
      note: text().optional(),
      score: integer().min(0).max(9).optional(),
    });
    const { created, drift } = await database.ensureSchema([Drifted]);
    expect(created).toEqual([]);
    expect(drift).toEqual([
      'Column drifted.key is `integer`, the entity wants `bigint`.',
      'Column drifted.name is `character varying(10)`, the entity wants `text`.',
      expect.stringContaining('Column drifted.name allows null, the entity does not'),
      expect.stringContaining('Column drifted.note does not have `collate "C"`'),
      expect.stringContaining('Column drifted.stranger refuses null and has no default'),
      expect.stringMatching(
        /^Check drifted_score_check of drifted is `CHECK .*5.*`, the entity wants `CHECK .*9.*`\.$/,
      ),
    ]);
    expect(await database.ensureSchema([Drifted])).toEqual({ created, drift });
  });

  it('knows a unique index of another name, and another primary key', async () => {
    await database.query('create table named (a int8 primary key, id uuid not null, name text collate "C" not null)');
    await database.query('create unique index odd on named (name)');
    const Named = entity('named', { id: uuid().primaryKey(), a: integer(), name: text().max(9).unique() });
    const { created, drift } = await database.ensureSchema([Named]);
    expect(created).toEqual(['check named_a_check', 'check named_name_check']);
    expect(drift).toEqual(['The primary key of named is (a), the entity wants (id).']);
  });

  it('tells of a reference whose table does not exist, and makes it when it does', async () => {
    const Child = entity('children', { id: uuid().primaryKey(), parentId: uuid().references('parents') });
    const Parent = entity('parents', { id: uuid().primaryKey(), name: text() });
    const first = await database.ensureSchema([Child]);
    expect(first.created).toEqual(['table children']);
    expect(first.drift).toEqual([expect.stringContaining('the table parents does not exist')]);
    expect((await database.ensureSchema([Child, Parent])).created).toEqual([
      'table parents',
      'foreign key children_parent_id_fkey',
    ]);
    expect(await database.ensureSchema([Parent, Child])).toEqual(NOTHING);
  });

  it.skipIf(!inject('postgresReal'))('leaves nothing half made when it fails', async () => {
    await database.query("create type taken as enum ('a')");
    const Good = entity('good_things', { id: uuid().primaryKey() });
    const Bad = entity('taken', { id: uuid().primaryKey() });
    await expect(database.ensureSchema([Good, Bad])).rejects.toThrow();
    expect(await database.query("select to_regclass('good_things') as oid")).toEqual([{ oid: null }]);
  });
});
