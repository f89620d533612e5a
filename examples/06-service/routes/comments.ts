import type { Service } from '../composition.js';
import { Comment } from '../entities/comment.js';
import { userOf } from '../http/authentication.js';
import { bodyOf, pageParameters } from '../http/input.js';
import type { Route } from '../http/route.js';
import { ref } from '../openapi/components.js';
import { draftBody, listOf, objectOf, orNull, pageOf, rowSchema } from '../openapi/schemas.js';
import { pageQuery, text } from './parameters.js';

const author = orNull(objectOf({ username: text, fullName: text }));
const answer = rowSchema(Comment, 'Answer', { author });
const thread = rowSchema(Comment, 'Thread', { author, replies: listOf(answer) });

/** Threads below posts. */
export function commentRoutes({ discussion }: Service): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/posts/:slug/comments',
      summary: 'The threads below a post, the oldest first',
      tag: 'comments',
      access: 'anyone',
      query: pageQuery,
      answers: { 200: { description: 'A page.', schema: pageOf(thread) } },
      async handle(request, response) {
        const { page, limit } = pageParameters(request, 20);
        response.json(await discussion.threads(request.params['slug'] as string, page, limit));
      },
    },
    {
      method: 'post',
      path: '/posts/:slug/comments',
      summary: 'Comment on a post, or answer a comment with `parentId`',
      tag: 'comments',
      access: 'user',
      body: draftBody(Comment, ['body', 'parentId']),
      answers: { 201: { description: 'The comment.', schema: ref('Comment') } },
      async handle(request, response) {
        const slug = request.params['slug'] as string;
        const { body, parentId = null } = bodyOf<Pick<Comment, 'body' | 'parentId'>>(request, ['body', 'parentId']);
        response.status(201).json(await discussion.say(slug, userOf(request).id, body, parentId));
      },
    },
    {
      method: 'delete',
      path: '/comments/:id',
      summary: 'Delete a comment',
      tag: 'comments',
      access: 'user',
      answers: { 204: { description: 'It is gone.' } },
      async handle(request, response) {
        await discussion.withdraw(request.params['id'] as string, userOf(request));
        response.status(204).end();
      },
    },
  ];
}
