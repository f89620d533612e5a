import { Backoff } from '../util/backoff.js';
import type { PostgresClient, Release, Taken } from './driver.js';
import type { Supply } from './supply.js';

/** A call that wants a client. Exactly one of `give` and `fail` is called, once, unless it left before. */
export interface Demand {
  /** Fails with the first attempt to connect, instead of waiting for a better one. */
  readonly once: boolean;
  /** Connections that failed while it waited. */
  attempts: number;
  give(client: PostgresClient, release: Release): void;
  fail(error: unknown): void;
}

/** What admission needs to know of the clients. */
export interface Judge {
  /** A connection was made. Rejects when it is not to be used. */
  made(client: PostgresClient): Promise<void> | null;
  /** Whether a client can be given to a caller. */
  fits(client: PostgresClient): boolean;
  /** Making a connection failed. Gives the error for callers when it is no use to try again, else null. */
  failed(error: unknown): unknown;
  /** Drops a client. */
  drop(client: PostgresClient, release: Release): void;
  /** A client broke that nobody had. */
  lost(error: Error): void;
}

/** A client and how to give it back. */
export interface Taking {
  readonly client: PostgresClient;
  readonly release: Release;
}

/** How many clients there may be. */
export interface AdmissionLimits {
  readonly max: number;
  readonly min: number;
  readonly idleTimeoutMs: number;
  /** Most connections that are made at the same time. */
  readonly maxConnecting: number;
}

/** How long a client that was given back is at hand, before the pool has it as an idle one. */
const AT_HAND_MS = 1_000;

const FIRST_PAUSE_MS = 20;
/** Once a second, so that calls are served within a second after the server accepts again. */
const MOST_PAUSE_MS = 1_000;

/**
 * Who gets a client, and when one is made. It stands before the pool, which is never asked for more than it has: `pg-pool` forgets those who
 * wait in it when a client is released that its peer does not let go, and when the pool ends. Callers are served in the order they came in,
 * by whichever client is free first, old or new.
 */
export class Admission {
  readonly #supply: Supply;
  readonly #limits: AdmissionLimits;
  readonly #judge: Judge;
  /** In the order in which they came. */
  readonly #queue = new Set<Demand>();
  readonly #backoff: Backoff;
  readonly #known = new WeakSet<PostgresClient>();
  /** Given back a moment ago: these are given out without asking the pool, which takes a turn and two timers. The latest is the warmest. */
  readonly #atHand: Taking[] = [];
  #sweeper: NodeJS.Timeout | undefined;
  #out = 0;
  /** Asked of the pool where it had an idle one. */
  #taking = 0;
  #making = 0;
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The last failure would only come again. Until a call asks, no connection is made for `min`: a refused password would be asked for ever. */
  #barred = false;
  #lastError: unknown = null;

