import { derive } from './builder.js';
import type { Defaulted, Fence, Optional, SoftDelete, Version } from './field.js';
import { type BigintField, bigint, type IntegerField, integer, type TimestampField, timestamp } from './scalars.js';

/** The fields of `timestamps()`. */
export interface Timestamps {
  /** When the row was inserted, by the library's clock. */
  createdAt: TimestampField & Defaulted;
  /** When the row was last changed, by the library's clock. */
  updatedAt: TimestampField & Defaulted;
}

/** `createdAt` and `updatedAt`, kept by the library: `entity('posts', { ..., ...timestamps() })`. A draft may bring its own. */
export function timestamps(): Timestamps {
  return {
    createdAt: derive(timestamp(), { role: 'createdAt', fallback: { kind: 'now' } }) as Timestamps['createdAt'],
    updatedAt: derive(timestamp(), { role: 'updatedAt', fallback: { kind: 'now' } }) as Timestamps['updatedAt'],
  };
}

/** `deletedAt`: `delete` sets it, reads leave such rows out unless asked, uniqueness does not count them. */
export function softDelete(): { deletedAt: TimestampField & Optional & SoftDelete } {
  const deletedAt = derive(timestamp(), { role: 'deletedAt', optional: true });
  return { deletedAt: deletedAt as TimestampField & Optional & SoftDelete };
}

/** `version`: 1 at first, one more with every change; `update(id, patch, { version })` refuses a stale one. */
export function versioned(): { version: IntegerField & Defaulted & Version } {
  const version = derive(integer().min(1), { role: 'version', fallback: { kind: 'value', value: 1 } });
  return { version: version as IntegerField & Defaulted & Version };
}

/**
 * `fence`: the greatest fencing token that wrote the row, 0 at first. A fencing token is what a distributed lock hands out: a bigint that
 * grows with each acquisition. `update(id, patch, { fence: token })` and `delete(id, { fence: token })` write only where no newer token
 * did, and store theirs in the same step, so that a holder who lost the lock without knowing it cannot write over the next one.
 *
 * A write without a token goes past the lock: it is not refused, and leaves the fence as it is, because there is no token that it could
 * be known by. A row that is inserted under a lock may bring its token: `insert({ ..., fence: token })`.
 */
export function fenced(): { fence: BigintField & Defaulted & Fence } {
  const fence = derive(bigint().min(0n), { role: 'fence', fallback: { kind: 'value', value: 0n } });
  return { fence: fence as BigintField & Defaulted & Fence };
}
