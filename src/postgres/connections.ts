import type { PoolStats } from '../errors/pool.js';
import { ClosedError } from '../errors/runtime.js';
import type { Deadline } from './deadline.js';
import {
  createPool,
  loadDriver,
  type PostgresClient,
  type PostgresPool,
  type Release,
  type WireClient,
} from './driver.js';
import { mapError } from './errors.js';
import type { Settings } from './options.js';
import { Session } from './session.js';

const guarded = new WeakSet<PostgresPool>();

/** An idle client that loses its connection makes its pool emit an error, which ends the process when nobody listens. */
function guard(pool: PostgresPool): PostgresPool {
  if (!guarded.has(pool)) {
    guarded.add(pool);
    pool.on('error', () => {});
  }
  return pool;
}

/** The pool, made at the first use, and what waits for its clients. */
export class Connections {
  readonly #settings: Settings;
  #pool: PostgresPool | null;
  #opening: Promise<PostgresPool> | null = null;
  #closing: Promise<void> | null = null;
  /** Calls that wait for a client: the pool itself forgets its waiters when it ends. */
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #out = new Set<Session>();
  #drained: (() => void) | null = null;
  /** Told at closing: streams whose consumer may never ask again. */
  readonly streams: Set<() => void> = new Set();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#pool = settings.pool === null ? null : guard(settings.pool);
  }

  get closed(): boolean {
    return this.#closing !== null;
  }

  stats(): PoolStats {
    const pool = this.#pool;
    const { options } = (pool ?? {}) as { readonly options?: { readonly max?: number } };
    const total = pool?.totalCount ?? 0;
    const idle = pool?.idleCount ?? 0;
    return {
      max: options?.max ?? this.#settings.max,
      min: 0,
      total,
      active: total - idle,
      idle,
      waiting: pool?.waitingCount ?? 0,
      timeouts: 0,
    };
  }

  #closedError(): ClosedError {
    return new ClosedError(`The database was closed (${this.#settings.resource})`, {
      resource: this.#settings.resource,
    });
  }

  async #open(): Promise<PostgresPool> {
    const { config, max, connectTimeoutMs } = this.#settings;
    const driver = await loadDriver();
    this.#pool = guard(createPool(driver, config, max, connectTimeoutMs));
    return this.#pool;
  }

  /** A client, within the deadline. @throws ClosedError, TimeoutError, AbortedError, ConnectionError, AuthenticationError */
  async acquire(deadline: Deadline): Promise<Session> {
    if (this.closed) throw this.#closedError();
    let pool = this.#pool;
    if (pool === null) {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null;
      });
      pool = await this.#opening;
      if (this.closed) throw this.#closedError();
    }
    return this.#take(pool, deadline);
  }

  #take(pool: PostgresPool, deadline: Deadline): Promise<Session> {
    const { resource } = this.#settings;
    return new Promise((resolve, reject) => {
      if (deadline.ended) {
        reject(deadline.error('not-executed', resource, 'no connection was asked for'));
        return;
      }
      let over = false;
      const fail = (error: unknown): void => {
        over = true;
        this.#waiting.delete(fail);
        deadline.listen(null);
        reject(error);
      };
      this.#waiting.add(fail);
      deadline.listen(() => fail(deadline.error('not-executed', resource, this.#whyWaiting())));
      pool.connect((error, client, release) => {
        if (client === undefined) {
          if (!over) fail(mapError(error, { resource, elapsedMs: deadline.elapsedMs, sent: false, table: null }));
          return;
        }
        if (over) {
          release();
          return;
        }
        this.#waiting.delete(fail);
        deadline.listen(null);
        resolve(this.#session(client, release));
      });
    });
  }

  #whyWaiting(): string {
    const { max, total, idle, waiting } = this.stats();
    return `no connection became free (${total - idle} of ${max} in use, ${waiting} calls waiting)`;
  }

  #session(client: PostgresClient, release: Release): Session {
    if (typeof (client as Partial<WireClient>).connection?.parse !== 'function') {
      release();
      throw new TypeError(
        'Expected `pool` to make clients of the package `pg` itself, not of `pg-native` or a stand-in',
      );
    }
    const session = new Session(client, release, this.#settings.resource, () => {
      this.#out.delete(session);
      if (this.#out.size === 0) this.#drained?.();
    });
    this.#out.add(session);
    return session;
  }

  /** Takes no more calls, fails those that wait, ends open streams, lets running ones finish, then ends a pool of our own. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Until here nothing was awaited: no call can slip in between.
    for (const fail of [...this.#waiting]) fail(this.#closedError());
    for (const end of [...this.streams]) end();
    await this.#opening?.catch(() => {});
    if (this.#out.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    if (this.#settings.pool === null && this.#pool !== null) await this.#end(this.#pool);
  }

  async #end(pool: PostgresPool): Promise<void> {
    const clients = [...((pool as { readonly _clients?: readonly WireClient[] })._clients ?? [])];
    // The goodbye of a connection whose peer is gone never ends by itself.
    const timer = setTimeout(() => {
      for (const client of clients) client.connection.stream.destroy();
    }, this.#settings.connectTimeoutMs);
    try {
      await pool.end();
    } finally {
      clearTimeout(timer);
    }
  }
}
