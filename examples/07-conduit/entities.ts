import { entity, index, integer, list, type Row, text, timestamps, uuid } from 'trivet';

export const BLANK = "can't be blank";

/** A text that must say something. */
const filled = (most: number) => text().matches(/\S/, BLANK).max(most);

export const User = entity('users', {
  id: uuid().primaryKey(),
  email: text().trim().lowercase().matches(/\S/, BLANK).email('is invalid').unique(),
  username: filled(100).trim().unique(),
  password: filled(200).min(8, 'is too short (minimum is 8 characters)').hidden(),
  bio: text().max(1_000).optional(),
  image: text().max(2_000).optional(),
  ...timestamps(),
});
export type User = Row<typeof User>;

export const Follow = entity(
  'follows',
  {
    followerId: uuid().references('users', { onDelete: 'cascade' }),
    followedId: uuid().references('users', { onDelete: 'cascade' }),
  },
  { primaryKey: ['followerId', 'followedId'], indexes: [index('followedId')] },
);

export const Article = entity(
  'articles',
  {
    id: uuid().primaryKey(),
    authorId: uuid().references('users', { onDelete: 'cascade' }),
    slug: text().max(100).generated().unique(),
    title: filled(200).trim(),
    description: filled(1_000).trim(),
    body: filled(50_000),
    tagList: list(filled(50).trim()).max(20).default([]),
    ...timestamps(),
  },
  { indexes: [index({ createdAt: 'desc', id: 'desc' }), index('authorId'), index('tagList')] },
);
export type Article = Row<typeof Article>;

export const Favorite = entity(
  'favorites',
  {
    articleId: uuid().references('articles', { onDelete: 'cascade' }),
    userId: uuid().references('users', { onDelete: 'cascade' }),
  },
  // One of a user for an article, whatever happens at once.
  { primaryKey: ['articleId', 'userId'], indexes: [index('userId')] },
);

export const Comment = entity(
  'comments',
  {
    id: integer().primaryKey(),
    articleId: uuid().references('articles', { onDelete: 'cascade' }),
    authorId: uuid().references('users', { onDelete: 'cascade' }),
    body: filled(10_000),
    ...timestamps(),
  },
  { indexes: [index('articleId', 'id')] },
);
export type Comment = Row<typeof Comment>;

/** The last number that was given out, by what it is for. */
export const Counter = entity('counters', { name: text().max(20).primaryKey(), value: integer().default(0) });
