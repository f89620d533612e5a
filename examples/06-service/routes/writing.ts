import type { Request } from 'express';
import { ValidationError } from 'trivet';
import type { Service } from '../composition.js';
import { Post } from '../entities/post.js';
import { MOST_TAGS } from '../entities/tag.js';
import { ForbiddenError } from '../errors.js';
import { userOf } from '../http/authentication.js';
import { bodyOf, changeOf, checkTexts } from '../http/input.js';
import type { Route } from '../http/route.js';
import { ref } from '../openapi/components.js';
import { changeBody, draftBody, listOf, objectOf, orNull, pageOf, partOfRow } from '../openapi/schemas.js';
import { requireAuthor } from '../permissions.js';
import type { NewPost } from '../services/publishing.js';
import { count, pageQuery, sortQuery, text } from './parameters.js';

const liking = objectOf({ liked: { type: 'boolean' }, likes: count });
const ownPost = partOfRow(Post, ['id', 'title', 'slug', 'excerpt', 'status', 'publishedAt', 'updatedAt', 'version']);
const FIELDS = ['title', 'body', 'excerpt', 'categoryIds', 'tags'] as const;

interface Edit {
  readonly title?: string;
  readonly body?: string;
  readonly featured?: boolean;
  readonly version?: number;
}

/** Writing and liking. */
export function writingRoutes({ publishing, discussion }: Service): readonly Route[] {
  const slugOf = (request: Request): string => request.params['slug'] as string;
  const owned = (request: Request) => publishing.owned(slugOf(request), userOf(request));
  /** A post that the user may write on. Who is no author any more keeps what was written, and may take it away. */
  const written = async (request: Request) => {
    const post = await owned(request);
    requireAuthor(userOf(request));
    return post;
  };
  const whole = { description: 'The post.', schema: ref('Post') };
  const common = { tag: 'posts', access: 'user' } as const;
  return [
    {
      ...common,
      method: 'post',
      path: '/posts',
      summary: 'Write a draft',
      body: draftBody(Post, ['title', 'body', 'categoryIds'], {
        excerpt: orNull({ type: 'string', maxLength: 200 }),
        tags: { ...listOf(text), maxItems: MOST_TAGS },
      }),
      answers: { 201: { description: 'The draft.', schema: ref('Post') } },
      async handle(request, response) {
        const user = userOf(request);
        requireAuthor(user);
        const draft = bodyOf<Omit<NewPost, 'authorId'>>(request, FIELDS);
        checkTexts(draft.tags, 'tags', MOST_TAGS);
        const post = await publishing.write({ ...draft, authorId: user.id });
        response.status(201).location(`/posts/${post.slug}`).set('ETag', tagOf(post)).json(post);
      },
    },
    {
      ...common,
      method: 'get',
      path: '/me/posts',
      summary: 'The posts of who asks, drafts too, the one that was changed last first',
      query: {
        ...pageQuery,
        sort: sortQuery('title'),
        status: { type: 'string', enum: ['draft', 'published', 'archived'] },
        'status[in]': text,
      },
      answers: { 200: { description: 'A page.', schema: pageOf(ownPost) } },
      async handle(request, response) {
        response.json(await publishing.own(userOf(request).id, request.query as Record<string, string>));
      },
    },
    {
      ...common,
      method: 'patch',
      path: '/posts/:slug',
      summary: 'Change a post; with `version` or `If-Match`, only this version of it',
      body: changeBody(Post, ['title', 'body', 'featured'], { version: count }),
      answers: { 200: whole, 412: { description: 'The post has another version than `If-Match` says.' } },
      async handle(request, response) {
        const { id, version } = await written(request);
        const { version: wanted = versionOf(request) ?? version, ...patch } = changeOf<Edit>(request, [
          'title',
          'body',
          'featured',
          'version',
        ]);
        if (!Number.isInteger(wanted))
          throw new ValidationError('request', [{ path: 'version', message: 'must be an integer' }]);
        if (patch.featured !== undefined && userOf(request).role !== 'admin')
          throw new ForbiddenError('Administrators say what is featured');
        const post = await publishing.edit({ id, version: wanted }, patch);
        response.set('ETag', tagOf(post)).json(post);
      },
    },
    {
      ...common,
      method: 'post',
      path: '/posts/:slug/publication',
      summary: 'Publish a post; one that is out stays as it is',
      answers: { 200: whole },
      async handle(request, response) {
        const post = await written(request);
        response.json((await publishing.publish(post.id)) ?? post);
      },
    },
    {
      ...common,
      method: 'delete',
      path: '/posts/:slug',
      summary: 'Delete a post',
      answers: { 204: { description: 'It is gone.' } },
      async handle(request, response) {
        await publishing.remove((await owned(request)).id);
        response.status(204).end();
      },
    },
    {
      ...common,
      method: 'put',
      path: '/posts/:slug/like',
      summary: 'Like a post',
      answers: { 200: { description: 'How many do.', schema: liking } },
      async handle(request, response) {
        response.json(await discussion.like(slugOf(request), userOf(request).id));
      },
    },
    {
      ...common,
      method: 'delete',
      path: '/posts/:slug/like',
      summary: 'Take a like back',
      answers: { 200: { description: 'How many do.', schema: liking } },
      async handle(request, response) {
        response.json(await discussion.unlike(slugOf(request), userOf(request).id));
      },
    },
  ];
}

function tagOf({ version }: Pick<Post, 'version'>): string {
  return `"${version}"`;
}

/** The version of `If-Match`; null where there is none, and where any will do. @throws ValidationError for what is no tag of ours */
function versionOf(request: Request): number | null {
  const given = request.get('if-match');
  if (given === undefined || given === '*') return null;
  const [, version] = /^"(\d{1,9})"$/.exec(given) ?? [];
  if (version !== undefined) return Number(version);
  throw new ValidationError('request', [{ path: 'If-Match', message: 'must be one version in quotes, such as "3"' }]);
}
