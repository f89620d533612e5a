import { describeValue } from '../util/describe.js';
import { type Duration, parseDuration } from '../util/duration.js';
import { LONGEST_DELAY_MS } from '../util/patience.js';
import type { CallOptions } from './options.js';
import type { RunOptions } from './ports.js';

/** How long calls in flight may take when a database is closed. */
export const CLOSE_DEADLINE: Duration = '10s';

/** Rows of a stream that are fetched at a time, unless told. */
export const DEFAULT_BATCH = 500;

/** How long `ensureSchema` may take, unless told: building an index over many rows takes its time. */
export const SCHEMA_TIMEOUT_MS = 600_000;

const MIN_ACQUIRE_MS = 100;

/** The error of a wrong option. `what` completes "Expected `max` to be …". Not for secrets: it shows the value. */
export function expected(option: string, what: string, value: unknown): TypeError {
  return new TypeError(`Expected \`${option}\` to be ${what}, got ${describeValue(value)}`);
}

/** @throws TypeError for what is no object, and for a name that the engine does not know. */
export function refuseUnknown(options: unknown, known: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null) throw expected('options', 'an object', options);
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new TypeError(`Unknown option \`${name}\`: known are ${[...known].join(', ')}`);
  }
}

/** A number of connections, calls and the like, checked. */
export function positiveInteger(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw expected(option, 'an integer from 1', value);
}

/** Milliseconds of a time limit. */
export function timeLimit(duration: Duration, option: string): number {
  const milliseconds = parseDuration(duration, option);
  if (milliseconds >= 1 && milliseconds <= LONGEST_DELAY_MS) return milliseconds;
  throw expected(option, 'from 1 ms to 24 days', duration);
}

/** How many connections a pool keeps open: not more than it may have. */
export function leastConnections(min: number, max: number): number {
  if (Number.isSafeInteger(min) && min >= 0 && min <= max) return min;
  throw expected('min', `an integer from 0 to \`max\`, which is ${max}`, min);
}

/** Milliseconds of the wait for a connection. */
export function acquireLimit(duration: Duration): number {
  const milliseconds = timeLimit(duration, 'acquireTimeout');
  if (milliseconds >= MIN_ACQUIRE_MS) return milliseconds;
  throw expected('acquireTimeout', 'from 100 ms', duration);
}

/** How fields are named, checked. */
export function namingOf<N extends string>(value: N): N {
  if (value === 'snake' || value === 'as-written') return value;
  throw expected('naming', "'snake' or 'as-written'", value);
}

const KNOWN_LIMITS: ReadonlySet<string> = new Set<keyof CallOptions>(['signal', 'timeout']);

/** The limits of a call of a database's own, which is no verb of a repository. @throws TypeError */
export function callLimits(options: CallOptions): RunOptions {
  refuseUnknown(options, KNOWN_LIMITS);
  const { signal, timeout } = options;
  return { signal, timeoutMs: timeout === undefined ? undefined : timeLimit(timeout, 'timeout') };
}
