import { Deadline } from '../../core/deadline.js';
import type { ServerState } from '../../core/ports.js';
import { ClosedError } from '../../errors/runtime.js';
import { isCluster, type RedisClientLike, type SingleRedisClient } from './client.js';
import { mapError } from './errors.js';
import type { Settings } from './options.js';
import { sideClient } from './side-client.js';

/** Asks the server for its state on a connection of its own, which is kept from one question to the next; one that fails is dropped. */
export class Prober {
  readonly #settings: Settings;
  #kept: SingleRedisClient | null = null;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @throws ConnectionError, AuthenticationError, TimeoutError, AbortedError, ClosedError */
  async probe(signal?: AbortSignal): Promise<ServerState> {
    const { resource, connectTimeoutMs } = this.#settings;
    if (this.#closed) throw new ClosedError(`The store was closed (${resource})`, { resource });
    const deadline = new Deadline(connectTimeoutMs, signal);
    let client: SingleRedisClient | null = null;
    let failure: unknown = null;
    const note = (error: unknown): void => {
      failure ??= error;
    };
    try {
      const asked = this.#take() ?? (await ended(deadline, resource, () => this.#make()));
      client = asked;
      asked.on('error', note);
      const state = await ended(deadline, resource, async () => {
        if (asked.status !== 'ready') await asked.connect();
        return stateOf(asked);
      });
      if (this.#closed || this.#kept !== null) asked.disconnect();
      else this.#kept = asked;
      return state;
    } catch (error) {
      client?.disconnect();
      // The event says more than the call, which knows only that the connection is closed.
      throw mapError(deadline.ended ? error : (failure ?? error), {
        resource,
        elapsedMs: deadline.elapsedMs,
        sent: false,
      });
    } finally {
      client?.off('error', note);
      deadline.clear();
    }
  }

  close(): void {
    this.#closed = true;
    this.#kept?.disconnect();
    this.#kept = null;
  }

  /** The one that was kept, unless it is of a node that is no master of the cluster any more. */
  #take(): SingleRedisClient | null {
    const { client: given } = this.#settings;
    const kept = this.#kept;
    this.#kept = null;
    if (kept === null || given === null || !isCluster(given)) return kept;
    const isMaster = given
      .nodes('master')
      .some(({ options }) => options.host === kept.options.host && options.port === kept.options.port);
    if (isMaster) return kept;
    kept.disconnect();
    return null;
  }

  #make(): Promise<SingleRedisClient> {
    // What fails on it is told by the question under way.
    return sideClient(this.#settings, 'health', { retryStrategy: () => null }, () => {});
  }
}

function ended<T>(deadline: Deadline, resource: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(deadline.error('not-executed', resource, 'the server did not say how it is'));
    deadline.listen(stop);
    if (deadline.ended) stop();
    else work().then(resolve, reject);
  });
}

async function stateOf(client: RedisClientLike): Promise<ServerState> {
  const info = String(await client.call('INFO'));
  const field = (name: string): string | undefined => fieldOf(info, name);
  const isReplica = field('role') === 'slave';
  const isStarting = field('loading') === '1';
  // A node that runs may belong to a cluster that does not serve.
  const isServing =
    field('cluster_enabled') !== '1' || fieldOf(String(await client.call('CLUSTER', 'INFO')), 'cluster_state') === 'ok';
  return {
    version: field('redis_version') ?? null,
    role: isStarting ? 'starting' : isReplica ? 'replica' : 'primary',
    writable: !isReplica && !isStarting && isServing,
  };
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
