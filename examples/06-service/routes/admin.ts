import type { JsonSchema } from 'trivet';
import type { Service } from '../composition.js';
import { Post } from '../entities/post.js';
import { MOST_TAGS } from '../entities/tag.js';
import { User } from '../entities/user.js';
import { userOf } from '../http/authentication.js';
import { bodyOf, changeOf } from '../http/input.js';
import type { Route } from '../http/route.js';
import { ref } from '../openapi/components.js';
import { changeBody, draftBody, listOf, objectOf, pageOf, rowSchema } from '../openapi/schemas.js';
import type { PostToImport } from '../services/import-drafts.js';
import { count, pageQuery, sortQuery, text } from './parameters.js';

const { required, ...user } = rowSchema(User, 'UserWithPosts', { fullName: text, posts: count });
const listed: JsonSchema = { ...user, required };
const byRole = objectOf({
  rows: listOf(
    objectOf({
      role: text,
      users: count,
      active: count,
      lastLoginAt: { type: ['string', 'null'], format: 'date-time' },
    }),
  ),
});
const toImport = draftBody(
  Post,
  ['authorId', 'title', 'body', 'excerpt', 'status', 'publishedAt', 'categoryIds'],
  {
    reference: { ...text, description: 'What the post is known by where it comes from.' },
    tags: { ...listOf(text), maxItems: MOST_TAGS },
  },
  ['reference'],
);
const open = { type: 'object' } as const;

/** For administrators. */
export function adminRoutes(service: Service): readonly Route[] {
  const { accounts, directory, importing, logger } = service;
  const common = { tag: 'admin', access: 'admin' } as const;
  return [
    {
      ...common,
      method: 'get',
      path: '/admin/users',
      summary: 'All users, with their numbers of posts',
      query: {
        ...pageQuery,
        sort: sortQuery('-createdAt'),
        role: { type: 'string', enum: ['reader', 'author', 'admin'] },
        'role[in]': text,
        isActive: { type: 'boolean' },
        'createdAt[gte]': text,
        'createdAt[lt]': text,
        'username[startsWith]': text,
      },
      answers: { 200: { description: 'A page.', schema: pageOf(listed) } },
      async handle(request, response) {
        response.json(await directory.list(request.query as Record<string, string>));
      },
    },
    {
      ...common,
      method: 'get',
      path: '/admin/users/statistics',
      summary: 'Users by role',
      answers: { 200: { description: 'The figures.', schema: byRole } },
      async handle(_request, response) {
        response.json({ rows: await directory.byRole() });
      },
    },
    {
      ...common,
      method: 'patch',
      path: '/admin/users/:id',
      summary: 'Change what a user may do; nobody does it to themselves',
      body: changeBody(User, ['role', 'isActive']),
      answers: { 200: { description: 'The user.', schema: ref('User') } },
      async handle(request, response) {
        const rights = changeOf<Partial<Pick<User, 'role' | 'isActive'>>>(request, ['role', 'isActive']);
        response.json(await accounts.administer(userOf(request), request.params['id'] as string, rights));
      },
    },
    {
      ...common,
      method: 'post',
      path: '/admin/posts/import',
      summary: 'Bring posts in from elsewhere; one import at a time',
      body: { ...objectOf({ posts: listOf(toImport) }), additionalProperties: true },
      bodyLimit: '10mb',
      answers: { 200: { description: 'How many were new.', schema: objectOf({ inserted: count, skipped: count }) } },
      async handle(request, response) {
        const { posts } = bodyOf<{ posts: readonly PostToImport[] }>(request, ['posts']);
        const progress = (done: object, total: number): void => logger?.info({ ...done, total }, 'importing posts');
        response.json(await importing.importPosts(posts, { progress }));
      },
    },
    {
      ...common,
      method: 'get',
      path: '/admin/status',
      summary: 'Pools, cache and slow queries of this process',
      answers: {
        200: {
          description: 'As it is now.',
          schema: objectOf({ health: open, pools: open, cache: open, slowQueries: listOf(open) }),
        },
      },
      async handle(_request, response) {
        response.json(statusOf(service));
      },
    },
  ];
}

function statusOf({ pools, cache, slowQueries }: Service): object {
  return {
    health: pools.lastHealth(),
    pools: pools.stats(),
    cache: cache.stats(),
    slowQueries: slowQueries.list(),
  };
}
