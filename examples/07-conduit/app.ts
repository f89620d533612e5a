import cors from 'cors';
import express, { type Express } from 'express';
import { type Authentication, authenticationOf } from './authentication.js';
import { ApiError, answerError } from './errors.js';
import { type Reading, readingOf } from './reading.js';
import type { Repositories } from './repositories.js';
import { articleRoutes } from './routes/articles.js';
import { commentRoutes } from './routes/comments.js';
import { userRoutes } from './routes/users.js';

/** What routes work with. */
export interface Parts {
  readonly repositories: Repositories;
  readonly reading: Reading;
  readonly authentication: Authentication;
}

/** The API, over any engine. The secret signs the tokens. */
export function conduit(repositories: Repositories, secret: Uint8Array): Express {
  const authentication = authenticationOf(repositories.users, secret);
  const parts: Parts = { repositories, reading: readingOf(repositories), authentication };
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    // What users write is JSON here, whatever it looks like.
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.use(cors(), express.json());
  app.use('/api', userRoutes(parts), articleRoutes(parts), commentRoutes(parts));
  app.use(() => {
    throw new ApiError(404, { path: ['not found'] });
  });
  return app.use(answerError);
}
