import { type ErrorDetails, TrivetError } from './error.js';

/** What the errors of a lock say beside what every error does. */
export interface LockErrorDetails extends ErrorDetails {
  /** Name of the lock. */
  readonly lock: string;
}

const SHOWN = 60;

/** A name as a message shows it: on one line, and not longer than that. */
function shown(name: string): string {
  return JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
}

abstract class LockError extends TrivetError {
  /** Name of the lock. */
  readonly lock: string;

  constructor(message: string, { lock, ...details }: LockErrorDetails) {
    super(message, details);
    this.lock = lock;
  }
}

/** Somebody else has the lock, and it did not become free within `wait`. Nothing was done; the same call may succeed later. */
export class LockContendedError extends LockError {
  static override readonly code: string = 'LOCK_CONTENDED';
  /** Milliseconds after which it ends by itself, unless its holder extends it; infinite for a key without an end, which is no lock of ours. */
  readonly leftMs: number;

  constructor({ leftMs, ...details }: LockErrorDetails & { readonly leftMs: number }) {
    const end = Number.isFinite(leftMs)
      ? `for ${Math.ceil(leftMs)} ms at most unless it is extended`
      : 'without an end';
    super(`The lock ${shown(details.lock)} is held by another, ${end}`, { retryable: true, ...details });
    this.leftMs = leftMs;
  }
}

/**
 * The store of the locks did not answer in time, or refused: nobody knows who has the lock. `cause` is the store's error. With `outcome: 'unknown'` an
 * acquisition may have been carried out: it is given back as far as the store can be reached, and else ends with its `ttl`.
 */
export class LockUnavailableError extends LockError {
  static override readonly code: string = 'LOCK_UNAVAILABLE';

  constructor(details: LockErrorDetails, what = 'the store did not answer') {
    super(`The lock ${shown(details.lock)} is not available: ${what}`, { retryable: true, ...details });
  }
}

/** What is known of a lock that was lost, and of the work that it was for. */
export interface LockLostDetails extends LockErrorDetails {
  /** Completes "The lock "x" was lost: …". */
  readonly why: string;
  /** What the work gave, when it was done all the same. */
  readonly result?: unknown;
}

/**
 * The lock is not held any more: its time passed without an extension, or the store does not know it as ours. Others may be at work meanwhile. As an
 * error of `withLock` it says that the work was carried out and that it may have overlapped with another's; `result` is what the work gave.
 */
export class LockLostError extends LockError {
  static override readonly code: string = 'LOCK_LOST';
  /** What the work of `withLock` gave; undefined when it did not come to its end. */
  readonly result: unknown;

  constructor({ why, result, ...details }: LockLostDetails) {
    super(`The lock ${shown(details.lock)} was lost: ${why}`, details);
    this.result = result;
  }
}
