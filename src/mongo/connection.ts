import type { PoolStats } from '../errors/pool.js';
import { ClosedError } from '../errors/runtime.js';
import type { BsonTypes, MongoClientLike, MongoDbLike } from './client.js';
import { loadDriver } from './driver.js';
import type { Settings } from './options.js';

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

const MAX_APP_NAME = 128;

/** The one client, made and connected at the first use. The driver reconnects by itself, so a client is never replaced. */
export class Connection {
  readonly #settings: Settings;
  readonly #counters = new Counters();
  #client: MongoClientLike | null = null;
  #opening: Promise<Opened> | null = null;
  #closed = false;
  /** Set as soon as the client has connected once. */
  opened: Opened | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws ClosedError, DriverMissingError, or what the driver throws when it cannot connect; the next call tries again. */
  open(): Promise<Opened> {
    if (this.#closed) return Promise.reject(this.#closedError());
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<Opened> {
    const { name, client: own } = this.#settings;
    const driver = await loadDriver();
    this.#client ??= own ?? new driver.MongoClient(this.#settings.url!, this.#clientOptions());
    const client = this.#client;
    this.#counters.watch(client);
    await client.connect();
    const db = client.db(name);
    const hello = await db.command({ hello: 1 });
    if (this.#closed) {
      // Closed while it was connecting, it may have opened connections afterwards.
      if (client !== own) await client.close();
      throw this.#closedError();
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

  /** The driver's `timeoutMS` does nothing in the versions that are allowed: these limits, and ours around each call, hold instead. */
  #clientOptions(): Readonly<Record<string, unknown>> {
    const { label, max, connectTimeoutMs, timeoutMs } = this.#settings;
    return {
      appName: Buffer.from(label).subarray(0, MAX_APP_NAME).toString(),
      maxPoolSize: max,
      serverSelectionTimeoutMS: connectTimeoutMs,
      connectTimeoutMS: connectTimeoutMs,
      waitQueueTimeoutMS: timeoutMs,
    };
  }

  #closedError(): ClosedError {
    return new ClosedError(`The database ${this.#settings.label} was closed`, { resource: this.#settings.label });
  }

  stats(): PoolStats {
    return this.#counters.stats(this.#settings.max);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.opened = null;
    const client = this.#client;
    if (client === null) return;
    this.#counters.unwatch(client);
    if (client === this.#settings.client) return;
    await client.close();
  }
}

/** Counts the pool events of the driver, which has no figures of its own to ask for. */
class Counters {
  #total = 0;
  #used = 0;
  #waiting = 0;
  #watching = false;

  readonly #listeners: Readonly<Record<string, () => void>> = {
    connectionCreated: () => this.#total++,
    connectionClosed: () => (this.#total = Math.max(0, this.#total - 1)),
    connectionCheckOutStarted: () => this.#waiting++,
    connectionCheckOutFailed: () => (this.#waiting = Math.max(0, this.#waiting - 1)),
    connectionCheckedOut: () => {
      this.#waiting = Math.max(0, this.#waiting - 1);
      this.#used++;
    },
    connectionCheckedIn: () => (this.#used = Math.max(0, this.#used - 1)),
  };

  watch(client: MongoClientLike): void {
    if (this.#watching) return;
    this.#watching = true;
    for (const [event, listener] of Object.entries(this.#listeners)) client.on(event, listener);
  }

  unwatch(client: MongoClientLike): void {
    for (const [event, listener] of Object.entries(this.#listeners)) client.off(event, listener);
    this.#total = this.#used = this.#waiting = 0;
  }

  stats(max: number): PoolStats {
    // A client that the caller brought may have connections from before it was watched.
    const total = Math.max(this.#total, this.#used);
    return {
      max,
      min: 0,
      total,
      active: this.#used,
      idle: total - this.#used,
      waiting: this.#waiting,
      timeouts: 0,
    };
  }
}
