import { describe, expect, it } from 'vitest';
import { entity, integer, list, object, softDelete, text, uuid } from '../../../src/index.js';
import { createTable, wantedOf } from '../../../src/postgres/ddl.js';
import { jsonPath, literal, quote, tableOf } from '../../../src/postgres/fields.js';
import { fieldsOfColumns, fieldsOfConstraint } from '../../../src/postgres/names.js';
import { identifier } from '../../../src/schema/identifier.js';
import { snakeCase } from '../../../src/schema/names.js';

describe('names on the server', () => {
  it('fields become snake case', () => {
    expect(['createdAt', 'userID', 'HTMLText', 'a1B', 'plain', 'already_snake'].map(snakeCase)).toEqual([
      'created_at',
      'user_id',
      'html_text',
      'a1_b',
      'plain',
      'already_snake',
    ]);
  });

  it('an identifier is at most 63 bytes, and two long ones stay apart', () => {
    const long = 'é'.repeat(40);
    const one = identifier([long, 'a'], 'key');
    const two = identifier([long, 'b'], 'key');
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(63);
    expect(one).not.toBe(two);
    expect(one).toMatch(/_[0-9a-f]{8}_key$/);
    expect(identifier(['users', 'email'], 'key')).toBe('users_email_key');
  });

  it('what is quoted cannot end its quotes', () => {
    expect(quote('a"b')).toBe('"a""b"');
    expect(literal("a'b")).toBe("'a''b'");
    expect(literal("a\\'b")).toBe("E'a\\\\''b'");
    expect(jsonPath(['a', 'null', 'b-c', 'd"e'])).toBe(`E'{a,"null","b-c","d\\\\"e"}'`);
  });

  const User = entity(
    'app.users',
    {
      id: uuid().primaryKey(),
      email: text().max(100).unique(),
      teamId: uuid().references('teams', { onDelete: 'cascade' }),
      loginName: text().max(50).column('login'),
      o: object({ innerCount: integer().min(1) }),
      tags: list(text()).max(5),
    },
    { unique: [['teamId', 'loginName']] },
  );
  const table = tableOf(User['~model'], 'snake');

  it('constraints map back to fields', () => {
    expect(fieldsOfConstraint(table, 'users_email_key')).toEqual(['email']);
    expect(fieldsOfConstraint(table, 'users_team_id_login_key')).toEqual(['teamId', 'loginName']);
    expect(fieldsOfConstraint(table, 'users_pkey')).toEqual(['id']);
    expect(fieldsOfConstraint(table, 'users_team_id_fkey')).toEqual(['teamId']);
    expect(fieldsOfConstraint(table, 'users_o_inner_count_check')).toEqual(['o.innerCount']);
    expect(fieldsOfConstraint(table, 'another')).toBeUndefined();
    expect(fieldsOfColumns(table, ['login'])).toEqual(['loginName']);
    expect(fieldsOfColumns(table, ['login', 'stranger'])).toBeUndefined();
  });

  it('a table is made with its key and checks', () => {
    expect(createTable(wantedOf(table))).toBe(
      'create table "app"."users" ("id" uuid not null, "email" text collate "C" not null, "team_id" uuid not null, "login" text collate "C" not null, ' +
        '"o" jsonb not null, "tags" text[] collate "C" not null, constraint "users_pkey" primary key ("id"), ' +
        'constraint "users_email_check" check (char_length("email") <= 100), constraint "users_login_check" check (char_length("login") <= 50), ' +
        'constraint "users_tags_check" check (cardinality("tags") <= 5), ' +
        `constraint "users_o_inner_count_check" check (("o"->>'innerCount')::int8 between 1 and 9007199254740991))`,
    );
  });

  it('unique among the rows that are not deleted is a partial index', () => {
    const Doc = entity('docs', { id: uuid().primaryKey(), name: text().max(9).unique(), ...softDelete() });
    const [index] = wantedOf(tableOf(Doc['~model'], 'snake')).indexes;
    expect(index!.sql).toBe('create unique index "docs_name_key" on "docs" ("name") where "deleted_at" is null');
  });

  it('as-written naming keeps the names', () => {
    expect(tableOf(User['~model'], 'as-written').column(User['~model'].fields[2]!)).toBe('teamId');
  });
});
