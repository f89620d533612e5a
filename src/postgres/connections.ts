import { channels, traced } from '../core/channels.js';
import { ConnectionEvents } from '../core/connection-events.js';
import { Deadline } from '../core/deadline.js';
import { PoolExhaustedError, type PoolStats } from '../errors/pool.js';
import { AbortedError } from '../errors/runtime.js';
import { Patience, type Waiting } from '../util/patience.js';
import { Admission, type Demand } from './admission.js';
import { Adopted } from './adopted.js';
import {
  dropClient,
  loadDriver,
  type PostgresClient,
  type PostgresPool,
  type Release,
  type WireClient,
} from './driver.js';
import { isFinal, mapError } from './errors.js';
import { Farewells } from './farewells.js';
import { Holders } from './holders.js';
import { Lifetimes } from './lifetimes.js';
import type { Settings } from './options.js';
import { createPool } from './own-pool.js';
import { closedError, endedWaiting, queueFull, type VainWait, waitedInVain } from './pool-errors.js';
import { statsOf } from './pool-stats.js';
import { Session } from './session.js';
import { supplyOf } from './supply.js';
import { warmUp } from './warm-up.js';

/** The connections of a database: the pool, made at the first use, who waits for it and who has one. */
export class Connections {
  readonly #settings: Settings;
  readonly #lifetimes: Lifetimes;
  readonly #holders: Holders;
  readonly #patience: Patience;
  readonly events: ConnectionEvents = new ConnectionEvents();
  #pool: PostgresPool | null;
  #source: Admission | Adopted | null;
  #opening: Promise<Admission> | null = null;
  #closing: Promise<void> | null = null;
  #drained: (() => void) | null = null;
  #timeouts = 0;
  readonly #farewells = new Farewells();
  /** Told at closing: streams whose consumer may never ask again. */
  readonly streams: Set<() => void> = new Set();

  readonly #toldError = (error: Error): void => this.events.error(this.#map(error));
  readonly #toldConnect = (): void => this.events.up();

