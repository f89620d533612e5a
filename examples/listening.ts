import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Another program listens there already. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** The port of a server that was told to listen. @throws PortTakenError */
export async function listening(server: Server, signal?: AbortSignal): Promise<number> {
  try {
    await once(server, 'listening', { signal });
  } catch (error) {
    const { code, port } = error as { readonly code?: string; readonly port?: number };
    if (code !== 'EADDRINUSE') throw error;
    throw new PortTakenError(`Port ${port} is taken: end what listens there, or set PORT to another one`);
  }
  return (server.address() as AddressInfo).port;
}
