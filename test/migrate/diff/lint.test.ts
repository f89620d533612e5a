import { describe, expect, it } from 'vitest';
import { type LintOptions, lintSql } from '../../../src/migrate/diff/lint.js';
import { LINT_RULES, type LintRule } from '../../../src/migrate/diff/lint-rules.js';

const rulesOf = (statements: readonly string[]): LintRule[] => lintSql(statements).map(({ rule }) => rule);

const found: readonly (readonly [LintRule, readonly string[]])[] = [
  ['index-not-concurrent', ['create index on users (email)']],
  ['index-not-concurrent', ['CREATE UNIQUE INDEX IF NOT EXISTS "by email" ON ONLY "shop"."users" USING gin (a)']],
  ['drop-index-not-concurrent', ['drop index if exists by_email']],
  ['volatile-default', ['alter table users add column token uuid default gen_random_uuid()']],
  ['volatile-default', ['alter table users add at timestamptz not null default clock_timestamp()']],
  ['volatile-default', ['alter table users add column n bigserial']],
  ['volatile-default', ['alter table users add column n int generated always as identity']],
  ['volatile-default', ['alter table users add column low text generated always as (lower(name)) stored']],
  ['required-column', ['alter table users add column age int not null']],
  ['set-not-null', ['alter table users alter column age set not null']],
  ['set-not-null', ['alter table users alter age set not null']],
  ['column-type', ['alter table users alter column age type text using age::text']],
  ['column-type', ['alter table users alter column age set data type text']],
  ['constraint-not-deferred', ['alter table users add constraint adult check (age > 17)']],
  ['constraint-not-deferred', ['alter table users add foreign key (boss) references users (id)']],
  ['constraint-not-deferred', ['alter table users add column boss uuid references users']],
  ['unique-constraint', ['alter table users add constraint once unique (email)']],
  ['unique-constraint', ['alter table users add primary key (id)']],
  ['unique-constraint', ['alter table users add column email text unique']],
  ['exclusion-constraint', ['alter table rooms add constraint free exclude using gist (during with &&)']],
  [
    'validate-in-transaction',
    [
      'alter table users add constraint adult check (age > 17) not valid',
      'alter table users validate constraint adult',
    ],
  ],
  ['drop-column', ['alter table users drop age']],
  ['drop-column', ['alter table if exists only users drop column if exists age cascade']],
  ['drop-table', ['drop table if exists users']],
  ['truncate', ['truncate table only users']],
  ['rename', ['alter table users rename to people']],
  ['rename', ['alter table users rename name to full_name']],
  ['rename', ['alter table users set schema shop']],
  ['several-locks', ['alter table a alter x drop not null', 'alter table b alter x drop not null']],
  ['all-rows', ['update users set active = true']],
  ['all-rows', ['delete from only users']],
  ['rows-beside-schema', ['alter table users alter age drop not null', 'update users set age = 1 where age is null']],
  ['rewrite', ['vacuum full users']],
  ['rewrite', ['vacuum (verbose, full) users']],
  ['rewrite', ['cluster users using by_age']],
  ['rewrite', ['reindex table users']],
  ['rewrite', ['refresh materialized view figures']],
  ['rewrite', ['alter table users set unlogged']],
];

const fine: readonly (readonly [string, readonly string[], options?: LintOptions])[] = [
  [
    'an index that is built concurrently',
    ['create index concurrently on users (email)', 'drop index concurrently old'],
  ],
  ['a column without more', ['alter table users add column age int']],
  [
    'a default that is kept beside the rows',
    ["alter table users add column age numeric(3, 1) not null default '1'::numeric(3, 1)"],
  ],
  ['a default of the moment', ['alter table users add column at timestamptz not null default now()']],
  ['a rule that nobody proves yet', ['alter table users add constraint adult check (age > 17) not valid']],
  [
    'not null that was proved',
    [
      'alter table users add constraint has_age check ("age" is not null) not valid',
      'alter table users validate constraint has_age',
      'alter table users alter column age set not null, drop constraint has_age',
    ],
    { transaction: false },
  ],
  ['a constraint over an index', ['alter table users add constraint once unique using index once']],
  [
    'whatever is done to a table that is new',
    [
      'create table if not exists shop.t (id int)',
      'create index on shop.t (id)',
      'update "shop"."t" set id = 1',
      'alter table shop.t drop id, add id2 int not null',
      'drop table shop.t',
    ],
  ],
  [
    'two tables in transactions of their own',
    ['alter table a alter x drop not null', 'alter table b alter x drop not null'],
    { transaction: false },
  ],
  ['some rows', ['update users set active = true where id = 5']],
  [
    'words in quotes, texts and comments',
    [
      'select \'drop table users\', $$truncate users$$ as "drop table" -- update users set a = 1\n/* drop index x */ from x',
    ],
  ],
  [
    'a foreign key that nobody proves yet, on two tables',
    [
      'alter table a add foreign key (x) references b not valid',
      'alter table c add foreign key (x) references b not valid',
    ],
  ],
];

describe('lintSql()', () => {
  it.each(found)('finds %s in %j', (rule, statements) => {
    expect(rulesOf(statements)).toEqual([rule]);
  });

  it.each(fine)('finds nothing in %s', (_what, statements, options = {}) => {
    expect(lintSql(statements as readonly string[], options as LintOptions)).toEqual([]);
  });

  it('finds every rule that there is', () => {
    expect([...new Set(found.map(([rule]) => rule))].sort()).toEqual(Object.keys(LINT_RULES).sort());
  });

  it('says which statement, what of, and what to do instead', () => {
    expect(lintSql(['select 1', 'alter table shop."Users" drop column "Age", add unique (email)'])).toEqual([
      {
        rule: 'drop-column',
        risk: 'destroys',
        statement: 2,
        message:
          'The values of `shop.Users.Age` are gone for good, and programs that name it fail. Let it go only when no program knows it any more, and keep a copy.',
      },
      {
        rule: 'unique-constraint',
        risk: 'blocks',
        statement: 2,
        message:
          'Reads and writes wait while the index of `shop.Users` is built. Build it with `create unique index concurrently`, then `add constraint … using index`.',
      },
    ]);
  });

  it.each([
    '',
    ';',
    'alter',
    'alter table',
    'create index',
    'drop table',
    "update '",
    '$$',
    'alter table x add',
    'alter table x alter y type',
  ])('reads %j without a word', (sql) => {
    expect(() => lintSql([sql])).not.toThrow();
  });
});

it('the lint refuses options that there are not, and values that are none', () => {
  expect(() => lintSql([], { transactions: true } as never)).toThrow('Unknown option `transactions`');
  expect(() => lintSql([], { transaction: 'no' } as never)).toThrow('Expected `transaction`');
});
