import { setTimeout as delay } from 'node:timers/promises';
import { tlsFailure } from '../core/tls.js';
import type { Outcome } from '../errors/error.js';
import type { PoolStats } from '../errors/pool.js';
import { ClosedError } from '../errors/runtime.js';
import type { BsonTypes, MongoClientLike, MongoDbLike } from './client.js';
import { clientOptions } from './client-options.js';
import { loadDriver } from './driver.js';
import type { Settings } from './options.js';
import { PoolEvents } from './pool-events.js';
import { connected } from './selection.js';

/** What commands run on. */
export interface Opened {
  readonly client: MongoClientLike;
  readonly db: MongoDbLike;
  readonly bson: BsonTypes;
  /** A replica set or a sharded cluster: a single server has no transactions. */
  readonly transactions: boolean;
  /** Commands go to one server, the primary, so that a cursor is found again. */
  readonly oneServer: boolean;
}

/** The driver says good-bye to its sessions first: to a server that does not answer for no longer than this. */
const GOODBYE_MS = 1_000;

/**
 * The one client, made and connected at the first use. The driver reconnects by itself, so a client is never replaced: only one whose password the server
 * takes no longer is, because the driver cannot be told another.
 */
export class Connection {
  readonly #settings: Settings;
  readonly pool: PoolEvents;
  #client: MongoClientLike | null = null;
  #opening: Promise<Opened> | null = null;
  #renewing: Promise<void> | null = null;
  #refusing = false;
  /** Set as soon as the client has connected once. */
  opened: Opened | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.pool = new PoolEvents(settings.label);
  }

  /** Whether a new password can be had. */
  get rotates(): boolean {
    return typeof this.#settings.password === 'function';
  }

  /** @throws ClosedError, DriverMissingError, or what the driver throws when it cannot connect; the next call tries again. */
  open(): Promise<Opened> {
    if (this.#refusing) return Promise.reject(this.closedError());
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<Opened> {
    const { name, client: own } = this.#settings;
    const driver = await loadDriver();
    // One that could not connect may have a password that is no longer the right one.
    const isFresh = this.#client === null || this.rotates;
    const client = own ?? (isFresh ? await this.#make() : this.#client!);
    this.#client = client;
    this.pool.watch(client);
    await this.#connected(client);
    const db = client.db(name);
    const hello = await db.command({ hello: 1 });
    if (this.#refusing) {
      // Closed while it was connecting, it may have opened connections afterwards.
      if (client !== own) await client.close();
      throw this.closedError();
    }
    const routed = hello['msg'] === 'isdbgrid' || hello['serviceId'] !== undefined;
    const primary = (db.readPreference as { readonly mode?: string } | undefined)?.mode ?? 'primary';
    this.opened = {
      client,
      db,
      bson: driver,
      transactions: routed || hello['setName'] !== undefined,
      oneServer: !routed && primary === 'primary',
    };
    return this.opened;
  }

  async #connected(client: MongoClientLike): Promise<void> {
    try {
      await connected(client);
    } catch (error) {
      // It looks on for a server, and the next call would wait with it.
      if (tlsFailure(error) !== null && client !== this.#settings.client) {
        this.pool.unwatch();
        this.#client = null;
        void client.close().catch(() => {});
      }
      throw error;
    }
  }

  async #make(): Promise<MongoClientLike> {
    const { MongoClient } = await loadDriver();
    return new MongoClient(this.#settings.url!, await clientOptions(this.#settings));
  }

  /** Takes a client with a new password instead of one that the server refused, which is closed when `settled` says that its calls have ended. */
  async renew(refused: MongoClientLike, settled: () => Promise<void>): Promise<void> {
    if (this.#client !== refused || this.#refusing) return;
    this.#renewing ??= this.#renew(refused, settled).finally(() => {
      this.#renewing = null;
    });
    await this.#renewing;
  }

  async #renew(refused: MongoClientLike, settled: () => Promise<void>): Promise<void> {
    this.opened = null;
    this.#opening = null;
    await this.open();
    // The driver does not wait for them.
    void settled().then(() => refused.close().catch(() => {}));
  }

  closedError(outcome: Outcome = 'not-executed'): ClosedError {
    const { label } = this.#settings;
    return new ClosedError(`The database ${label} was closed`, { resource: label, outcome });
  }

  /** `calls` are under way: those that have no connection wait for one. */
  stats(calls: number): PoolStats {
    return this.pool.stats(this.#settings.max, this.#settings.min, calls);
  }

  /** Opens no more. What is open can still be used, by calls in flight. */
  refuse(): void {
    this.#refusing = true;
  }

  async close(): Promise<void> {
    this.opened = null;
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    this.pool.unwatch();
    if (client === this.#settings.client) return;
    await Promise.race([client.close(true), delay(GOODBYE_MS, undefined, { ref: false })]);
  }
}
