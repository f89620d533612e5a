import { expected, refuseUnknown, timeLimit } from '../../core/engine-options.js';
import { type Duration, parseDuration } from '../../util/duration.js';
import { type LockTime, systemTime } from './time.js';

/** What all locks of one `Locks` have in common. */
export interface LocksOptions {
  /**
   * How long a lock is kept when its holder neither extends nor releases it: a process that dies holds it no longer than this.
   * @default '30s'
   * @minimum 10 ms
   */
  readonly ttl?: Duration | undefined;
  /** Longest time for a call of the store, within the `ttl`. @default '1s' */
  readonly timeout?: Duration | undefined;
  /** Longest pause before who waits asks again, when the store tells nothing. @default '250ms' */
  readonly poll?: Duration | undefined;
  /** For tests. @default the monotonic clock of the process, and its timers */
  readonly time?: LockTime | undefined;
}

/** Options of `acquire`. */
export interface AcquireOptions {
  /** @default that of the locks */
  readonly ttl?: Duration | undefined;
  /**
   * How long to wait for the lock while another has it or the store does not answer; an attempt that is under way at its end is finished. Who waits
   * longest does not always come first.
   * @default none: it fails at once
   */
  readonly wait?: Duration | undefined;
  /** Ends the wait with `AbortedError`. It does not end a lock that was acquired. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the lock is extended at half of its `ttl`, again and again, until it is released or lost. @default false, and true for `withLock` */
  readonly renew?: boolean | undefined;
}

/** The defaults of `LocksOptions`. */
export const LOCKS_DEFAULTS: { readonly ttl: Duration; readonly timeout: Duration; readonly poll: Duration } =
  Object.freeze({ ttl: '30s', timeout: '1s', poll: '250ms' });

export interface LocksSettings {
  readonly ttlMs: number;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly time: LockTime;
}

export interface AcquireSettings {
  readonly ttlMs: number;
  /** Zero: not at all. */
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly renew: boolean;
}

const LEAST_TTL_MS = 10;
const KNOWN: ReadonlySet<string> = new Set(['ttl', 'timeout', 'poll', 'time']);
const KNOWN_OF_ACQUIRE: ReadonlySet<string> = new Set(['ttl', 'wait', 'signal', 'renew']);

/** @throws TypeError that says what was expected */
export function parseLocksOptions(options: LocksOptions): LocksSettings {
  refuseUnknown(options, KNOWN);
  const { time = systemTime } = options;
  if (typeof time?.now !== 'function' || typeof time.after !== 'function')
    throw new TypeError('Expected `time` to have `now` and `after`');
  return {
    ttlMs: ttlOf(options.ttl ?? LOCKS_DEFAULTS.ttl),
    timeoutMs: timeLimit(options.timeout ?? LOCKS_DEFAULTS.timeout, 'timeout'),
    pollMs: timeLimit(options.poll ?? LOCKS_DEFAULTS.poll, 'poll'),
    time,
  };
}

/** @throws TypeError that says what was expected */
export function parseAcquireOptions(options: AcquireOptions, ttlMs: number, renews: boolean): AcquireSettings {
  refuseUnknown(options, KNOWN_OF_ACQUIRE);
  const { ttl, wait, signal, renew = renews } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw expected('signal', 'an AbortSignal', signal);
  if (typeof renew !== 'boolean') throw expected('renew', 'a boolean', renew);
  return {
    ttlMs: ttl === undefined ? ttlMs : ttlOf(ttl),
    waitMs: wait === undefined || parseDuration(wait, 'wait') === 0 ? 0 : timeLimit(wait, 'wait'),
    signal,
    renew,
  };
}

/** Names are any text but the empty one. @throws TypeError before anything is sent */
export function checkLockName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') throw expected('name', 'a text that is not empty', name);
}

function ttlOf(ttl: Duration): number {
  const milliseconds = Math.round(timeLimit(ttl, 'ttl'));
  if (milliseconds >= LEAST_TTL_MS) return milliseconds;
  throw expected('ttl', `${LEAST_TTL_MS} ms or more`, ttl);
}
