import type { JsonSchema } from 'trivet';
import type { Route } from '../http/route.js';
import { ref } from './components.js';

const descriptions = {
  400: 'The request cannot be read.',
  401: 'There is no valid token in the request.',
  403: 'The user may not do this.',
  404: 'There is no such thing.',
  409: 'It does not go with what there is now.',
  413: 'The body is too large.',
  422: 'The input does not fit; `issues` says where.',
  429: 'Too many requests; `Retry-After` says when to come again.',
} as const;

export type ErrorStatus = keyof typeof descriptions;

const retryAfter: JsonSchema = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
};

function problemAnswer(description: string, headers?: JsonSchema): JsonSchema {
  return {
    description,
    ...(headers && { headers }),
    content: { 'application/problem+json': { schema: ref('Problem') } },
  };
}

/** `components.responses` of the document: each refusal once, by its status, and any other failure. */
export const refusals: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [
      `Refusal${status}`,
      problemAnswer(description, Number(status) === 429 ? retryAfter : undefined),
    ]),
  ),
  Failure: problemAnswer('The service cannot answer now.'),
};

/** The errors that a route may answer with, by what it takes and who may ask it. */
export function statusesOf(route: Route): readonly ErrorStatus[] {
  const takesInput = route.body !== undefined || route.query !== undefined;
  const names = route.path.includes(':');
  return [
    ...(takesInput || names ? ([400, 422] as const) : []),
    ...(route.access === 'anyone' ? [] : ([401, 403] as const)),
    ...(names ? ([404] as const) : []),
    ...(route.method === 'get' ? [] : ([409] as const)),
    ...(route.body === undefined ? [] : ([413] as const)),
    429,
  ];
}

/** An answer of a route that is an error of its own kind. */
export function ownProblem(description: string): JsonSchema {
  return problemAnswer(description);
}

export function refusalOf(status: ErrorStatus): JsonSchema {
  return { $ref: `#/components/responses/Refusal${status}` };
}

export const failure: JsonSchema = { $ref: '#/components/responses/Failure' };
