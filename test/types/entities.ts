import {
  bigint,
  bigserial,
  boolean,
  decimal,
  entity,
  enumOf,
  fenced,
  geoPoint,
  index,
  integer,
  json,
  list,
  object,
  objectId,
  type Row,
  serial,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from 'trivet';
import * as z from 'zod';

// The entities that the type tests look at: every marker, every kind of key, three levels of objects, one engine's own fields.

export const User = entity(
  'users',
  {
    id: uuid().primaryKey(),
    email: text().trim().lowercase().email().unique(),
    username: text().trim().min(3).max(30).unique(),
    password: text().min(8).hidden(),
    role: enumOf('user', 'moderator', 'admin').default('user'),
    age: integer().min(0).optional(),
    profile: object({
      firstName: text().trim().max(50),
      lastName: text().trim().max(50),
      bio: text().max(500).optional(),
      location: geoPoint().optional(),
    }),
    settings: json(z.object({ theme: z.enum(['light', 'dark']), size: z.number().default(12) })).optional(),
    tags: list(text().max(40)).default([]),
    isActive: boolean().default(true),
    failedLogins: integer().min(0).default(0),
    lockedUntil: timestamp().optional(),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
  },
  {
    indexes: [index('role', 'isActive'), index({ createdAt: 'desc' }), index.geo('profile.location')],
    search: { username: 'A', 'profile.firstName': 'B', 'profile.lastName': 'B' },
    computed: { fullName: (user) => `${user.profile.firstName} ${user.profile.lastName}` },
  },
);
export type User = Row<typeof User>;

export const Post = entity(
  'blog.posts',
  {
    id: uuid().primaryKey(),
    authorId: uuid().references('users', { onDelete: 'cascade' }),
    slug: text().max(100),
    title: text(),
    status: enumOf('draft', 'published').default('draft'),
    price: decimal(10, 2).optional(),
    lines: list(object({ sku: text(), count: integer().default(1) })).default([]),
    ...timestamps(),
  },
  { unique: [['authorId', 'slug']], indexes: [index('slug').where({ status: 'published' }).named('published_slugs')] },
);

export const PostTag = entity(
  'post_tags',
  { postId: uuid(), tagId: integer(), weight: integer().default(0) },
  { primaryKey: ['postId', 'tagId'] },
);
export const Event = entity('events', {
  id: objectId().primaryKey(),
  kind: text(),
  at: timestamp().default(() => new Date()),
});
export const Ledger = entity('ledger', {
  id: bigserial().primaryKey(),
  amount: bigint(),
  deep: object({ a: object({ b: text() }).optional() }),
});
export const Counter = entity('counters', { id: serial().primaryKey(), note: json().optional() });
export const Mixed = entity('mixed', { id: uuid().primaryKey(), a: list(objectId()), b: bigserial() });
export const Shop = entity('shops', {
  id: uuid().primaryKey(),
  prefs: object({ theme: text().default('light'), note: text().optional() }),
  maybe: object({ theme: text().default('light') }).optional(),
});
export const Basket = entity('baskets', {
  id: uuid().primaryKey(),
  lines: list(object({ count: integer().default(1) })),
});
export const Task = entity('tasks', { id: uuid().primaryKey(), note: text().optional(), ...versioned(), ...fenced() });
