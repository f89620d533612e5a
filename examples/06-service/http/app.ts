import express, { type Express, type RequestHandler } from 'express';
import type { Service } from '../composition.js';
import { openApiDocument } from '../openapi/document.js';
import { adminRoutes } from '../routes/admin.js';
import { analyticsRoutes } from '../routes/analytics.js';
import { commentRoutes } from '../routes/comments.js';
import { operations } from '../routes/operations.js';
import { postRoutes } from '../routes/posts.js';
import { userRoutes } from '../routes/users.js';
import { writingRoutes } from '../routes/writing.js';
import { authentication } from './authentication.js';
import { notFound, problems } from './problems.js';
import { rateLimit } from './rate-limit.js';
import type { Route } from './route.js';

/** They hash a password, or compare one. */
const DEAR: ReadonlySet<string> = new Set(['post /users', 'post /sessions', 'patch /me']);

/** Every route of the service, in the order in which paths are compared. */
function routesOf(service: Service): readonly Route[] {
  return [
    ...userRoutes(service),
    ...postRoutes(service),
    ...writingRoutes(service),
    ...commentRoutes(service),
    ...analyticsRoutes(service),
    ...adminRoutes(service),
  ];
}

/** The application over the service. It listens to nothing yet. */
export function createApp(service: Service): Express {
  const { settings, counters, logger } = service;
  const app = express();
  app.disable('x-powered-by');
  // The version of a row is its tag, where there is one; of lists, to make one would take longer than to send them.
  app.disable('etag');
  // One proxy, no chain: who is before it can write what they like.
  app.set('trust proxy', settings.trustProxy ? 1 : false);
  app.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });

  const routes = routesOf(service);
  // Before the limit: who watches over the service is not counted.
  operations(app, service, openApiDocument(routes, { title: 'Blog', version: '1.0.0' }));

  const report = (error: unknown): void => logger?.warn({ error: String(error) }, 'requests are not counted');
  const { requestsPerMinute } = settings;
  app.use(rateLimit(counters, { limit: requestsPerMinute, window: '1m', report }));
  // To hash a password is the dearest thing that everybody can ask for, and to guess one the worst.
  const limit = Math.max(5, Math.floor(requestsPerMinute / 10));
  const dear = rateLimit(counters, { name: 'password', limit, window: '1m', report });
  for (const { method, path, access, body, bodyLimit = '256kb', handle } of routes) {
    const before: RequestHandler[] = [];
    if (DEAR.has(`${method} ${path}`)) before.push(dear);
    before.push(authentication(service, access));
    // Behind the authentication: a large body of somebody who may not send it is not read.
    if (body !== undefined) before.push(express.json({ limit: bodyLimit }));
    app[method](path, ...before, handle);
  }
  app.use(notFound);
  app.use(problems(logger));
  return app;
}
