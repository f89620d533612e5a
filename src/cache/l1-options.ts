import { positiveInteger, refuseUnknown } from '../core/engine-options.js';
import type { Duration } from '../util/duration.js';
import { lifetime } from './lifetime.js';

/** How much is kept in the memory of the process. */
export interface L1Options {
  /** Most values; those that were not asked for the longest go first. @default 1000 @minimum 1 */
  readonly max?: number | undefined;
  /** Longest time that a value is given without asking the store. @default '1m' */
  readonly ttl?: Duration | undefined;
}

/** The defaults of `L1Options`. */
export const L1_DEFAULTS: { readonly max: number; readonly ttl: Duration } = Object.freeze({ max: 1_000, ttl: '1m' });

const KNOWN: ReadonlySet<string> = new Set(['max', 'ttl']);

/** `L1Options` after they were checked. */
export interface L1Settings {
  readonly max: number;
  readonly ttlMs: number;
}

/** @throws TypeError that says what was expected */
export function l1Settings(options: L1Options): L1Settings {
  refuseUnknown(options, KNOWN);
  return {
    max: positiveInteger(options.max ?? L1_DEFAULTS.max, 'l1.max'),
    ttlMs: lifetime(options.ttl ?? L1_DEFAULTS.ttl, 'l1.ttl'),
  };
}
