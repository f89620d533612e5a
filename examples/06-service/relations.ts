import { belongsTo, belongsToMany, hasMany, manyToMany } from 'trivet';
import type { Repositories } from './repositories.js';

/** What comes along with posts. Each is one query for all posts of a page, two for the tags. */
export function postRelations({ users, tags, postTags, categories, comments, likes, events }: Repositories) {
  const author = belongsTo(users, 'authorId', { select: ['username', 'fullName'] });
  const replies = hasMany(comments, 'parentId', {
    select: ['body'],
    orderBy: { createdAt: 'asc' },
    include: { author },
  });
  return {
    author,
    tags: manyToMany(tags, postTags, 'postId', 'tagId', { select: ['name'], orderBy: { name: 'asc' } }),
    categories: belongsToMany(categories, 'categoryIds', { select: ['name'], where: { isActive: true } }),
    comments: hasMany(comments, 'postId', { count: true }),
    likes: hasMany(likes, 'postId', { count: true }),
    // Posts may be in PostgreSQL: the log is in MongoDB.
    shares: hasMany(events, 'postId', { where: { kind: 'share' }, count: true }),
    // The others come page by page: who writes many comments makes no answer larger.
    threads: hasMany(comments, 'postId', {
      limit: 20,
      select: ['body'],
      where: { parentId: null },
      orderBy: { createdAt: 'asc' },
      include: { author, replies },
    }),
  };
}

export type PostRelations = ReturnType<typeof postRelations>;
