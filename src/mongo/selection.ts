import { tlsFailure } from '../core/tls.js';
import type { MongoClientLike } from './client.js';

/** What the driver knows of a server, and of all of them. */
interface ServerFacts {
  readonly error?: unknown;
}
interface Topology {
  readonly servers: ReadonlyMap<string, ServerFacts>;
}

/** The failure of TLS that no server is without, so that looking for another one is in vain; null when one may still be found. */
function hopeless(servers: Iterable<ServerFacts>): Error | null {
  const failures = [...servers].map(({ error }) => error);
  return failures.length > 0 && failures.every((error) => tlsFailure(error) !== null) ? (failures[0] as Error) : null;
}

/** Why TLS failed, in words; null when something else did, or when it did not fail with every server. */
export function tlsProblem(error: unknown): string | null {
  const { name, reason } = error as { readonly name?: unknown; readonly reason?: Partial<Topology> };
  if (name !== 'MongoServerSelectionError') return tlsFailure(error);
  const servers = reason?.servers;
  return servers === undefined ? null : tlsFailure(hopeless(servers.values()));
}

/**
 * Connects. The driver looks for a server until its time is over, whatever is wrong with those that it knows: what cannot get better ends it here at once, and
 * leaves the client to the caller.
 */
export function connected(client: MongoClientLike): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = ({ newDescription }: { readonly newDescription: Topology }): void => {
      const failure = hopeless(newDescription.servers.values());
      if (failure !== null) reject(failure);
    };
    client.on('topologyDescriptionChanged', look);
    client
      .connect()
      .then(() => resolve(), reject)
      .finally(() => client.off('topologyDescriptionChanged', look));
  });
}
