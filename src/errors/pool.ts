import type { ErrorDetails } from './error.js';
import { ConnectionError, TimeoutError } from './runtime.js';

/** Connections of a pool, as `db.client.connection.*` of OpenTelemetry counts them. */
export interface PoolStats {
  /** Most connections that may be open. */
  readonly max: number;
  /** Connections that are kept open when nobody needs them. */
  readonly min: number;
  /** Connections that are open. */
  readonly total: number;
  /** Connections that a call has now. */
  readonly active: number;
  /** Connections that are free. */
  readonly idle: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  /** Calls that have waited in vain, since the pool was made. */
  readonly timeouts: number;
}

/** Who has a connection. */
export interface PoolHolder {
  /** Milliseconds since it was taken. */
  readonly heldMs: number;
  /** Where it was taken; only with leak detection, because a stack costs much. */
  readonly stack?: string | undefined;
}

/** What the errors of a pool say beside what every error does. */
export interface PoolErrorDetails extends ErrorDetails {
  readonly stats: PoolStats;
  /** The connection that is out for the longest time. */
  readonly oldest?: PoolHolder | undefined;
}

/** Every connection was in use until the wait for one ended. Nothing was sent. Raise `max`, shorten what holds them, or look at `oldest` for a leak. */
export class PoolExhaustedError extends TimeoutError {
  static override readonly code: string = 'POOL_EXHAUSTED';
  readonly stats: PoolStats;
  readonly oldest: PoolHolder | undefined;

  constructor(message: string, { stats, oldest, ...details }: PoolErrorDetails) {
    super(message, { retryable: true, ...details });
    this.stats = stats;
    this.oldest = oldest;
  }
}

/** No connection could be made until the wait for one ended. Nothing was sent. `cause` is the last error of connecting. */
export class PoolUnavailableError extends ConnectionError {
  static override readonly code: string = 'POOL_UNAVAILABLE';
  readonly stats: PoolStats;

  constructor(message: string, { stats, ...details }: PoolErrorDetails) {
    super(message, { retryable: true, ...details });
    this.stats = stats;
  }
}
