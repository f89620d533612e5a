import type { Express } from 'express';
import type { JsonSchema } from 'trivet';
import { liveness, readiness } from 'trivet/http';
import type { Service } from '../composition.js';

/** What machines ask: whether the process lives, whether it can take work, and what it can be asked. */
export function operations(app: Express, { pools }: Pick<Service, 'pools'>, document: JsonSchema): void {
  app.get('/livez', liveness(pools));
  // Everybody can ask: which servers there are is nobody's business.
  app.get('/readyz', readiness(pools, { details: false }));
  app.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
}
