import { entity, enumOf, index, integer, type Row, softDelete, text, timestamp, timestamps, uuid } from 'trivet';

export const User = entity('users', {
  id: uuid().primaryKey(),
  email: text().trim().lowercase().email().unique(),
  name: text().trim().min(2).max(80),
  role: enumOf('reader', 'author', 'admin').default('reader'),
  bio: text().max(300).optional(),
  ...timestamps(),
});
export type User = Row<typeof User>;

export const Post = entity(
  'posts',
  {
    id: uuid().primaryKey(),
    authorId: uuid().references('users', { onDelete: 'cascade' }),
    title: text().trim().min(3).max(120),
    body: text().min(1).max(20_000),
    status: enumOf('draft', 'published').default('draft'),
    publishedAt: timestamp().optional(),
    wordCount: integer().min(0),
    ...timestamps(),
    ...softDelete(),
  },
  { indexes: [index('authorId', 'publishedAt')] },
);
export type Post = Row<typeof Post>;

export const Comment = entity(
  'comments',
  {
    id: uuid().primaryKey(),
    postId: uuid().references('posts', { onDelete: 'cascade' }),
    authorId: uuid().references('users', { onDelete: 'cascade' }),
    // The comment that this one answers.
    parentId: uuid().references('comments', { onDelete: 'cascade' }).optional(),
    body: text().trim().min(1).max(1_000),
    ...timestamps(),
  },
  { indexes: [index('postId', 'createdAt'), index('authorId'), index('parentId')] },
);
export type Comment = Row<typeof Comment>;

export const Like = entity(
  'likes',
  {
    postId: uuid().references('posts', { onDelete: 'cascade' }),
    userId: uuid().references('users', { onDelete: 'cascade' }),
    ...timestamps(),
  },
  // One like of a user for a post.
  { primaryKey: ['postId', 'userId'], indexes: [index('userId')] },
);
export type Like = Row<typeof Like>;
