import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/core/ports.js';
import { entity, integer, object, Repository, softDelete, text, timestamps, uuid } from '../../../src/index.js';
import type { Command } from '../../../src/query/command.js';
import { type Compiled, compile } from './compiled.js';

const Post = entity('posts', {
  id: uuid().primaryKey(),
  title: text(),
  likes: integer(),
  rank: integer().optional(),
  o: object({ y: text().optional() }).optional(),
  ...timestamps(),
});
const Note = entity('notes', { id: uuid().primaryKey(), stars: integer(), ...softDelete() });

const ID = '00000000-0000-4000-8000-000000000000';
const ROW = { id: ID, title: 't', likes: 3, rank: 2, o: { y: 'w' } };

/** The statements of a call on a database that has as many rows as it is asked for, all alike. */
async function statementsOf(model: any, row: object, call: (verbs: any) => Promise<unknown>): Promise<Compiled[]> {
  const commands: Command[] = [];
  const database = {
    engine: 'postgres',
    run: async (command: Command) => {
      commands.push(command);
      return command.kind === 'find' ? Array.from({ length: command.limit! }, () => ({ ...row })) : 0;
    },
  } as unknown as Database<'postgres'>;
  await call(new Repository(database, model));
  return commands.map((each) => compile(each));
}

/** What stands between `where` and `limit` of the page behind a row, or before it. */
async function pageOf(orderBy: object, row: object, way: 'after' | 'before' = 'after'): Promise<Compiled> {
  const [, second] = await statementsOf(Post, { ...ROW, ...row }, async (posts) => {
    const options = { orderBy, limit: 2, select: ['id'] };
    const { next } = await posts.paginateByCursor({}, options);
    await posts.paginateByCursor({}, { ...options, [way]: next });
  });
  const [text] = second!.text.split(' limit ');
  return { text: text!.slice(text!.indexOf(' where ') + 7), values: second!.values };
}

describe('the rows behind a cursor as SQL', () => {
  it('are one comparison of rows where all goes in one direction and nothing is null', async () => {
    const up = await pageOf({ likes: 'asc', title: 'asc' }, {});
    expect(up.text).toBe('("likes", "title", "id") > ($1::int8, $2::text, $3::uuid) order by "likes", "title", "id"');
    expect(up.values).toEqual(['3', 't', ID, '3']);
    const down = await pageOf({ likes: 'desc' }, {});
    expect(down.text).toBe('("likes", "id") < ($1::int8, $2::uuid) order by "likes" desc, "id" desc');
  });

  it('and the rows before it are the same the other way round', async () => {
    const { text: sql } = await pageOf({ likes: 'asc' }, {}, 'before');
    expect(sql).toBe('("likes", "id") < ($1::int8, $2::uuid) order by "likes" desc, "id" desc');
  });

  it('are one comparison ascending where the row has a value: nulls lie before it', async () => {
    const { text: sql } = await pageOf({ rank: 'asc' }, {});
    expect(sql).toBe('("rank", "id") > ($1::int8, $2::uuid) order by "rank" nulls first, "id"');
  });

  it('are bounded by the first field in mixed directions', async () => {
    const { text: sql } = await pageOf({ likes: 'desc', title: 'asc' }, {});
    expect(sql).toBe(
      '("likes" <= $2::int8 and ("likes" < $1::int8 or ("likes" = $3::int8 and ("title", "id") > ($4::text, $5::uuid)))) ' +
        'order by "likes" desc, "title", "id"',
    );
  });

  it('follow the nulls of a further field', async () => {
    const tail = async (orderBy: object, row: object) =>
      /"likes" = \$\d::int8 and (.*)\)\)\) order/.exec((await pageOf(orderBy, row)).text)?.[1];
    expect(await tail({ likes: 'desc', rank: 'asc' }, { rank: null })).toBe(
      '("rank" is not null or ("rank" is null and "id" > $4::uuid))',
    );
    expect(await tail({ likes: 'asc', rank: 'desc' }, { rank: null })).toBe('("rank" is null and "id" < $4::uuid)');
    expect(await tail({ likes: 'desc', rank: 'desc' }, {})).toMatch(/^\(\("rank" <= .* or "rank" is null\)$/);
  });

  it('are two ranges, sorted again, where nulls lie behind a value or values behind a null', async () => {
    const down = await statementsOf(Post, ROW, async (posts) => {
      const options = { orderBy: { rank: 'desc' }, limit: 2, select: ['id'] };
      const { next } = await posts.paginateByCursor({ title: 't' }, options);
      await posts.paginateByCursor({ title: 't' }, { ...options, after: next });
    });
    expect(down[1]!.text).toBe(
      'select "id", "rank" from (' +
        '(select "id", "rank" from "posts" where "title" = $1::text and ("rank", "id") < ($2::int8, $3::uuid) order by "rank" desc nulls last, "id" desc limit $4::int8)' +
        ' union all ' +
        '(select "id", "rank" from "posts" where "title" = $5::text and "rank" is null order by "rank" desc nulls last, "id" desc limit $6::int8)' +
        ') page order by "rank" desc nulls last, "id" desc limit $7::int8',
    );
    expect(down[1]!.values).toEqual(['t', '2', ID, '3', 't', '3', '3']);
    const { text: up } = await pageOf({ 'o.y': 'asc' }, { o: null });
    expect(up).toContain(`(("o"->>'y') collate "C") is null and "id" > $1::uuid)`);
    const [, second] = await statementsOf(Post, { ...ROW, o: null }, async (posts) => {
      const options = { orderBy: { 'o.y': 'asc' }, limit: 2 };
      const { next } = await posts.paginateByCursor({}, options);
      await posts.paginateByCursor({}, { ...options, after: next });
    });
    expect(second!.text).toContain(`where (("o"->>'y') collate "C") is not null order by`);
  });

  it('are a simple comparison by the key alone, whatever stands behind the key', async () => {
    for (const orderBy of [{}, { id: 'asc', title: 'desc' }]) {
      expect((await pageOf(orderBy, {})).text).toBe('"id" > $1::uuid order by "id"');
    }
  });
});

describe('the count of a page as SQL', () => {
  const counted = async (model: any, options: object) =>
    (await statementsOf(model, ROW, (verbs) => verbs.paginate({}, { limit: 1, ...options })))[1];

  it('goes no further than it has to', async () => {
    expect(await counted(Note, { count: 'estimated' })).toEqual({
      text: 'select count(*) as "count" from (select 1 from "notes" where "deleted_at" is null limit $1::int8) capped',
      values: ['10001'],
    });
  });

  it('is looked up where the number of all rows will do', async () => {
    const { text: sql } = (await counted(Post, { count: 'estimated' }))!;
    expect(sql).toBe(
      `select greatest(reltuples, 0)::int8 as "count" from pg_catalog.pg_class where oid = '"posts"'::regclass`,
    );
  });

  it('is whole by default, and left out where nobody wants it', async () => {
    expect((await counted(Post, {}))!.text).toBe('select count(*) as "count" from "posts" where true');
    expect(await counted(Post, { count: 'none' })).toBeUndefined();
  });
});
