import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  bigint,
  binary,
  date,
  decimal,
  entity,
  index,
  integer,
  list,
  object,
  Repository,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { alterSchema } from '../../../src/migrate/diff/alter-schema.js';
import { diffSchema } from '../../../src/migrate/diff/diff-schema.js';
import { openedAt } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { FITS } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 2 });

const id = uuid().primaryKey();

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('alterSchema()', () => {
  it('makes what is missing and alters what loses nothing, and the second time nothing', async () => {
    const Parent = entity('a_parents', { id });
    const New = entity(
      'a_things',
      {
        id,
        name: text().max(20).unique(),
        note: text().optional(),
        age: integer().min(0).optional(),
        parentId: uuid().optional().references('a_parents'),
      },
      { indexes: [index({ age: 'desc' })], search: { name: 'A' } },
    );
    await database.query(
      'create table a_things (id uuid primary key, name varchar(5), note text collate "C" not null)',
    );
    await database.query("insert into a_things values (gen_random_uuid(), 'a', '')");
    const report = await alterSchema(database, [Parent, New]);
    expect(report.drift).toEqual([]);
    expect(report.changed).toEqual([
      'create table a_parents',
      'alter column a_things.name',
      'alter column a_things.note',
      'create column a_things.age',
      'create column a_things.parent_id',
      expect.stringMatching(/^create column a_things\.~search_/),
      'alter column a_things.name',
      'create check a_things_name_check',
      'create check a_things_age_check',
      'create index a_things_name_key',
      'create index a_things_age_idx',
      expect.stringMatching(/^create index a_things_search_/),
      'create foreign key a_things_parent_id_fkey',
    ]);
    expect(await diffSchema(database, [Parent, New])).toEqual({ ...FITS, foreign: [] });
    expect(await database.ensureSchema([Parent, New])).toEqual({ created: [], drift: [] });
    expect(await alterSchema(database, [Parent, New])).toEqual({ changed: [], drift: [] });
  });

  it('gives the rows that are there the default of a new column, as a draft would get it', async () => {
    const Full = entity('a_filled', {
      id,
      note: text().default("it's \\ a 'note'"),
      tags: list(text()).default(['a, "b"', '\\']),
      size: object({ w: integer(), at: text().optional() }).default({ w: 1, at: null }),
      bytes: binary().default(new Uint8Array([0, 255])),
      price: decimal(6, 2).default('1.50'),
      since: timestamp().default(new Date('2026-01-31T12:00:00.123Z')),
      day: date().default('2026-01-31'),
      big: bigint().default(9_007_199_254_740_993n),
    });
    await database.query('create table a_filled (id uuid primary key)');
    await database.query('insert into a_filled values (gen_random_uuid())');
    expect((await alterSchema(database, [Full])).drift).toEqual([]);
    const rows = new Repository(database, Full);
    const { id: _, ...old } = (await rows.findOne({}))!;
    const { id: __, ...fresh } = await rows.insert({});
    expect(old).toEqual(fresh);
    expect(
      await database.query(
        "select 1 from information_schema.columns where table_name = 'a_filled' and column_default is not null",
      ),
    ).toEqual([]);
  });

  it('leaves alone what loses values, breaks programs or does not fit the rows, and says so', async () => {
    const Odd = entity('a_odd', { id, size: integer(), name: text().max(3), must: text() });
    await database.query(
      'create table a_odd (id uuid primary key, size numeric(10,2) not null, name text collate "C" not null)',
    );
    await database.query("insert into a_odd values (gen_random_uuid(), 1.5, 'long name')");
    const { changed, drift } = await alterSchema(database, [Odd]);
    expect(changed).toEqual(['create column a_odd.must', 'create check a_odd_size_check']);
    expect(drift).toEqual([
      expect.stringMatching(/^Column a_odd\.size was left alone: .*rounded/),
      expect.stringMatching(
        /^Column a_odd\.must was left alone: the server refused it\. It fails while a row has no must/,
      ),
      expect.stringMatching(/^Check a_odd_name_check was left alone: the server refused it/),
    ]);
    expect(await database.query('select size, name from a_odd')).toEqual([{ size: '1.5', name: 'long name' }]);
  });

  it('tells what may be a rename', async () => {
    await database.query('create table a_named (id uuid primary key, old text collate "C")');
    const Named = entity('a_named', { id, fresh: text().optional() });
    expect(await alterSchema(database, [Named])).toEqual({
      changed: ['create column a_named.fresh'],
      drift: ['a_named.old may be a_named.fresh under its earlier name: a migration can rename it.'],
    });
  });

  it('refuses options that there are not', async () => {
    await expect(alterSchema(database, [], { drop: true } as never)).rejects.toThrow('Unknown option `drop`');
  });

  it('refuses to work in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(alterSchema(database, [entity('never', { id })])).rejects.toThrow(
      /^alterSchema\(\) is for development/,
    );
    vi.unstubAllEnvs();
    expect(await database.query("select to_regclass('never') as oid")).toEqual([{ oid: null }]);
  });
});
