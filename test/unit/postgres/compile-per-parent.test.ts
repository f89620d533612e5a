import { describe, expect, it } from 'vitest';
import {
  belongsTo,
  hasMany,
  hasOne,
  integer,
  MemoryDatabase,
  Repository,
  softDelete,
  text,
  uuid,
} from '../../../src/index.js';
import type { Command } from '../../../src/query/command.js';
import { noting } from '../../../src/testing/repository-contract/noting.js';
import { type Compiled, compile, entity } from './compiled.js';

const U = '0190b5a0-0000-7000-8000-000000000001';
const Post = entity('posts', { id: uuid().primaryKey(), coverId: integer().optional() });
const Comment = entity('comments', {
  id: integer().primaryKey(),
  postId: uuid(),
  rank: integer().optional(),
  body: text().column('text'),
  ...softDelete(),
});
const Cover = entity('covers', { id: integer().primaryKey(), postId: uuid().unique() });

/** The statement that reads what is related to one post. */
async function related(relation: (comments: any, covers: any) => unknown): Promise<Compiled> {
  const sent: Command[] = [];
  const memory = new MemoryDatabase();
  const watched = noting(memory, (command) => sent.push(command));
  const posts = new Repository(memory, Post);
  await posts.insert({ id: U, coverId: 7 });
  const include = { it: relation(new Repository(watched, Comment), new Repository(watched, Cover)) as never };
  await posts.find({}, { include });
  expect(sent.length).toBe(1);
  return compile(sent[0]!);
}

describe('a relation as SQL', () => {
  it('asks for all keys as one parameter', async () => {
    const { text: sql, values } = await related((comments) => hasMany(comments, 'postId', { where: { rank: 3 } }));
    expect(sql).toBe(
      'select "id", "post_id" as "postId", "rank", "text" as "body", "deleted_at" as "deletedAt" from "comments" ' +
        'where ("post_id" = any($1::uuid[]) and "rank" = $2::int8 and "deleted_at" is null) order by "id"',
    );
    expect(values).toEqual([`{${U}}`, '3']);
  });

  it('with a limit numbers the rows of each parent, in a total order, in one pass', async () => {
    const { text: sql, values } = await related((comments) =>
      hasMany(comments, 'postId', { select: ['body'], orderBy: { rank: 'desc' }, limit: 5 }),
    );
    expect(sql).toBe(
      'select "post_id" as "postId", "text" as "body" from (select *, ' +
        'row_number() over (partition by "post_id" order by "rank" desc nulls last, "id" desc) as "~place" from "comments" ' +
        'where ("post_id" = any($1::uuid[]) and "deleted_at" is null)) as "numbered" ' +
        'where "~place" <= $2::int8 order by "rank" desc nulls last, "id" desc',
    );
    expect(values).toEqual([`{${U}}`, '5']);
  });

  it('does not number the rows where the field that names the parent is unique', async () => {
    const { text: sql } = await related((_, covers) => hasOne(covers, 'postId'));
    expect(sql).toBe(
      'select "id", "post_id" as "postId" from "covers" where "post_id" = any($1::uuid[]) order by "id"',
    );
  });

  it('of one row needs no order', async () => {
    const { text: sql } = await related((comments) => belongsTo(comments, 'coverId', { select: ['body'] }));
    expect(sql).toBe(
      'select "id", "text" as "body" from "comments" where ("id" = any($1::int8[]) and "deleted_at" is null)',
    );
  });

  it('that counts groups by the field that names the parent', async () => {
    const { text: sql, values } = await related((comments) => hasMany(comments, 'postId', { count: true }));
    expect(sql).toContain('count(*)');
    expect(sql).toContain('"post_id" = any($1::uuid[])');
    expect(sql).toContain('group by 1');
    expect(values).toEqual([`{${U}}`]);
  });
});
