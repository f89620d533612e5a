import { expect, test } from 'vitest';
import { Post } from '../../../examples/06-service/entities/post.js';
import type { Route } from '../../../examples/06-service/http/route.js';
import { ref } from '../../../examples/06-service/openapi/components.js';
import { openApiDocument } from '../../../examples/06-service/openapi/document.js';
import { draftBody } from '../../../examples/06-service/openapi/schemas.js';
import { Conformance, type Exchange } from './conformance.js';

// What compares every answer of the service with its document must itself find what is wrong.

const route: Route = {
  method: 'post',
  path: '/posts/:slug/copies',
  summary: 'Copy',
  tag: 'posts',
  access: 'user',
  body: draftBody(Post, ['title']),
  answers: { 201: { description: 'A tag.', schema: ref('Tag') } },
  handle: async () => {},
};
const conformance = new Conformance(openApiDocument([route], { title: 'Blog', version: '1' }));
const right: Exchange = {
  method: 'post',
  path: '/posts/one/copies',
  sent: { title: 'Two' },
  status: 201,
  type: 'application/json; charset=utf-8',
  body: { id: '00000000-0000-7000-8000-000000000001', name: 'maps' },
};

test('an exchange that is as the document says has no problem', () => {
  expect(conformance.unseen()).toContain('post /posts/{slug}/copies 201');
  expect(conformance.problemsOf(right)).toEqual([]);
  expect(conformance.unseen()).toEqual(['get /livez 200', 'get /readyz 200', 'get /openapi.json 200']);
});

test.each<[string, Partial<Exchange>]>([
  ['a path that is not in the document', { path: '/tags' }],
  ['another method', { method: 'put' }],
  ['another status', { status: 202 }],
  ['another kind of body', { type: 'text/html' }],
  ['a property that is missing', { body: { id: '00000000-0000-7000-8000-000000000001' } }],
  ['a property more', { body: { ...(right.body as object), password: 'x' } }],
  ['a key that is none', { body: { id: 'x', name: 'maps' } }],
  ['no body', { body: undefined }],
  ['a body that should not have been accepted', { sent: { title: 7 } }],
  ['an error that is no problem document', { status: 404, type: 'application/json', body: {} }],
  ['a problem without a status', { status: 404, type: 'application/problem+json', body: { type: 'x', title: 'y' } }],
])('%s is found', (_, wrong) => {
  expect(conformance.problemsOf({ ...right, ...wrong })).not.toEqual([]);
});
