import type { JsonSchema } from 'trivet';
import { objectOf } from './schemas.js';

const status: JsonSchema = { type: 'string', enum: ['pass', 'warn', 'fail'] };

const health = (description: string, properties: Readonly<Record<string, JsonSchema>> = {}): JsonSchema => ({
  description,
  content: {
    'application/health+json': {
      schema: { ...objectOf({ status, ...properties }, ['status']), additionalProperties: true },
    },
  },
});

/** The paths that are no part of the table of routes: those that ask are machines. */
export const paths: Readonly<Record<string, JsonSchema>> = {
  '/livez': {
    get: {
      operationId: 'getLivez',
      summary: 'Whether the process answers at all',
      tags: ['operation'],
      responses: { 200: health('It does.', { uptime: { type: 'number', minimum: 0 } }) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadyz',
      summary: 'Whether the service can take work',
      tags: ['operation'],
      responses: { 200: health('It can.'), 503: health('It cannot: a part that it needs is not there.') },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getOpenapiJson',
      summary: 'This document',
      tags: ['operation'],
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  },
};
