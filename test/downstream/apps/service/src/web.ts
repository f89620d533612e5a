import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CacheManager } from 'trivet/cache';
import { httpCache, liveness, problem, readiness } from 'trivet/http';
import type { ConnectionPoolManager } from 'trivet/pool';
import type { Projects } from './repositories.js';
import { runAs } from './tenancy.js';

/** Handlers without a framework, as connect has them. */
export function listener(projects: Projects, cache: CacheManager, pools: ConnectionPoolManager) {
  const ready = readiness(pools);
  const live = liveness(pools);
  const cached = httpCache(cache, { ttl: '1m', tags: ['web'] });
  const failed = problem();
  let made = 0;

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const probe = pathname === '/readyz' ? ready : pathname === '/livez' ? live : null;
    if (probe !== null) {
      probe(request, response);
      return;
    }
    const end = (error: unknown) => failed(error, request, response, () => response.destroy());
    cached(request, response, (error?: unknown) => {
      if (error !== undefined) {
        end(error);
        return;
      }
      runAs({ tenant: 'acme', user: 'web' }, async () => {
        const project = await projects.get(pathname.slice(1));
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ slug: project.slug, made: ++made }));
      }).catch(end);
    });
  };
}

/** The server, listening at a port that was free. */
export async function listen(handle: ReturnType<typeof listener>): Promise<{ server: Server; address: string }> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
