import { describe, expect, it } from 'vitest';
import { entity, integer, object, text, uuid, ValidationError } from '../../../src/index.js';
import { encodeParameter, sql } from '../../../src/postgres/sql.js';

const Post = entity('blog.posts', { id: uuid().primaryKey(), title: text() });

describe('the tag sql', () => {
  it('makes values into parameters and entities into tables', () => {
    expect(sql`select * from ${Post} where title = ${"x'; drop"} limit ${3}`.compile('snake')).toEqual({
      text: 'select * from "blog"."posts" where title = $1 limit $2',
      values: ["x'; drop", '3'],
    });
  });

  it('puts fragments in place, and counts their parameters on', () => {
    const part = sql`a = ${1}`;
    expect(sql`select ${0} where ${part} or ${sql`b = ${2} and ${part}`}`.compile('snake')).toEqual({
      text: 'select $1 where a = $2 or b = $3 and a = $4',
      values: ['0', '1', '2', '1'],
    });
  });

  it('quotes identifiers and joins fragments', () => {
    const columns = ['a', 'b"c'].map((name) => sql`${sql.identifier(name)}`);
    expect(sql`select ${sql.join(columns, sql`, `)} from ${sql.identifier('s', 't')}`.compile('snake').text).toBe(
      'select "a", "b""c" from "s"."t"',
    );
    expect(sql`${sql.join([], sql`, `)}`.compile('snake').text).toBe('');
  });

  it('names the fields of an entity, whatever their columns are called', () => {
    const User = entity('users', {
      id: uuid().primaryKey(),
      invitedBy: uuid(),
      mail: text().column('E "mail"'),
      profile: object({ firstName: text(), seen: integer().optional(), deep: object({ x: text() }) }),
    });
    const of = (path: Parameters<typeof sql.column<typeof User>>[1], alias?: string) =>
      sql`${sql.column(User, path, alias)}`.compile('snake').text;
    expect(of('invitedBy')).toBe('"invited_by"');
    expect(of('invitedBy', 'u')).toBe('"u"."invited_by"');
    expect(of('mail')).toBe('"E ""mail"""');
    expect(of('profile.firstName', 'u')).toBe(`(("u"."profile"->>'firstName') collate "C")`);
    expect(of('profile.seen')).toBe(`("profile"->>'seen')::int8`);
    expect(of('profile.deep.x')).toBe(`(("profile"#>>'{deep,x}') collate "C")`);
    expect(sql`${sql.column(User, 'invitedBy')}`.compile('as-written').text).toBe('"invitedBy"');
  });

  it('refuses a path that is no field', () => {
    expect(() => sql.column(Post, 'titl' as 'title')).toThrow(
      '`titl` is no field of `blog.posts`; did you mean `title`?',
    );
    expect(() => sql.column({} as typeof Post, 'title')).toThrow(ValidationError);
  });

  it('an object that looks like a fragment is a value', () => {
    expect(sql`select ${{ sql: 'x', strings: ['drop'] }}`.compile('snake')).toEqual({
      text: 'select $1',
      values: ['{"sql":"x","strings":["drop"]}'],
    });
  });
});

describe('a parameter', () => {
  it('is text, bytes or null', () => {
    expect([null, 'a', 1.5, 2n, true, new Date(0), { a: 1 }].map(encodeParameter)).toEqual([
      null,
      'a',
      '1.5',
      '2',
      'true',
      '1970-01-01T00:00:00.000Z',
      '{"a":1}',
    ]);
    expect(encodeParameter(new Uint8Array([1]))).toEqual(Buffer.from([1]));
  });

  it('of a list is an array', () => {
    expect(encodeParameter([1, null, 'a"b', [new Uint8Array([255])], { x: 1 }])).toBe(
      '{"1",NULL,"a\\"b",{"\\\\xff"},"{\\"x\\":1}"}',
    );
  });

  it('without a meaning is refused, and never shown', () => {
    class Money {
      toPostgres(): string {
        return "'; drop";
      }
    }
    for (const value of [undefined, () => 's3cret', Symbol('s3cret'), new Date(Number.NaN), new Money(), [new Map()]]) {
      expect(() => encodeParameter(value)).toThrow(/^Expected a parameter to be (?!.*s3cret)/);
    }
  });
});
