import type { ServerState } from '../core/ports.js';
import { ClosedError } from '../errors/runtime.js';
import { within } from './call.js';
import type { Document, MongoClientLike, MongoDbLike } from './client.js';
import { appName, clientOptions } from './client-options.js';
import { loadDriver } from './driver.js';
import { mapError } from './errors.js';
import type { Settings } from './options.js';
import { connected } from './selection.js';

/**
 * Asks the server for its state by a client of its own with one connection, so that neither an exhausted pool nor a connection that hangs is in the way. It is
 * kept from one question to the next, and made anew after one that failed. A client that the application brought is asked itself: its settings
 * cannot be had of it.
 */
export class Prober {
  readonly #settings: Settings;
  #client: MongoClientLike | null = null;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @throws ConnectionError, AuthenticationError, TimeoutError, AbortedError, ClosedError */
  probe(signal?: AbortSignal): Promise<ServerState> {
    const { label: resource, connectTimeoutMs } = this.#settings;
    if (this.#closed) return Promise.reject(new ClosedError(`The database ${resource} was closed`, { resource }));
    const limits = { resource, signal, timeoutMs: connectTimeoutMs, defaultMs: connectTimeoutMs };
    const ask = within(
      limits,
      async (call) => {
        const db = (await this.#take()).db('admin');
        call.sent = true;
        const options = { signal: call.signal };
        const hello = await db.command({ hello: 1 }, options);
        return stateOf(hello, await versionOf(db, options));
      },
      (error, { startedAt }) => mapError(error, { resource, names: null, startedAt, sent: false }),
    );
    return ask.catch((error) => {
      this.#drop();
      throw error;
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #take(): Promise<MongoClientLike> {
    const { client: given, url, label, connectTimeoutMs } = this.#settings;
    if (given !== undefined) return given;
    if (this.#client === null) {
      const { MongoClient } = await loadDriver();
      const own = {
        appName: appName(`${label} (health)`),
        maxPoolSize: 1,
        minPoolSize: 0,
        retryReads: false,
        serverSelectionTimeoutMS: connectTimeoutMs,
      };
      this.#client = new MongoClient(url!, await clientOptions(this.#settings, own));
      await connected(this.#client);
    }
    return this.#client;
  }

  #drop(): void {
    const client = this.#client;
    this.#client = null;
    void client?.close(true).catch(() => {});
  }
}

async function versionOf(db: MongoDbLike, options: object): Promise<string | null> {
  const { version } = await db.command({ buildInfo: 1 }, options);
  return typeof version === 'string' ? version : null;
}

function stateOf(hello: Document, version: string | null): ServerState {
  const writable = hello['isWritablePrimary'] === true;
  if (hello['msg'] === 'isdbgrid') return { version, role: 'router', writable };
  if (hello['setName'] === undefined)
    return { version, role: hello['isreplicaset'] === true ? 'starting' : 'standalone', writable };
  return { version, role: writable ? 'primary' : hello['secondary'] === true ? 'replica' : 'unknown', writable };
}
