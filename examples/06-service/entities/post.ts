import {
  boolean,
  entity,
  enumOf,
  index,
  integer,
  list,
  type Row,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from 'trivet';

export const Post = entity(
  'posts',
  {
    id: uuid().primaryKey(),
    authorId: uuid().references('users', { onDelete: 'restrict' }),
    title: text().trim().min(3).max(120),
    slug: text().max(140).generated().unique(),
    body: text().min(1).max(50_000),
    excerpt: text().max(200).generated(),
    wordCount: integer().min(0).generated(),
    readingMinutes: integer().min(1).generated(),
    status: enumOf('draft', 'published', 'archived').default('draft'),
    publishedAt: timestamp().optional(),
    featured: boolean().default(false),
    views: integer().min(0).default(0),
    categoryIds: list(uuid()).max(5).default([]),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
  },
  {
    indexes: [
      index('authorId'),
      index({ publishedAt: 'desc', id: 'desc' }).where({ status: 'published', deletedAt: null }),
      index({ views: 'desc', id: 'desc' }),
      index('categoryIds'),
    ],
    search: { title: 'A', excerpt: 'B', body: 'C' },
  },
);
export type Post = Row<typeof Post>;
