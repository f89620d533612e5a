import fc from 'fast-check';
import pg from 'pg';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { MigrationFileError } from '../../src/migrate/index.js';
import { refusalInTransaction } from '../../src/migrate/outside-transaction.js';
import { splitSql } from '../../src/migrate/split-sql.js';
import { postgresDatabase } from '../setup/databases.js';

const texts = (text: string) => splitSql(text, null).map((each) => each.text);
const refused = (text: string) => {
  try {
    splitSql(text, 'm/1_x.sql');
  } catch (error) {
    if (error instanceof MigrationFileError) return error.message;
    throw error;
  }
  return null;
};

describe('splitSql()', () => {
  it('splits at semicolons and leaves out what is empty', () => {
    expect(texts('select 1; ;\n\n select 2 ;-- end\n/* ; */;')).toEqual(['select 1', 'select 2']);
    expect(texts('select 1')).toEqual(['select 1']);
    expect(texts(' -- nothing\n')).toEqual([]);
  });

  it('says in which line a statement begins', () => {
    const lines = splitSql("-- head\n\nselect 1;\n/* a\n b */ select\n 2;select '\n';\n\n  select 4", null);
    expect(lines.map(({ line }) => line)).toEqual([3, 5, 6, 9]);
  });

  it.each([
    ['standard strings', "select 'a;''b;\\'; select 2", ["select 'a;''b;\\'", 'select 2']],
    ['strings with escapes', "select E'a\\';b', e'\\\\'; select 2", ["select E'a\\';b', e'\\\\'", 'select 2']],
    [
      'escapes that go on in the next line',
      "select e'a' -- ;\n 'b\\';'; select 2",
      ["select e'a' -- ;\n 'b\\';'", 'select 2'],
    ],
    [
      'a name that ends with e before a string',
      "select 1 as done'x\\'; select 2",
      ["select 1 as done'x\\'", 'select 2'],
    ],
    [
      'other literals',
      "select b'1;', x'F;', n';', U&';\\0041'; select 2",
      ["select b'1;', x'F;', n';', U&';\\0041'", 'select 2'],
    ],
    ['quoted names', 'select 1 as "a;""b"; select 2', ['select 1 as "a;""b"', 'select 2']],
    ['dollar quotes', 'select $$a;b$$; select 2', ['select $$a;b$$', 'select 2']],
    [
      'dollar quotes with tags, in each other',
      'select $a$ ; $b$ ; $b$ $$ $a$; select 2',
      ['select $a$ ; $b$ ; $b$ $$ $a$', 'select 2'],
    ],
    [
      'dollars in names and parameters',
      'select a$b$ from t where x = $1; select 2',
      ['select a$b$ from t where x = $1', 'select 2'],
    ],
    ['line comments', "select 1 -- it's; here\n; select 2", ['select 1', 'select 2']],
    ['comments in comments', 'select /* a; /* b; */ c; */ 1; select 2', ['select /* a; /* b; */ c; */ 1', 'select 2']],
    ['comments within operators', 'select 1 +-- ;\n 2; select 2', ['select 1 +-- ;\n 2', 'select 2']],
    [
      'rules of several commands',
      'create rule r as on insert to t do (a; b); c',
      ['create rule r as on insert to t do (a; b)', 'c'],
    ],
    [
      'bodies in standard SQL',
      'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
      [
        'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end',
        'select 3',
      ],
    ],
    [
      'procedures whose body has other cases',
      'CREATE PROCEDURE p() BEGIN ATOMIC insert into t values (case 1 when 1 then 2 else 3 end); END; select 3',
      ['CREATE PROCEDURE p() BEGIN ATOMIC insert into t values (case 1 when 1 then 2 else 3 end); END', 'select 3'],
    ],
    ['`begin` and `end` of transactions', 'begin; select 1; end; select 2', ['begin', 'select 1', 'end', 'select 2']],
  ] as const)('keeps %s whole', (_what, text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it.each([
    ["select 1;\nselect 'a", 'm/1_x.sql:2: a text in quotes is begun and not ended'],
    ['select "a', 'm/1_x.sql:1: a name in double quotes is begun and not ended'],
    ['\n\nselect $a$ $$', 'm/1_x.sql:3: a text in $a$ is begun and not ended'],
    ['select 1 /* /* */', 'm/1_x.sql:1: a comment is begun and not ended'],
    ['select (1;\nselect 2', 'm/1_x.sql:1: a parenthesis is opened and not closed'],
    ['create function f() begin atomic select 1;', 'm/1_x.sql:1: `begin atomic` has no `end`'],
    ['select 1;\n\\d users', expect.stringContaining('m/1_x.sql:2: commands of psql')],
    ['copy t (a) from stdin;\n1\n\\.', expect.stringContaining('m/1_x.sql:1: COPY from stdin has no input')],
  ])('refuses %j', (text, message) => {
    expect(refused(text)).toEqual(message);
  });

  it('lets COPY from a file and a table called stdin be', () => {
    expect(texts(`copy t from '/x'; select * from "stdin"; select 'copy t from stdin'`)).toHaveLength(3);
  });

  it.each([
    ['a ruled comment', ` ${'-'.repeat(200)}\n`],
    ['comments with dashes in them', ' -- a -- b\n'.repeat(200)],
    ['empty lines', '\n '.repeat(5_000)],
    ['megabytes of empty lines', `\n${' '.repeat(4_000_000)}`],
  ])('a literal with %s behind it takes no longer than another', (_what, gap) => {
    expect(texts(`select 'a'${gap}, 1; select 2`)).toEqual([`select 'a'${gap}, 1`, 'select 2']);
    expect(texts(`select 'a'${gap.startsWith('\n') ? gap : `${gap}\n`}'b;'; select 2`)).toHaveLength(2);
  });

  it('reads a statement of some megabytes without running out of anything', () => {
    const long = `select '${"a''".repeat(1_000_000)}'`;
    expect(texts(`${long}; select 2`)).toEqual([long, 'select 2']);
  });
});

describe('what cannot run in a transaction', () => {
  const refusal = (text: string) => refusalInTransaction(splitSql(text, null)[0]!);

  it.each([
    'create index concurrently on t (a)',
    'CREATE UNIQUE INDEX /* x */ CONCURRENTLY i ON t (a)',
    'drop index concurrently if exists i',
    'reindex (verbose) table concurrently t',
    'reindex database d',
    'alter table a.t detach partition p concurrently',
    'vacuum full t',
    'create database d',
    'drop tablespace s',
    'alter system set x = 1',
    'cluster',
    'discard all',
    'begin',
    'start transaction',
    'commit',
    'end',
    'rollback',
    'abort',
    "prepare transaction 'x'",
  ])('is found: %s', (text) => {
    expect(refusal(text)).toContain('`transaction:false`');
  });

  it.each([
    'create index on t (a)',
    'create index "concurrently" on t (a)',
    'refresh materialized view concurrently v',
    'savepoint a',
    'rollback to savepoint a',
    'rollback to a',
    'cluster t using i',
    'discard plans',
    "select 'create index concurrently'",
    'prepare p as select 1',
    'alter table a add column concurrently int',
    'create table vacuum (a int)',
  ])('is not: %s', (text) => {
    expect(refusal(text)).toBeNull();
  });
});

/** Whatever may stand between quotes of one kind, written so that it is one literal. */
const nasty = fc.string({
  unit: fc.constantFrom(
    ';',
    "'",
    '"',
    '$',
    '$$',
    '$a$',
    '--',
    '/*',
    '*/',
    '\\',
    '\n',
    ' ',
    'e',
    'E',
    'x',
    '1',
    'ß',
    '(',
    ')',
    'end',
    'begin atomic ',
  ),
  maxLength: 12,
});
const literals = nasty.chain((value) =>
  fc
    .constantFrom(
      `'${value.replaceAll("'", "''")}'`,
      `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
      ...(/\$q|\$$/.test(value) ? [] : [`$q$${value}$q$`]),
      ...(value.includes('$') ? [] : [`$$${value}$$`]),
    )
    .map((sql) => ({ value, sql })),
);
const spaces = fc.constantFrom(' ', '\n', ' -- a ; comment\n', ' /* a ; /* nested ; */ one */ ', '\t');
const statements = fc.record({
  literal: literals,
  before: spaces,
  after: spaces,
  name: nasty.map((text) => text.replaceAll('\0', '')),
});

const sqlOf = ({
  literal,
  before,
  after,
  name,
}: {
  literal: { sql: string };
  before: string;
  after: string;
  name: string;
}) => `select${before}${literal.sql}${after}as "v${name.replaceAll('"', '""')}"`;

describe('any file', () => {
  it('is split to the statements that it was made of, and splitting what was joined changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(statements, { maxLength: 6 }),
        fc.array(spaces, { minLength: 7, maxLength: 7 }),
        (made, gaps) => {
          const wanted = made.map(sqlOf);
          const file = wanted.map((text, i) => `${gaps[i]}${text}${gaps[i + 1]};`).join('');
          const split = texts(file);
          expect(split).toEqual(wanted);
          expect(texts(split.join(';\n'))).toEqual(split);
        },
      ),
      { numRuns: 500 },
    );
  });

  describe.skipIf(!inject('postgresReal'))('on a server', async () => {
    const { url } = await postgresDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    afterAll(() => client.end());

    it('gives the same when it is split as when the server splits it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(statements, { minLength: 1, maxLength: 5 }), spaces, async (made, gap) => {
          const file = made.map(sqlOf).join(`${gap};${gap}`);
          // Several statements in one message: the server's own lexer finds their ends.
          const whole = (await client.query(file)) as unknown as pg.QueryResult | pg.QueryResult[];
          const values = (result: pg.QueryResult) => Object.values(result.rows[0] as object);
          const expected = (Array.isArray(whole) ? whole : [whole]).map(values);
          expect(expected).toEqual(made.map(({ literal }) => [literal.value]));
          const split = splitSql(file, null);
          const each = [];
          for (const { text } of split) each.push(values(await client.query({ text, values: [] })));
          expect(each).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    });

    it('of functions, rules and nested quotes runs statement by statement', async () => {
      const file = `
        create table t (a int, note text);
        create table log (a int, note text);
        create function f(n int) returns int language plpgsql as $body$
          declare q text := $q$ select ';' $q$; begin /* ; */ return n + 1; end; $body$;
        create function g(n int) returns int begin atomic select case when n > 0 then n else 0 end; end;
        create rule r as on delete to t do also (insert into log values (9, 'a;b'); update log set note = E'it\\'s;' where a = 9);
        do $$ begin if true then insert into t values (f(1), $x$;$x$); end if; end $$;
        delete from t;
      `;
      const split = splitSql(file, null);
      expect(split).toHaveLength(7);
      for (const { text } of split) await client.query({ text, values: [] });
      expect((await client.query('select a, note, g(a) from log')).rows).toEqual([{ a: 9, note: "it's;", g: 9 }]);
    });
  });
});
