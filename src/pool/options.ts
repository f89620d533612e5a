import { expected, positiveInteger, refuseUnknown, timeLimit } from '../core/engine-options.js';
import { checkLogger, type Logger } from '../core/observer.js';
import type { Resource } from '../core/ports.js';
import type { Duration } from '../util/duration.js';

/** How often pools are asked, and what is made of the answers. */
export interface HealthCheckOptions {
  /** From the end of a check to the next. After a failure, and until a pool is up again, the next one comes after a tenth of it. @default '1s' */
  readonly interval?: Duration | undefined;
  /** Longest time of a check; then it has failed. @default '1s' */
  readonly timeout?: Duration | undefined;
  /** Checks that fail one after the other until a pool is down. @default 2 @minimum 1 */
  readonly fall?: number | undefined;
  /** Checks that succeed one after the other until a pool that was down is up. @default 2 @minimum 1 */
  readonly rise?: number | undefined;
  /** A check that takes longer makes a pool `degraded`. @default '500ms' */
  readonly slow?: Duration | undefined;
}

/** Options of a `ConnectionPoolManager`. */
export interface PoolManagerOptions<Name extends string = string> {
  /** When it is given, `connect()` starts to check the pools. @default none */
  readonly healthCheck?: HealthCheckOptions | undefined;
  /** Pools that the application can work without: `connect()` does not wait for them, and while one of them is down it is still ready. @default [] */
  readonly optional?: readonly Name[] | undefined;
  /** Told of what happens to connections and of changes of health. @default none */
  readonly logger?: Logger | undefined;
}

/** The defaults of `HealthCheckOptions`: a server that is frozen is down after three seconds at most. */
export const HEALTH_CHECK_DEFAULTS: {
  readonly interval: Duration;
  readonly timeout: Duration;
  readonly fall: number;
  readonly rise: number;
  readonly slow: Duration;
} = Object.freeze({
  interval: '1s',
  timeout: '1s',
  fall: 2,
  rise: 2,
  slow: '500ms',
});

export interface HealthSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly slowMs: number;
}

/** @throws TypeError that names the option and says what was expected */
export function healthSettings(options: HealthCheckOptions = {}): HealthSettings {
  refuseUnknown(options, new Set(Object.keys(HEALTH_CHECK_DEFAULTS)));
  const { interval, timeout, fall, rise, slow } = HEALTH_CHECK_DEFAULTS;
  return {
    intervalMs: timeLimit(options.interval ?? interval, 'interval'),
    timeoutMs: timeLimit(options.timeout ?? timeout, 'timeout'),
    fall: positiveInteger(options.fall ?? fall, 'fall'),
    rise: positiveInteger(options.rise ?? rise, 'rise'),
    slowMs: timeLimit(options.slow ?? slow, 'slow'),
  };
}

const KNOWN: ReadonlySet<string> = new Set(['healthCheck', 'optional', 'logger']);

export function checkManagerOptions(options: PoolManagerOptions, names: readonly string[]): void {
  refuseUnknown(options, KNOWN);
  const { optional = [], logger } = options;
  if (!Array.isArray(optional)) throw expected('optional', 'a list of names', optional);
  for (const name of optional as readonly unknown[]) {
    if (!names.includes(name as string)) throw expected('optional', `names of pools (${names.join(', ')})`, name);
  }
  if (logger !== undefined) checkLogger(logger);
}

/** @throws TypeError for a name that would not stand well in an error or a report */
export function checkName(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z_][\w.-]{0,62}$/.test(name)) return name;
  throw expected('name', 'letters, digits, `_`, `.` and `-`, at most 63 and a letter first', name);
}

/** @throws TypeError for what cannot be opened, asked and closed */
export function checkResource(name: string, resource: Resource): void {
  for (const method of ['connect', 'ping', 'stats', 'close'] as const) {
    if (typeof resource?.[method] !== 'function')
      throw new TypeError(`Expected \`${name}\` to be a database or store: it has no \`${method}\``);
  }
}
