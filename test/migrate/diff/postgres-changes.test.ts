import { describe, expect, it } from 'vitest';
import {
  type AnyEntity,
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
  json,
  list,
  object,
  real,
  serial,
  softDelete,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { diffSchema } from '../../../src/migrate/diff/diff-schema.js';
import type { DiffOptions } from '../../../src/migrate/diff/types.js';
import { openedAt } from '../../postgres/kit.js';
import { postgresDatabase } from '../../setup/databases.js';
import { differs, down, FITS, risks, up, whats } from './kit.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 4 });

const id = uuid().primaryKey();
const uuids = 'gen_random_uuid()';

interface Case {
  readonly name: string;
  /** Statements that make the table, or its entity. */
  readonly from: AnyEntity | readonly string[];
  readonly rows?: string;
  readonly to: AnyEntity;
  readonly options?: DiffOptions;
  readonly whats: readonly string[];
  readonly risks: readonly string[];
  /** Statements that fill what must not be null, before that. */
  readonly fill?: string;
  /** What is left of the difference when it was undone. */
  readonly left?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a column that may be null',
    from: entity('c_added', { id }),
    rows: `insert into c_added values (${uuids})`,
    to: entity('c_added', { id, age: integer().min(0).optional() }),
    whats: ['create column c_added.age', 'create check c_added_age_check'],
    risks: ['may-fail'],
  },
  {
    name: 'a column that must not be null',
    from: entity('c_must', { id }),
    rows: `insert into c_must values (${uuids})`,
    to: entity('c_must', { id, active: boolean() }),
    fill: 'update c_must set active = true',
    whats: ['create column c_must.active', 'alter column c_must.active'],
    risks: ['may-fail'],
  },
  {
    name: 'columns that must not be null and have a default that is always the same',
    from: entity('c_filled', { id }),
    rows: `insert into c_filled values (${uuids})`,
    to: entity('c_filled', {
      id,
      role: enumOf('user', 'admin').default('user'),
      note: text().trim().default(" it's \\ a note "),
      tags: list(text()).default(['a, "b"']),
      size: object({ w: integer() }).default({ w: 1 }),
      bytes: binary().default(new Uint8Array([0, 255])),
      price: decimal(6, 2).default('1.50'),
    }),
    whats: [
      'create column c_filled.role',
      'create column c_filled.note',
      'create column c_filled.tags',
      'create column c_filled.size',
      'create column c_filled.bytes',
      'create column c_filled.price',
      'create check c_filled_role_check',
      'create check c_filled_size_w_check',
    ],
    risks: ['may-fail'],
  },
  {
    name: 'null that is allowed, and one that is refused',
    from: entity('c_nulls', { id, a: boolean(), b: boolean().optional() }),
    rows: `insert into c_nulls values (${uuids}, true, true)`,
    to: entity('c_nulls', { id, a: boolean().optional(), b: boolean() }),
    whats: ['alter column c_nulls.a', 'alter column c_nulls.b'],
    risks: ['may-fail'],
  },
  {
    name: 'a rule that is another, one that is new and one that is gone',
    from: entity('c_rules', { id, a: text().max(5), b: text(), c: text().max(5) }),
    rows: `insert into c_rules values (${uuids}, 'a', 'b', 'c')`,
    to: entity('c_rules', { id, a: text().max(9), b: text().max(9), c: text() }),
    whats: ['alter check c_rules_a_check', 'create check c_rules_b_check', 'drop check c_rules_c_check'],
    risks: ['may-fail'],
  },
  {
    name: 'a type that the server takes as it is',
    from: ['create table c_free (id uuid primary key, name varchar(10) collate "C" not null, price numeric(10,2))'],
    rows: `insert into c_free values (${uuids}, 'a', 1.5)`,
    to: entity('c_free', { id, name: text().max(20), price: decimal(12, 2).optional() }),
    whats: ['alter column c_free.name', 'alter column c_free.price', 'create check c_free_name_check'],
    risks: ['may-fail'],
  },
  {
    name: 'a collation',
    from: [
      'create table c_collated (id uuid primary key, name text not null)',
      'create index c_collated_name_idx on c_collated (name)',
    ],
    rows: `insert into c_collated values (${uuids}, 'a')`,
    to: entity('c_collated', { id, name: text().max(9) }, { indexes: [index('name')] }),
    whats: ['alter column c_collated.name', 'create check c_collated_name_check'],
    risks: ['blocks', 'may-fail'],
  },
  {
    name: 'types that rewrite the rows, and come back',
    from: entity('c_types', {
      id,
      a: integer().min(0).max(9),
      b: text(),
      c: real(),
      d: timestamp(),
      e: date(),
      f: list(text()),
      g: boolean(),
      h: bigint(),
    }),
    rows: `insert into c_types values (${uuids}, 5, '7', 1.5, now(), '2024-02-29', '{"1","2"}', true, 3)`,
    to: entity('c_types', {
      id,
      a: text().max(9),
      b: integer(),
      c: decimal(10, 2),
      d: date(),
      e: timestamp(),
      f: list(integer()),
      g: text(),
      h: json(),
    }),
    whats: [
      ...'abcdefgh'.split('').map((each) => `alter column c_types.${each}`),
      'alter check c_types_a_check',
      'create check c_types_b_check',
    ],
    risks: ['blocks', 'breaks-readers', 'destroys', 'may-fail'],
  },
  {
    name: 'a type under an index, a partial index and a default',
    from: [
      'create table c_under (id uuid primary key, kind text collate "C" not null default \'1\', n bigint not null check (n between -9007199254740991 and 9007199254740991))',
      'alter table c_under rename constraint c_under_n_check to other',
      'alter table c_under add constraint c_under_n_check check (n between -9007199254740991 and 9007199254740991)',
      'alter table c_under drop constraint other',
      "create index c_under_n_idx on c_under (n) where kind = '1'",
    ],
    rows: `insert into c_under values (${uuids}, '1', 1)`,
    to: entity('c_under', { id, kind: integer(), n: integer() }, { indexes: [index('n').where({ kind: 1 })] }),
    whats: ['alter column c_under.kind', 'create check c_under_kind_check', 'create index c_under_n_idx'],
    risks: ['blocks', 'breaks-readers', 'may-fail'],
  },
  {
    name: 'a number that the server makes',
    from: [
      'create table c_serial (id bigint primary key)',
      'alter table c_serial add constraint c_serial_id_check check (id between -9007199254740991 and 9007199254740991)',
    ],
    rows: 'insert into c_serial values (41)',
    to: entity('c_serial', { id: serial().primaryKey() }),
    whats: ['alter column c_serial.id'],
    risks: [],
  },
  {
    name: 'the type of a serial column, with its sequence',
    from: ['create table c_sequence (id serial primary key)'],
    rows: "select setval('c_sequence_id_seq', 2147483646)",
    to: entity('c_sequence', { id: serial().primaryKey() }),
    fill: 'insert into c_sequence select from generate_series(1, 3)',
    whats: ['alter column c_sequence.id', 'create check c_sequence_id_check'],
    risks: ['blocks', 'may-fail'],
  },
  {
    name: 'a key where there is none, and one of other columns',
    from: [
      'create table c_key (id uuid, n bigint primary key)',
      'alter table c_key add constraint c_key_n_check check (n between -9007199254740991 and 9007199254740991)',
    ],
    rows: `insert into c_key values (${uuids}, 1)`,
    to: entity('c_key', { id, n: integer().optional() }),
    whats: ['alter column c_key.id', 'alter key c_key_pkey', 'alter column c_key.n'],
    risks: ['may-fail'],
  },
  {
    name: 'indexes of every kind',
    from: entity('c_index', {
      id,
      a: text().max(9),
      b: integer(),
      tags: list(text().max(9)),
      o: object({ n: integer() }),
      p: geoPoint(),
    }),
    rows: `insert into c_index values (${uuids}, 'a', 1, '{}', '{"n": 1}', '{"type":"Point","coordinates":[1,2]}')`,
    to: entity(
      'c_index',
      {
        id,
        a: text().max(9).unique(),
        b: integer(),
        tags: list(text().max(9)),
        o: object({ n: integer() }),
        p: geoPoint(),
      },
      {
        unique: [['a', 'b']],
        indexes: [
          index({ b: 'desc' }),
          index('tags'),
          index.geo('p'),
          index('o.n').where({ a: 'x' }).named('c_index_special'),
        ],
        search: { a: 'A' },
      },
    ),
    whats: [
      expect.stringMatching(/^create column c_index\.~search_/) as unknown as string,
      'create index c_index_a_key',
      'create index c_index_a_b_key',
      'create index c_index_b_idx',
      'create index c_index_tags_idx',
      'create index c_index_p_geo_idx',
      'create index c_index_special',
      expect.stringMatching(/^create index c_index_search_/) as unknown as string,
    ],
    risks: ['blocks', 'may-fail'],
  },
  {
    name: 'an index that is another, and a unique constraint that becomes partial',
    from: entity(
      'c_swap',
      { id, a: text().max(9).unique(), b: integer(), deletedAt: timestamp().optional() },
      { indexes: [index('b')] },
    ),
    rows: `insert into c_swap values (${uuids}, 'a', 1)`,
    to: entity(
      'c_swap',
      { id, a: text().max(9).unique(), b: integer(), ...softDelete() },
      { indexes: [index('b', 'a').named('c_swap_b_idx')] },
    ),
    whats: ['alter index c_swap_a_key', 'alter index c_swap_b_idx'],
    risks: ['may-fail'],
  },
  {
    name: 'columns that are gone, with all that was on them',
    from: entity(
      'c_gone',
      { id, a: text().max(9).unique(), b: integer().optional(), c: text().max(9).optional() },
      { indexes: [index('b', 'c')], search: { c: 'A' } },
    ),
    rows: `insert into c_gone values (${uuids}, 'a', 1, 'x')`,
    to: entity('c_gone', { id }),
    options: { drop: true },
    whats: [
      expect.stringMatching(/^drop columns c_gone\.a, c_gone\.b, c_gone\.c, c_gone\.~search_/) as unknown as string,
    ],
    risks: ['breaks-readers', 'destroys'],
    left: ['alter column c_gone.a'],
  },
  {
    name: 'a unique set that is none any more',
    from: entity('c_unique', { id, a: text().max(9).unique() }),
    to: entity('c_unique', { id, a: text().max(9) }),
    options: { drop: true },
    whats: ['drop index c_unique_a_key'],
    risks: [],
  },
  {
    name: 'columns with another name, and whatever is named after them',
    from: entity(
      'c_renamed',
      { id, name: text().max(9).unique(), age: integer().optional() },
      { indexes: [index('age', 'name')], search: { name: 'A' } },
    ),
    rows: `insert into c_renamed values (${uuids}, 'a', 1)`,
    to: entity(
      'c_renamed',
      { id, fullName: text().max(12).unique(), age: integer().optional() },
      { indexes: [index('age', 'fullName')], search: { fullName: 'A' } },
    ),
    options: { renames: { 'c_renamed.name': 'c_renamed.full_name' } },
    whats: [
      'rename column c_renamed.name to full_name',
      expect.stringMatching(/^rename column ~search_/) as unknown as string,
      'rename check c_renamed_name_check to c_renamed_full_name_check',
      'rename index c_renamed_name_key to c_renamed_full_name_key',
      'rename index c_renamed_age_name_idx to c_renamed_age_full_name_idx',
      expect.stringMatching(/^rename index c_renamed_search_/) as unknown as string,
      'alter check c_renamed_full_name_check',
    ],
    risks: ['breaks-readers', 'may-fail'],
  },
  {
    name: 'the type of a column that searches read',
    from: entity('c_words', { id, a: text(), b: text() }, { search: { a: 'A', b: 'B' } }),
    rows: `insert into c_words values (${uuids}, '1', 'x')`,
    to: entity('c_words', { id, a: integer(), b: text() }, { search: { b: 'B' } }),
    whats: [
      expect.stringMatching(/^drop column c_words\.~search_/) as unknown as string,
      'alter column c_words.a',
      expect.stringMatching(/^create column c_words\.~search_/) as unknown as string,
      'create check c_words_a_check',
      expect.stringMatching(/^create index c_words_search_/) as unknown as string,
    ],
    risks: ['blocks', 'breaks-readers', 'may-fail'],
  },
];

function isEntity(from: Case['from']): from is AnyEntity {
  return !Array.isArray(from);
}

describe('the difference of schemas on PostgreSQL', () => {
  it.each(cases)('carries out, and takes back, $name', async ({ from, rows, to, options, fill, ...expected }) => {
    if (isEntity(from)) await database.ensureSchema([from]);
    else for (const sql of from) await database.query(sql);
    if (rows !== undefined) await database.query(rows);
    const before = isEntity(from) ? null : await diffSchema(database, [to], options);
    const diff = await diffSchema(database, [to], options);
    expect(whats(diff)).toEqual(expected.whats);
    expect(risks(diff)).toEqual(expected.risks);
    expect(diff.questions).toEqual([]);
    await up(database, diff.changes, async ({ up: [first] }) => {
      if (fill !== undefined && first!.includes('is not null')) await database.query(fill);
    });
    expect(await differs(database, [to], options)).toEqual(FITS);
    expect(await database.ensureSchema([to])).toEqual({ created: [], drift: [] });
    await down(database, diff.changes);
    if (isEntity(from)) expect(whats(await diffSchema(database, [from]))).toEqual(expected.left ?? []);
    else expect(await diffSchema(database, [to], options)).toEqual(before);
  });
});
