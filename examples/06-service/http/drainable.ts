import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** A server that ends in order. */
export interface Drainable {
  readonly server: Server;
  /**
   * Takes no more work and resolves when all requests that are under way are answered, at the latest after so many milliseconds: their connections are
   * cut then. Gives how many were.
   */
  drain(deadlineMs: number): Promise<number>;
}

/**
 * An HTTP server for the handler. While it drains it listens on, so that whoever distributes the work is told by `/readyz` that there is none to be
 * had here, and other requests are sent elsewhere.
 */
export function drainable(handler: RequestListener): Drainable {
  const underWay = new Set<ServerResponse>();
  let isDraining = false;
  let becameIdle: () => void = () => {};

  const server = createServer((request, response) => {
    if (isDraining) {
      refuse(request.url?.split('?', 1)[0] === '/readyz', response);
      return;
    }
    underWay.add(response);
    response.once('close', () => {
      underWay.delete(response);
      if (underWay.size === 0) becameIdle();
    });
    handler(request, response);
  });

  return {
    server,
    async drain(deadlineMs) {
      isDraining = true;
      // A connection that is kept alive would bring the next request: the answer says that there will be none.
      for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
      if (underWay.size > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, deadlineMs);
          becameIdle = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const cut = underWay.size;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      return cut;
    },
  };
}

function refuse(isReadiness: boolean, response: ServerResponse): void {
  const type = isReadiness ? 'application/health+json' : 'application/problem+json';
  const body = isReadiness
    ? { status: 'fail', output: 'The process is ending' }
    : { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'The process is ending' };
  response.writeHead(503, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'Retry-After': '1',
    Connection: 'close',
  });
  response.end(JSON.stringify(body));
}
