import { type ErrorDetails, TrivetError } from './error.js';

/** The store of a cache did not answer, so that something was not invalidated, deleted or stored. Reads never throw it: they load. */
export class CacheUnavailableError extends TrivetError {
  static override readonly code: string = 'CACHE_UNAVAILABLE';
}

/** A value was loaded by another process, which failed: it knows why. */
export class LoadFailedError extends TrivetError {
  static override readonly code: string = 'LOAD_FAILED';

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { retryable: true, ...details });
  }
}
