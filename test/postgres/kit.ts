import { connect, createServer, type Server, type Socket } from 'node:net';
import { PostgresDatabase, type PostgresOptions } from '../../src/postgres/index.js';
import { atEnd } from '../setup/at-end.js';

export { uncaught, until } from '../setup/outcomes.js';

/** A database of the test's own pool; closed when the test or the file is done. */
export function openedAt(url: string, options: PostgresOptions = {}): PostgresDatabase {
  const database = new PostgresDatabase({ url, ...options });
  atEnd(() => database.close());
  return database;
}

/** Whether a statement with this text runs now, as another session sees it. */
export async function running(observer: PostgresDatabase, text: string): Promise<boolean> {
  const rows = await observer.query(
    "select 1 from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid() and datname = current_database()",
    [`%${text}%`],
  );
  return rows.length > 0;
}

/** A server that answers every connection's first bytes in its own way. */
export async function fakeServer(
  answer: (socket: Socket) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** An error as the server's protocol says it, fatal. */
export function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** A wire to the server that can be cut. */
export async function wireTo(url: string): Promise<{ readonly url: string; cut(): void; close(): Promise<void> }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String((server.address() as { readonly port: number }).port);
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    url: own.href,
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
