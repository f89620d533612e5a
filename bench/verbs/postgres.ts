import { Pool } from 'pg';
import { PostgresDatabase } from 'trivet/postgres';
import { fill } from './fill.js';
import { type AuthorRow, FIRST_NEW, type PostRow, postFor } from './post.js';
import { trivetWays } from './trivet.js';
import { CONNECTIONS, type Pair, type Ways } from './ways.js';

const COLUMNS = Object.keys(postFor(0)) as (keyof PostRow)[];
const LISTED = COLUMNS.map((name) => `"${name}"`).join(', ');

/** As the driver's own pages show it: a text and its values, through a pool. */
function rawWays(pool: Pool): Ways {
  const rows = async <R>(text: string, values: readonly unknown[]): Promise<R[]> =>
    (await pool.query(text, [...values])).rows as R[];
  const first = async (text: string, values: readonly unknown[]): Promise<PostRow | null> =>
    (await rows<PostRow>(text, values))[0] ?? null;
  const insert = (posts: readonly PostRow[]): Promise<PostRow[]> => {
    const places = posts.map((_, i) => `(${COLUMNS.map((__, j) => `$${i * COLUMNS.length + j + 1}`).join(', ')})`);
    const values = posts.flatMap((post) => COLUMNS.map((name) => post[name]));
    return rows(`insert into posts (${LISTED}) values ${places.join(', ')} returning *`, values);
  };
  return {
    name: 'pg',
    byId: (id) => first('select * from posts where id = $1', [id]),
    bySlug: (slug) => first('select * from posts where slug = $1', [slug]),
    page: (before) =>
      rows(`select * from posts where status = $1 and "createdAt" < $2 order by "createdAt" desc limit 20`, [
        'published',
        before,
      ]),
    thousand: () => rows('select * from posts order by id limit 1000', []),
    async withAuthors(from) {
      const posts = await rows<PostRow>('select * from posts where id >= $1 order by id limit 20', [from]);
      const ids = [...new Set(posts.map(({ authorId }) => authorId))];
      const authors = await rows<AuthorRow>('select * from authors where id = any($1)', [ids]);
      const byId = new Map(authors.map((author) => [author.id, author]));
      return posts.map((post) => ({ ...post, author: byId.get(post.authorId) ?? null }));
    },
    insert: async (post) => (await insert([post]))[0],
    insertMany: insert,
    view: (id) => first('update posts set views = views + 1 where id = $1 returning *', [id]),
    clear: () => pool.query('delete from posts where id >= $1', [FIRST_NEW]),
    close: () => pool.end(),
  };
}

/** Both ways on an empty database, which they fill. */
export async function openPostgres(url: string): Promise<Pair> {
  const database = new PostgresDatabase({ url, max: CONNECTIONS, naming: 'as-written' });
  await fill(database);
  const pool = new Pool({ connectionString: url, max: CONNECTIONS });
  return [rawWays(pool), trivetWays(database)];
}