  constructor(settings: Settings) {
    const { pool, resource, maxLifetimeMs, leakDetectionMs } = settings;
    this.#settings = settings;
    this.#lifetimes = new Lifetimes(maxLifetimeMs);
    this.#patience = new Patience(settings.acquireTimeoutMs);
    this.#holders = new Holders(resource, leakDetectionMs, (error) => this.events.error(error));
    this.#pool = pool;
    this.#source = pool === null ? null : new Adopted(pool);
    // An idle client that loses its connection makes its pool emit an error, which ends the process when nobody listens.
    pool?.on('error', this.#toldError);
    pool?.on('connect', this.#toldConnect);
  }

  get closed(): boolean {
    return this.#closing !== null;
  }

  stats(): PoolStats {
    return statsOf({
      settings: this.#settings,
      pool: this.#pool,
      source: this.#source,
      held: this.#holders.size,
      timeouts: this.#timeouts,
    });
  }

  /**
   * A client, within the deadline. With `once`, the first attempt to connect decides.
   * @throws ClosedError, PoolExhaustedError, PoolUnavailableError, TimeoutError, AbortedError, ConnectionError, AuthenticationError
   */
  async acquire(deadline: Deadline, once = false): Promise<Session> {
    if (this.closed) throw closedError(this.#settings.resource);
    const place = this.#holders.place();
    const source = this.#source ?? (await this.#open());
    if (this.closed) throw closedError(this.#settings.resource);
    const free = deadline.ended ? null : source.free();
    // One that is free is not waited for, and so no wait to tell of.
    if (free !== null) return this.#session(free.client, free.release, place);
    const trace = () => ({ engine: 'postgres', resource: this.#settings.resource });
    return traced(channels.acquire, trace, () => this.#wait(source, deadline, once, place));
  }

  /** Opens a connection, and those that are kept; each one attempt. */
  async connect(): Promise<void> {
    if (this.closed) throw closedError(this.#settings.resource);
    // Those that callers have are open.
    const wanted = Math.max(1, this.#settings.min) - this.stats().active;
    const made = await Promise.allSettled(Array.from({ length: Math.max(0, wanted) }, () => this.#openOne()));
    let failure: PromiseRejectedResult | null = null;
    for (const each of made) {
      if (each.status === 'fulfilled') each.value.release();
      // All are in use, so they are open.
      else if (!(each.reason instanceof PoolExhaustedError)) failure ??= each;
    }
    if (failure !== null) throw failure.reason;
  }

  /** One attempt, with an end also where all places of the pool are in use, or others are being made first. */
  async #openOne(): Promise<Session> {
    const deadline = new Deadline(this.#settings.acquireTimeoutMs + this.#settings.connectTimeoutMs, undefined);
    return this.acquire(deadline, true).finally(() => deadline.clear());
  }

  #wait(source: Admission | Adopted, deadline: Deadline, once: boolean, place: string | undefined): Promise<Session> {
    const { resource, acquireTimeoutMs, maxWaiting } = this.#settings;
    return new Promise((resolve, reject) => {
      if (deadline.ended) {
        reject(deadline.error('not-executed', resource, 'no connection was asked for'));
        return;
      }
      const since = performance.now();
      let waiting: Waiting | null = null;
      const finish = (): void => {
        if (waiting !== null) this.#patience.end(waiting);
        deadline.listen(null);
      };
      const demand: Demand = {
        once,
        attempts: 0,
        give: (client, release) => {
          finish();
          try {
            resolve(this.#session(client, release, place));
          } catch (error) {
            reject(error);
          }
        },
        fail: (error) => {
          finish();
          reject(this.#map(error, performance.now() - since, demand.attempts));
        },
      };
      const vain = (): VainWait => ({
        resource,
        stats: this.stats(),
        oldest: this.#holders.oldest,
        trouble: this.#trouble(),
        attempts: demand.attempts,
        elapsedMs: Math.round(performance.now() - since),
      });
      const giveUp = (error: () => Error): void => {
        const reason = error();
        if (!(reason instanceof AbortedError)) this.#timeouts += 1;
        source.leave(demand);
        demand.fail(reason);
      };
      const expire = (): void => giveUp(() => waitedInVain(vain(), `within ${acquireTimeoutMs} ms`));
      if (source.waiting >= maxWaiting) {
        demand.fail(queueFull(vain(), maxWaiting));
        return;
      }
      deadline.listen(() => giveUp(() => endedWaiting(deadline, vain())));
      // Making a connection has a limit of its own.
      if (!once) waiting = this.#patience.begin(expire);
      source.enter(demand);
    });
  }

  #trouble(): Error | null {
    const trouble = this.#source instanceof Admission ? this.#source.trouble : null;
    return trouble === null ? null : this.#map(trouble);
  }

  #open(): Promise<Admission> {
    this.#opening ??= this.#make().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #make(): Promise<Admission> {
    const { config } = this.#settings;
    const driver = await loadDriver();
    const pool = createPool(driver, config, this.#settings, this.#farewells);
    const lost = (error: Error): void => {
      this.#lifetimes.failed(error, false);
      this.events.error(this.#map(error));
    };
    pool.on('error', lost);
    const admission = new Admission(
      supplyOf(pool, this.#settings.resource, (error) => this.#map(error)),
      this.#settings,
      {
        made: (client) => this.#made(client),
        fits: (client) => this.#lifetimes.fits(client),
        failed: (error) => this.#connectFailed(error),
        drop: dropClient,
        lost,
      },
    );
    // One that was idle and is gone may have been one of those that are kept.
    pool.on('remove', () => admission.pump());
    this.#pool = pool;
    this.#source = admission;
    return admission;
  }

  #made(client: PostgresClient): Promise<void> | null {
    this.#lifetimes.born(client);
    const { onConnect } = this.#settings;
    if (onConnect === null) {
      this.events.up();
      return null;
    }
    const { connectTimeoutMs, resource } = this.#settings;
    return warmUp(client, onConnect, connectTimeoutMs, resource).then(() => this.events.up());
  }

  /** Tells of it; gives the error for all who wait when another attempt would fail the same way. */
  #connectFailed(error: unknown): unknown {
    const mapped = this.#map(error);
    this.events.down(mapped);
    return isFinal(mapped) ? mapped : null;
  }

  #map(error: unknown, elapsedMs?: number, attempts?: number): Error {
    const { resource } = this.#settings;
    const took = elapsedMs === undefined ? undefined : Math.round(elapsedMs);
    return mapError(error, { resource, elapsedMs: took, attempts, sent: false, table: null }) as Error;
  }

  #session(client: PostgresClient, release: Release, place: string | undefined): Session {
    const source = this.#source;
    const back = (drop = false): void => {
      if (source instanceof Admission) source.back(client, release, !drop);
      else if (drop) dropClient(client, release);
      else release();
    };
    if (typeof (client as Partial<WireClient>).connection?.parse !== 'function') {
      back();
      throw new TypeError(
        'Expected `pool` to make clients of the package `pg` itself, not of `pg-native` or a stand-in',
      );
    }
    const session: Session = new Session(client, back, this.#settings.resource, {
      failed: (error) => this.#lifetimes.failed(error, session.readOnly),
      cancelling: (asked) => this.#farewells.cancelling(asked),
      gone: () => {
        this.#holders.delete(session);
        if (this.#holders.size === 0) this.#drained?.();
      },
    });
    this.#holders.add(session, place);
    return session;
  }

  /**
   * Takes no more calls, fails those that wait, ends open streams, lets running ones finish until the deadline, then cancels them, and ends a
   * pool of our own. Later calls get the same promise, and may bring an earlier deadline.
   */
  close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#force(), deadlineMs);
    this.#closing ??= this.#close();
    void this.#closing.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Until here nothing was awaited: no call can slip in between.
    for (const demand of this.#source?.close() ?? []) demand.fail(closedError(this.#settings.resource));
    for (const end of [...this.streams]) end();
    await this.#opening?.catch(() => {});
    if (this.#holders.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    // Whoever ends the process after this must not leave the server at work.
    await this.#farewells.cancelled();
    this.#settings.pool?.off('error', this.#toldError);
    this.#settings.pool?.off('connect', this.#toldConnect);
    if (this.#settings.pool !== null || this.#pool === null) return;
    await this.#pool.end();
    await this.#farewells.left();
  }

  /** Ends what still runs, and the goodbyes of connections whose peer is gone. */
  #force(): void {
    const { resource } = this.#settings;
    for (const session of [...this.#holders]) session.interrupt(closedError(resource, 'unknown'));
    if (this.#settings.pool !== null) return;
    const { _clients = [] } = (this.#pool ?? {}) as { readonly _clients?: readonly WireClient[] };
    for (const client of [..._clients]) client.connection.stream.destroy();
    this.#farewells.cutShort();
  }
}
