import { expected } from '../core/engine-options.js';
import { type Duration, parseDuration } from '../util/duration.js';

/** The longest time that a store keeps a value for: as long as numbers are exact. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER / 1_000;

/** Milliseconds that a value may live. @throws TypeError */
export function lifetime(duration: Duration, option: string, least = 1): number {
  const milliseconds = parseDuration(duration, option);
  if (milliseconds > LONGEST_MS) throw expected(option, 'less than 285,000 years', duration);
  if (milliseconds < least) throw expected(option, 'at least 1 ms', duration);
  return milliseconds;
}
