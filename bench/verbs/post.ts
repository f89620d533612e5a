import { boolean, entity, enumOf, index, integer, type Row, real, text, timestamp } from 'trivet';

export const Author = entity('authors', {
  id: integer().primaryKey(),
  name: text().max(50),
  email: text().max(100),
});

/** Twelve fields, as rows of an application have. */
export const Post = entity(
  'posts',
  {
    id: integer().primaryKey(),
    slug: text().max(50).unique(),
    title: text().max(200),
    body: text().max(10_000),
    status: enumOf('draft', 'published'),
    authorId: integer(),
    views: integer().min(0),
    score: real(),
    featured: boolean(),
    excerpt: text().max(200).optional(),
    createdAt: timestamp(),
    updatedAt: timestamp(),
  },
  { indexes: [index({ status: 'asc', createdAt: 'desc' })] },
);

export type PostRow = Row<typeof Post>;
export type AuthorRow = Row<typeof Author>;

export const POSTS = 5_000;
export const AUTHORS = 200;
/** Of new rows. */
export const FIRST_NEW = 1_000_000;

/** The same in every run. */
export function postFor(id: number): PostRow {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + id * 60_000);
  return {
    id,
    slug: `post-${id}`,
    title: `What ${id} people say of the weather`,
    body: 'It rained in the morning, and the sun came out when nobody expected it. '.repeat(4),
    status: id % 4 === 0 ? 'draft' : 'published',
    authorId: (id % AUTHORS) + 1,
    views: (id * 7) % 1_000,
    score: ((id * 13) % 100) + 0.5,
    featured: id % 10 === 0,
    excerpt: id % 3 === 0 ? null : 'Rain, then sun.',
    createdAt,
    updatedAt: createdAt,
  };
}

export function authorFor(id: number): AuthorRow {
  return { id, name: `Author ${id}`, email: `author${id}@example.org` };
}
