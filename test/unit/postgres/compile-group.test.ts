import { describe, expect, it } from 'vitest';
import {
  avg,
  bucket,
  count,
  countDistinct,
  each,
  gt,
  integer,
  list,
  min,
  object,
  sum,
  text,
  timestamp,
  uuid,
} from '../../../src/index.js';
import { compiled, entity } from './compiled.js';

const Post = entity('posts', {
  id: uuid().primaryKey(),
  status: text().optional(),
  views: integer(),
  at: timestamp().optional(),
  tags: list(text()),
  o: object({ at: timestamp().optional(), scores: list(integer()).optional() }),
});

describe('groups as SQL', () => {
  it('are a query whose columns have short names, ordered by the keys', async () => {
    const { text: sql, values } = await compiled(Post, (posts) =>
      posts.groupBy(['status'], { n: count(), s: sum('views'), a: avg('views'), d: countDistinct('status') }),
    );
    expect(sql).toBe(
      'select * from (select t."status" as c0, count(*) as c1, coalesce(sum(t."views"), 0) as c2, ' +
        '(sum(t."views")::float8 / nullif(count(t."views"), 0)) as c3, count(distinct t."status") as c4 ' +
        'from "posts" as t where true group by 1) as g where true order by "c0" nulls first',
    );
    expect(values).toEqual([]);
  });

  it('send every value as a parameter: filter, zone, `having` and page', async () => {
    const { text: sql, values } = await compiled(Post, (posts) =>
      posts.groupBy(
        [bucket('at', 'week', { timeZone: 'Europe/Berlin' })],
        { n: count() },
        { where: { status: 'x' }, having: { n: gt(5) }, orderBy: { n: 'desc' }, limit: 3, offset: 6 },
      ),
    );
    expect(sql).toBe(
      `select * from (select date_trunc('week', (t."at")::timestamptz, $1::text) as c0, count(*) as c1 from "posts" as t ` +
        'where t."status" = $2::text group by 1) as g where "c1" > $3::int8 ' +
        'order by "c1" desc, "c0" desc nulls last limit $4::int8 offset $5::int8',
    );
    expect(values).toEqual(['Europe/Berlin', 'x', '5', '3', '6']);
  });

  it('take UTC where no zone is given', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.groupBy([bucket('o.at', 'hour')], {}));
    expect(sql).toContain(`date_trunc('hour', ((t."o"->>'at'))::timestamptz, 'UTC')`);
  });

  it('join the items of a list, of an array and of JSON', async () => {
    const { text: sql } = await compiled(Post, (posts) =>
      posts.groupBy([each('tags'), each('o.scores')], { n: count() }),
    );
    expect(sql).toContain(
      `select (i0.v collate "C") as c0, i1.v::int8 as c1, count(*) as c2 from "posts" as t cross join lateral unnest(t."tags") as i0(v) ` +
        `cross join lateral jsonb_array_elements_text(nullif((t."o"->'scores'), 'null')) as i1(v) where`,
    );
  });

  it('compare least uuids and least times inside JSON as what they are', async () => {
    const { text: sql } = await compiled(Post, (posts) => posts.groupBy([], { id: min('id'), at: min('o.at') }));
    expect(sql).toContain(
      `min(t."id"::text collate "C")::uuid as c0, min(((t."o"->>'at') collate "C"))::timestamptz as c1 from`,
    );
  });
});
