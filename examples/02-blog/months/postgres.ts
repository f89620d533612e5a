import { type PostgresDatabase, PostgresRepository } from 'trivet';
import { Post } from '../../06-service/entities/post.js';
import type { Month, Months } from './months.js';

export class PostgresMonths extends PostgresRepository<typeof Post> implements Months {
  constructor(database: PostgresDatabase) {
    super(database, Post);
  }

  all(): Promise<Month[]> {
    return this.sql<Month>`
      with months as (
        select to_char(published_at at time zone 'UTC', 'YYYY-MM') as month,
               count(*) as posts,
               sum(views)::int8 as views,
               (array_agg(title order by views desc, id))[1] as best
        from ${Post}
        where status = ${'published'} and deleted_at is null
        group by 1
      )
      select month, posts, views,
             (sum(posts) over so_far)::int8 as "postsSoFar",
             views - lag(views) over so_far as change,
             best
      from months
      window so_far as (order by month)
      order by month`;
  }
}
