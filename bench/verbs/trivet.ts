import { belongsTo, type Database, gte, increment, lt, Repository } from 'trivet';
import { Author, FIRST_NEW, Post } from './post.js';
import type { Ways } from './ways.js';

/** By the verbs of a repository, which are the same on both engines. */
export function trivetWays(database: Database & { close(): Promise<void> }): Ways {
  const authors = new Repository(database, Author);
  const posts = new Repository(database, Post);
  const author = belongsTo(authors, 'authorId');
  return {
    name: 'trivet',
    byId: (id) => posts.findById(id),
    bySlug: (slug) => posts.findOne({ slug }),
    page: (before) =>
      posts.find({ status: 'published', createdAt: lt(before) }, { orderBy: { createdAt: 'desc' }, limit: 20 }),
    thousand: () => posts.find({}, { orderBy: { id: 'asc' }, limit: 1_000 }),
    withAuthors: (from) => posts.find({ id: gte(from) }, { orderBy: { id: 'asc' }, limit: 20, include: { author } }),
    insert: (post) => posts.insert(post),
    insertMany: (many) => posts.insertMany(many),
    view: (id) => posts.update(id, { views: increment(1) }),
    clear: () => posts.deleteMany({ id: gte(FIRST_NEW) }),
    close: () => database.close(),
  };
}
