import { Deadline } from '../../core/deadline.js';
import type { ServerState } from '../../core/ports.js';
import { ClosedError } from '../../errors/runtime.js';
import type { RedisClientLike, SingleRedisClient } from './client.js';
import { clientOptions } from './connection.js';
import { askBeforeConnecting } from './credentials.js';
import { loadDriver } from './driver.js';
import { mapError } from './errors.js';
import type { Settings } from './options.js';

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
    const client = this.#kept ?? (await this.#make());
    this.#kept = null;
    let failure: unknown = null;
    const note = (error: unknown): void => {
      failure ??= error;
    };
    client.on('error', note);
    try {
      const info = await ended(deadline, resource, async () => {
        if (client.status !== 'ready') await client.connect();
        return String(await client.call('INFO'));
      });
      if (this.#closed || this.#kept !== null) client.disconnect();
      else this.#kept = client;
      return stateOf(info);
    } catch (error) {
      client.disconnect();
      // The event says more than the call, which knows only that the connection is closed.
      throw mapError(deadline.ended ? error : (failure ?? error), {
        resource,
        elapsedMs: deadline.elapsedMs,
        sent: false,
      });
    } finally {
      client.off('error', note);
      deadline.clear();
    }
  }

  close(): void {
    this.#closed = true;
    this.#kept?.disconnect();
    this.#kept = null;
  }

  async #make(): Promise<SingleRedisClient> {
    const { client: given, password, connectTimeoutMs, connectionName, resource } = this.#settings;
    const own = {
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: connectTimeoutMs,
      connectionName: `${connectionName}(health)`,
    };
    const client =
      given === null
        ? new (await loadDriver()).Redis({ ...clientOptions(this.#settings), ...own })
        : single(given).duplicate(own);
    if (given === null && typeof password === 'function')
      askBeforeConnecting(client, password, connectTimeoutMs, resource, () => {});
    // What fails on it is told by the question under way.
    client.on('error', () => {});
    return client;
  }
}

/** A master of a cluster that was given, else the client itself. */
function single(given: RedisClientLike): SingleRedisClient {
  const { nodes } = given as { nodes?(role: string): SingleRedisClient[] };
  return nodes?.call(given, 'master')[0] ?? (given as SingleRedisClient);
}

function ended<T>(deadline: Deadline, resource: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(deadline.error('not-executed', resource, 'the server did not say how it is'));
    deadline.listen(stop);
    if (deadline.ended) stop();
    else work().then(resolve, reject);
  });
}

function stateOf(info: string): ServerState {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const isReplica = field('role') === 'slave';
  const isStarting = field('loading') === '1';
  return {
    version: field('redis_version') ?? null,
    role: isStarting ? 'starting' : isReplica ? 'replica' : 'primary',
    writable: !isReplica && !isStarting,
  };
}
