import type { JsonSchema } from 'trivet';
import type { Route } from '../http/route.js';
import { failure, ownProblem, refusalOf, statusesOf } from './errors.js';

/** `/posts/:slug` as OpenAPI writes it: `/posts/{slug}`. */
export function pathOf(route: Pick<Route, 'path'>): string {
  return route.path.replace(/:(\w+)/g, '{$1}');
}

/** What a route is, for those who call it. */
export function operationOf(route: Route): JsonSchema {
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [route.tag],
    ...(route.access !== 'anyone' && { security: [{ bearer: [] }] }),
    ...(route.access === 'admin' && { description: 'For administrators.' }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: responsesOf(route),
  };
}

/** `get /posts/:slug/comments` is `getPostsSlugComments`: a name for the function in a client that is generated. */
function operationIdOf({ method, path }: Route): string {
  return method + path.replace(/\W+(\w)/g, (_, first: string) => first.toUpperCase());
}

function pathParameters({ path }: Route): JsonSchema[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'id' ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
}

function queryParameters({ query = {} }: Route): JsonSchema[] {
  return Object.entries(query).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }));
}

function responsesOf(route: Route): JsonSchema {
  const responses: Record<string, JsonSchema> = {};
  for (const status of statusesOf(route)) responses[status] = refusalOf(status);
  // What a route says itself of a refusal goes before what is said of all.
  for (const [status, { description, schema }] of Object.entries(route.answers)) {
    const isError = Number(status) >= 400;
    if (isError && schema === undefined) responses[status] = ownProblem(description);
    else responses[status] = { description, ...(schema && { content: { [typeOf(isError)]: { schema } } }) };
  }
  return { ...responses, default: failure };
}

function typeOf(isError: boolean): string {
  return isError ? 'application/problem+json' : 'application/json';
}
