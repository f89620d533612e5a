import { describeValue } from '../util/describe.js';
import { type Duration, parseDuration } from '../util/duration.js';

/** How long calls in flight may take when a database is closed. */
export const CLOSE_DEADLINE: Duration = '10s';

// The longest delay that a timer takes.
const MAX_MS = 2 ** 31 - 1;

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

export function positiveInteger(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw expected(option, 'an integer from 1', value);
}

/** Milliseconds of a time limit. */
export function timeLimit(duration: Duration, option: string): number {
  const milliseconds = parseDuration(duration, option);
  if (milliseconds >= 1 && milliseconds <= MAX_MS) return milliseconds;
  throw expected(option, 'from 1 ms to 24 days', duration);
}

export function namingOf<N extends string>(value: N): N {
  if (value === 'snake' || value === 'as-written') return value;
  throw expected('naming', "'snake' or 'as-written'", value);
}