  constructor(supply: Supply, limits: AdmissionLimits, judge: Judge, random?: () => number) {
    this.#supply = supply;
    this.#limits = limits;
    this.#judge = judge;
    this.#backoff = new Backoff(FIRST_PAUSE_MS, MOST_PAUSE_MS, random);
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Clients that callers have. */
  get out(): number {
    return this.#out;
  }

  /** Clients that nobody has, beside those that are idle in the pool. */
  get atHand(): number {
    return this.#atHand.length;
  }

  /** Why no connection could be made since the last one that was; null when none failed. */
  get trouble(): unknown {
    return this.#backoff.failures === 0 ? null : this.#lastError;
  }

  /** A client that is free now, where nobody waits for one. */
  free(): Taking | null {
    for (let taking = this.#atHand.pop(); taking !== undefined; taking = this.#atHand.pop()) {
      if (this.#judge.fits(taking.client)) {
        this.#out += 1;
        return taking;
      }
      this.#judge.drop(taking.client, taking.release);
    }
    return null;
  }

  enter(demand: Demand): void {
    this.#queue.add(demand);
    this.#barred = false;
    this.pump();
  }

  /** A call waits no more. */
  leave(demand: Demand): void {
    this.#queue.delete(demand);
  }

  /** A caller gives its client back; one that does not fit is dropped. */
  back(client: PostgresClient, release: Release, fit: boolean): void {
    this.#out -= 1;
    if (fit && !this.#closed && this.#judge.fits(client)) this.#offer(client, release);
    else this.#judge.drop(client, release);
    this.pump();
  }

  /** Takes no more calls; those that wait are the closer's. */
  close(): readonly Demand[] {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sweep();
    const waiting = [...this.#queue];
    this.#queue.clear();
    return waiting;
  }

  /** Asks for as many clients as callers wait for, and as `min` wants, within the limits. */
  pump(): void {
    if (this.#closed) return;
    while (this.#queue.size > this.#taking && this.#supply.idleCount > this.#taking) {
      this.#taking += 1;
      this.#supply.take(
        this.#taken(() => {
          this.#taking -= 1;
        }),
      );
    }
    while (this.#lacking() > 0 && this.#supply.totalCount < this.#limits.max && this.#mayMake()) {
      this.#making += 1;
      this.#supply.make(
        this.#taken(() => {
          this.#making -= 1;
        }),
      );
    }
  }

  /** How many connections more are wanted than there are or will be. */
  #lacking(): number {
    const { size } = this.#queue;
    if (size > 0) return size - this.#taking - this.#making;
    return this.#barred ? 0 : this.#limits.min - this.#supply.totalCount;
  }

  #mayMake(): boolean {
    if (this.#making >= this.#limits.maxConnecting) return false;
    if (this.#backoff.failures === 0) return true;
    // After a failure one connection at a time finds out whether the server is back.
    if (this.#making > 0) return false;
    const wait = this.#notBefore - performance.now();
    if (wait <= 0 || this.#queue.values().next().value?.once === true) return true;
    this.#schedule(wait);
    return false;
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), wait);
    // Only callers keep a process alive, not `min`.
    if (this.#queue.size === 0) this.#timer.unref();
  }

  #taken(answered: () => void): Taken {
    return (error, client, release) => {
      if (client === undefined) {
        answered();
        this.#failed(error);
      } else if (this.#known.has(client)) {
        answered();
        this.#arrived(client, release);
      } else this.#made(client, release, answered);
    };
  }

  #made(client: PostgresClient, release: Release, answered: () => void): void {
    const ready = (): void => {
      answered();
      this.#known.add(client);
      client.on('error', (error) => this.#broke(client, error));
      this.#backoff.succeeded();
      this.#arrived(client, release);
    };
    const warmUp = this.#judge.made(client);
    if (warmUp === null) ready();
    else
      warmUp.then(ready, (error) => {
        answered();
        this.#judge.drop(client, release);
        this.#failed(error);
      });
  }

  #arrived(client: PostgresClient, release: Release): void {
    if (!this.#closed && this.#judge.fits(client)) this.#offer(client, release);
    else this.#judge.drop(client, release);
    this.pump();
  }

  /** To the call that has waited for the longest time, else to the pool. */
  #offer(client: PostgresClient, release: Release): void {
    const first = this.#queue.values().next().value;
    if (first === undefined) {
      this.#atHand.push({ client, release });
      this.#sweeper ??= setTimeout(() => this.#sweep(), Math.min(AT_HAND_MS, this.#limits.idleTimeoutMs)).unref();
      return;
    }
    this.#queue.delete(first);
    this.#out += 1;
    first.give(client, release);
  }

  /** Those that nobody took are the pool's. */
  #sweep(): void {
    clearTimeout(this.#sweeper);
    this.#sweeper = undefined;
    for (const { release } of this.#atHand.splice(0)) release();
  }

  /** The server ended a connection: of one that a caller has, the caller learns it. */
  #broke(client: PostgresClient, error: Error): void {
    const index = this.#atHand.findIndex((taking) => taking.client === client);
    if (index === -1) return;
    const [taking] = this.#atHand.splice(index, 1);
    this.#judge.drop(client, taking!.release);
    this.#judge.lost(error);
    this.pump();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#lastError = error;
    this.#notBefore = performance.now() + this.#backoff.failed();
    const final = this.#judge.failed(error);
    this.#barred = final !== null;
    for (const demand of [...this.#queue]) {
      demand.attempts += 1;
      if (final === null && !demand.once) continue;
      this.#queue.delete(demand);
      demand.fail(final ?? error);
    }
    this.pump();
  }
}
