import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { Comment } from '../../../examples/06-service/entities/comment.js';
import { Post } from '../../../examples/06-service/entities/post.js';
import { User } from '../../../examples/06-service/entities/user.js';
import type { Route } from '../../../examples/06-service/http/route.js';
import { ref } from '../../../examples/06-service/openapi/components.js';
import { openApiDocument } from '../../../examples/06-service/openapi/document.js';
import { changeBody, draftBody, listOf, pageOf, partOfRow } from '../../../examples/06-service/openapi/schemas.js';

const handle = async (): Promise<void> => {};
const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/posts',
    summary: 'Published posts',
    tag: 'posts',
    access: 'anyone',
    query: { page: { type: 'integer', minimum: 1, description: 'Which page.' }, sort: { type: 'string' } },
    answers: {
      200: { description: 'A page.', schema: pageOf(partOfRow(Post, ['slug', 'title'], { author: ref('User') })) },
    },
    handle,
  },
  {
    method: 'post',
    path: '/posts/:slug/comments',
    summary: 'Answer a post',
    tag: 'comments',
    access: 'user',
    body: draftBody(Comment, ['body', 'parentId']),
    answers: { 201: { description: 'The comment.', schema: ref('Comment') } },
    handle,
  },
  {
    method: 'patch',
    path: '/admin/users/:id',
    summary: 'Change what a user may do',
    tag: 'admin',
    access: 'admin',
    body: changeBody(User, ['role', 'isActive']),
    answers: {
      200: { description: 'The user.', schema: ref('User') },
      409: { description: 'The last administrator stays.' },
    },
    handle,
  },
  {
    method: 'delete',
    path: '/comments/:id',
    summary: 'Delete a comment',
    tag: 'comments',
    access: 'user',
    answers: { 204: { description: 'It is gone.' } },
    handle,
  },
  {
    method: 'post',
    path: '/users',
    summary: 'Register',
    tag: 'users',
    access: 'anyone',
    body: draftBody(User, ['email', 'username', 'password', 'profile', 'preferences']),
    answers: { 201: { description: 'The user.', schema: ref('User') } },
    handle,
  },
];

const document = openApiDocument(routes, { title: 'Blog', version: '1.0.0' }) as any;
const statusesOf = (operation: { readonly responses: object }) => Object.keys(operation.responses);

describe('the document of the routes', () => {
  test('is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(references.length).toBeGreaterThan(10);
    for (const path of references) {
      const found = path.split('/').reduce((at, name) => at?.[name], document);
      expect(found, path).toBeTypeOf('object');
    }
  });

  test('writes paths and their parameters as OpenAPI does', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/posts',
      '/posts/{slug}/comments',
      '/admin/users/{id}',
      '/comments/{id}',
      '/users',
      '/livez',
      '/readyz',
      '/openapi.json',
    ]);
    expect(document.paths['/posts'].get.parameters).toEqual([
      { name: 'page', in: 'query', description: 'Which page.', schema: { type: 'integer', minimum: 1 } },
      { name: 'sort', in: 'query', schema: { type: 'string' } },
    ]);
    expect(document.paths['/comments/{id}'].delete.parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    ]);
    expect(document.paths['/posts/{slug}/comments'].post.operationId).toBe('postPostsSlugComments');
  });

  test('adds the refusals that follow from who may ask and from what a route takes', () => {
    const { paths } = document;
    expect(statusesOf(paths['/posts'].get)).toEqual(['200', '400', '422', '429', 'default']);
    const ofBody = ['201', '400', '401', '403', '404', '409', '413', '422', '429', 'default'];
    expect(statusesOf(paths['/posts/{slug}/comments'].post)).toEqual(ofBody);
    expect(statusesOf(paths['/users'].post)).toEqual(['201', '400', '409', '413', '422', '429', 'default']);
    expect(paths['/posts'].get).not.toHaveProperty('security');
    expect(paths['/comments/{id}'].delete.security).toEqual([{ bearer: [] }]);
  });

  test('says what a route says itself of a refusal, and gives an answer without a body none', () => {
    const { patch } = document.paths['/admin/users/{id}'];
    expect(patch.responses['409']).toEqual({
      description: 'The last administrator stays.',
      content: { 'application/problem+json': { schema: ref('Problem') } },
    });
    expect(document.paths['/comments/{id}'].delete.responses['204']).toEqual({ description: 'It is gone.' });
  });

  test('shows a password where one is given, and nowhere else', () => {
    const { password, ...shown } =
      document.paths['/users'].post.requestBody.content['application/json'].schema.properties;
    expect(password).toEqual({ type: 'string', minLength: 10, maxLength: 200 });
    expect(JSON.stringify([shown, document.components])).not.toContain('password');
    expect(JSON.stringify(document).match(/"password"/g)).toHaveLength(2);
    expect(() => partOfRow(User, ['password' as never])).toThrow('A client is not shown `password` of `users`');
  });

  test('says of computed fields what they are, and no schema says again which dialect it is in', () => {
    expect(document.components.schemas.User).toMatchObject({
      title: 'User',
      properties: { fullName: { type: 'string' } },
    });
    expect(document.components.schemas.User.required).toContain('fullName');
    expect(JSON.stringify(document)).not.toContain('$schema');
  });

  test('refuses two routes that are one', () => {
    const same = { ...routes[3]!, path: '/comments/:id' };
    expect(() => openApiDocument([...routes, same], { title: 'Blog', version: '1' })).toThrow(TypeError);
  });
});

describe('a body', () => {
  test('that makes a row must bring what the draft must, and what is added by name', () => {
    const { required, properties } = draftBody(
      Post,
      ['title', 'body', 'excerpt'],
      { tags: listOf({ type: 'string' }) },
      ['tags'],
    );
    expect(required).toEqual(['title', 'body', 'tags']);
    expect(Object.keys(properties as object)).toEqual(['title', 'body', 'excerpt', 'tags']);
  });

  test('that changes a row brings at least one field, and none by default', () => {
    expect(changeBody(User, ['role', 'isActive'])).toEqual({
      type: 'object',
      properties: { role: { type: 'string', enum: ['reader', 'author', 'admin'] }, isActive: { type: 'boolean' } },
      required: [],
      minProperties: 1,
    });
  });
});
