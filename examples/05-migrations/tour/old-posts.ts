import type { PostgresDatabase } from 'trivet';

/** Posts of three writers, as an application without a count of words has left them. Gives their number. */
export async function oldPosts(database: PostgresDatabase, count: number): Promise<string> {
  await database.query(`
    insert into users (id, email, name, role, created_at, updated_at)
    select gen_random_uuid(), 'writer' || n || '@blog.example', 'Writer ' || n, 'author', now(), now() from generate_series(1, 3) n`);
  await database.query(
    `insert into posts (id, author_id, title, body, status, created_at, updated_at)
     select gen_random_uuid(), (select id from users order by email offset n % 3 limit 1), 'Post ' || n,
            repeat('word ', 1 + n % 40), 'draft', now(), now()
       from generate_series(1, $1::int4) n`,
    [count],
  );
  return count.toLocaleString('en');
}

export async function withoutCount(database: PostgresDatabase): Promise<number> {
  const rows = await database.query<{ posts: number }>(
    'select count(*)::int4 as posts from posts where word_count is null',
  );
  return rows[0]!.posts;
}
