import { TrivetError } from '../../errors/error.js';
import { LockUnavailableError } from '../../errors/lock.js';
import { ClosedError, DriverMissingError, TimeoutError } from '../../errors/runtime.js';

/** Whether the store may have done what it was asked for. */
export function isUnknown(error: unknown): boolean {
  return error instanceof TrivetError && error.outcome === 'unknown';
}

/** What a failure of the store is to who wants the lock. That the store was closed, or a bug, is no matter of its being away. */
export function unavailable(error: unknown, lock: string, resource: string, elapsedMs: number): unknown {
  if (!(error instanceof TrivetError) || error instanceof ClosedError || error instanceof DriverMissingError)
    return error;
  return new LockUnavailableError({
    lock,
    resource,
    elapsedMs: Math.round(elapsedMs),
    outcome: error.outcome,
    // Asked again it gets a secret of its own, so that nothing is done twice.
    retryable: error.retryable || error instanceof TimeoutError,
    attempts: error.attempts,
    cause: error,
  });
}
