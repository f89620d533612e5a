import type { JsonSchema } from 'trivet';
import type { Route } from '../http/route.js';
import { components } from './components.js';
import { refusals } from './errors.js';
import { paths as healthPaths } from './health.js';
import { operationOf, pathOf } from './operations.js';

export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
}

const TAGS: readonly { readonly name: Route['tag'] | 'operation'; readonly description: string }[] = [
  { name: 'users', description: 'Accounts, log-in and profiles.' },
  { name: 'posts', description: 'Reading, writing and liking.' },
  { name: 'comments', description: 'Threads below posts.' },
  { name: 'analytics', description: 'Figures of the blog.' },
  { name: 'admin', description: 'For administrators.' },
  { name: 'operation', description: 'For those who run the service.' },
];

/**
 * The OpenAPI 3.1 document of the routes. What a row looks like is said by its entity, and what a route takes and gives by the table that
 * it is served from, so that the document cannot tell of anything else.
 *
 * @throws TypeError when two routes are one
 */
export function openApiDocument(routes: readonly Route[], { title, version }: DocumentOptions): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const operations = (paths[pathOf(route)] ??= {});
    if (route.method in operations) throw new TypeError(`\`${route.method} ${route.path}\` is there twice`);
    operations[route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.1',
    info: { title, version },
    tags: TAGS,
    paths: { ...paths, ...healthPaths },
    components: {
      schemas: components,
      responses: refusals,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
