import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { ConnectionError, ConnectionPoolManager, type Resource } from '../../../src/index.js';
import { caught } from '../../setup/outcomes.js';
import { type Certificate, PASSPHRASE } from './certificates.js';

export { caught };

/** Of those who log in over TLS. */
export const PASSWORD = 'planted-password';

/** What no error, database or store shows. */
const SECRETS: readonly string[] = [PASSWORD, PASSPHRASE, 'PRIVATE KEY'];

/** Longer than a test may take: what ends within the test has ended for a reason of its own. */
export const FOREVER = { connectTimeout: '10m', timeout: '10m' } as const;

/** Everything that a value shows to whoever prints it holds no secret. */
export function expectDiscreet(value: unknown): void {
  let seen = `${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })}${JSON.stringify(value)}`;
  for (let each = value; each instanceof Error; each = each.cause)
    seen += `${each.message}${each.stack}${JSON.stringify(each)}`;
  for (const secret of SECRETS) expect(seen).not.toContain(secret);
}

/** A failure of TLS that says what is wrong, was not tried again, and is not worth another try. */
export function expectRefused(error: any, reason: RegExp): void {
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ code: 'CONNECTION', retryable: false, outcome: 'not-executed' });
  expect(error.message).toMatch(/^TLS with .* failed: /);
  expect(error.message).toMatch(reason);
  expectDiscreet(error);
}

/** What a wait of a whole application for its pools ends with: at once, although it may wait for long. */
export async function waitedFor(resource: Resource): Promise<any> {
  const pools = new ConnectionPoolManager({ it: resource });
  const error = await caught(pools.connect({ mode: 'wait', deadline: '10m' }));
  await pools.close({ deadline: '1s' });
  return error.failures.it;
}

/** A wire that is listened to: how each connection over it begins. */
export async function tapped(
  port: number,
): Promise<{ readonly port: number; readonly beginnings: Buffer[]; close(): Promise<void> }> {
  const beginnings: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    near.once('data', (bytes) => beginnings.push(bytes));
    join(near, dial(port, '127.0.0.1'), sockets);
  });
  return { ...(await listening(server, sockets)), beginnings };
}

/** A program of our own that ends TLS before a server, and what each connection said whom it wants. */
export async function fronted(
  shown: Certificate,
  toServer: () => Socket,
): Promise<{ readonly port: number; readonly names: unknown[]; close(): Promise<void> }> {
  const names: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer(shown, (near) => {
    names.push(near.servername);
    join(near, toServer(), sockets);
  });
  server.on('tlsClientError', () => {});
  return { ...(await listening(server, sockets)), names };
}

function join(near: Socket, far: Socket, sockets: Set<Socket>): void {
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
}

async function listening(
  server: Server,
  sockets: ReadonlySet<Socket>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { readonly port: number }).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
