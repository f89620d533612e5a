import { describeValue } from './describe.js';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

/** A number and its unit: `'500ms'`, `'30s'`, `'5m'`, `'2h'`, `'1d'`. A bare number is refused: seconds or milliseconds? */
export type Duration = `${number}${Unit}`;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const MILLISECONDS: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Durations that were read before: the same few come with every call. */
const known = new Map<string, number>();
const MOST_KNOWN = 1_000;

/** Milliseconds of a duration; null for what is none. */
export function millisecondsOf(value: unknown): number | null {
  const before = known.get(value as string);
  if (before !== undefined) return before;
  const match = typeof value === 'string' ? DURATION.exec(value) : null;
  if (match === null) return null;
  const milliseconds = Number(match[1]) * MILLISECONDS[match[2] as Unit];
  if (known.size < MOST_KNOWN) known.set(value as string, milliseconds);
  return milliseconds;
}

/** What was expected instead of a value that is no duration, as a part of a sentence. */
export function durationInsteadOf(value: unknown): string {
  return `a duration such as '30s' (ms, s, m, h, d), got ${describeValue(value)}`;
}

/**
 * Milliseconds of a duration, for an application that takes durations of its own. An error names `option`.
 *
 * @throws TypeError that says what was expected
 * @example
 * ```ts
 * import { parseDuration } from 'trivet';
 *
 * console.log(parseDuration('1.5s', 'window')); // 1500
 * ```
 */
export function parseDuration(value: Duration, option: string): number {
  const milliseconds = millisecondsOf(value);
  if (milliseconds === null) throw new TypeError(`Expected \`${option}\` to be ${durationInsteadOf(value)}`);
  return milliseconds;
}
