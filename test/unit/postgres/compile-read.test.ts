import { describe, expect, it } from 'vitest';
import { bigint, entity, integer, object, text, timestamps, uuid } from '../../../src/index.js';
import { compiled } from './compiled.js';

const Post = entity('blog.posts', {
  id: uuid().primaryKey(),
  authorId: uuid(),
  slug: text().column('permalink'),
  rank: integer().optional(),
  views: bigint().optional(),
  o: object({ y: text().optional() }).optional(),
  ...timestamps(),
});

describe('a read as SQL', () => {
  it('names the columns, under the names of the fields', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.find({}));
    expect(sql).toBe(
      'select "id", "author_id" as "authorId", "permalink" as "slug", "rank", "views", "o", "created_at" as "createdAt", ' +
        '"updated_at" as "updatedAt" from "blog"."posts" where true',
    );
  });

  it('selects only what is asked for', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.find({ slug: 'a' }, { select: ['slug'] }));
    expect(sql).toBe('select "permalink" as "slug" from "blog"."posts" where "permalink" = $1::text');
  });

  it('says where nulls go only for fields that can be null', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.find({}, { orderBy: { rank: 'desc', slug: 'asc' } }));
    expect(sql).toMatch(/ order by "rank" desc nulls last, "permalink", "id"/);
    const other = await compiled(Post, (posts) => posts.find({}, { orderBy: { rank: 'asc', slug: 'desc' } }));
    expect(other.text).toMatch(/ order by "rank" nulls first, "permalink" desc, "id"/);
  });

  it('orders text inside an object by code point', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.find({}, { orderBy: { 'o.y': 'asc' } }));
    expect(sql).toContain(`order by (("o"->>'y') collate "C") nulls first`);
  });

  it('sends limit and offset as parameters', async () => {
    const { text: sql, values } = await compiled(Post, (posts) => posts.find({ slug: 'a' }, { limit: 20, offset: 40 }));
    expect(sql).toMatch(/where "permalink" = \$1::text order by "id" limit \$2::int8 offset \$3::int8$/);
    expect(values).toEqual(['a', '20', '40']);
  });

  it('writes a limit of one into the text', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.findById('00000000-0000-4000-8000-000000000000'));
    expect(sql).toMatch(/ where "id" = \$1::uuid limit 1$/);
  });

  it('counts, and asks whether there is a row', async () => {
    expect((await compiled(Post, (posts) => posts.count({ rank: 1 }))).text).toBe(
      'select count(*) as "count" from "blog"."posts" where "rank" = $1::int8',
    );
    expect((await compiled(Post, (posts) => posts.exists({ rank: 1 }))).text).toBe(
      'select exists(select 1 from "blog"."posts" where "rank" = $1::int8) as "found"',
    );
  });

  it('orders distinct values, null first', async () => {
    expect((await compiled(Post, (posts) => posts.distinct('rank'))).text).toBe(
      'select distinct "rank" as "value" from "blog"."posts" where true order by 1 nulls first',
    );
    expect((await compiled(Post, (posts) => posts.distinct('slug'))).text).toMatch(/order by 1$/);
  });
});
