import { type AnyEntity, type Database, Repository } from 'trivet';
import { AUTHORS, Author, authorFor, POSTS, Post, postFor } from './post.js';

const AT_ONCE = 1_000;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Makes the tables and what is in them, the same for both ways. */
export async function fill(
  database: Database & { ensureSchema(entities: readonly AnyEntity[]): Promise<unknown> },
): Promise<void> {
  await database.ensureSchema([Author, Post]);
  await new Repository(database, Author).insertMany(numbers(AUTHORS).map(authorFor));
  const posts = numbers(POSTS).map(postFor);
  for (let from = 0; from < POSTS; from += AT_ONCE)
    await new Repository(database, Post).insertMany(posts.slice(from, from + AT_ONCE));
}
