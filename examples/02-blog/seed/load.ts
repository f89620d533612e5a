import type { Blog } from '../blog.js';
import { type Seed, STORY_BEGINS } from './seed.js';

/** Makes the tables and collections, and fills them. */
export async function loadSeed({ repositories, clock }: Blog, seed: Seed): Promise<void> {
  const { users, categories, tags, posts, postTags, comments, likes, events } = repositories;
  // One after another: a table can only refer to one that is there.
  for (const each of Object.values(repositories)) await each.ensureSchema();

  await users.insertMany(seed.users);
  await categories.insertMany(seed.categories);
  await tags.insertMany(seed.tags);
  await posts.insertMany(seed.posts);
  await postTags.insertMany(seed.postTags);
  await comments.insertMany(seed.comments);
  await likes.insertMany(seed.likes);
  await events.insertMany(seed.events);

  for (const id of seed.deleted.comments) await comments.delete(id);
  for (const id of seed.deleted.posts) await posts.delete(id);
  for (const id of seed.deleted.users) await users.delete(id);
  clock.set(STORY_BEGINS);
}
