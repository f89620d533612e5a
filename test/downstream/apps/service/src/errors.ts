import {
  ConflictError,
  DuplicateKeyError,
  LockContendedError,
  NotFoundError,
  StaleVersionError,
  TrivetError,
  ValidationError,
} from 'trivet';

/** An error of the service, in words of its own. */
export class ServiceError extends Error {
  readonly kind: 'missing' | 'taken' | 'invalid' | 'busy' | 'stale' | 'broken';
  readonly details: readonly string[];

  constructor(kind: ServiceError['kind'], details: readonly string[], cause: unknown) {
    super(`${kind}: ${details.join(', ')}`, { cause });
    this.name = 'ServiceError';
    this.kind = kind;
    this.details = details;
  }
}

/** What the library says, in words of the service; what it does not know goes on as it is. */
export function serviceError(error: unknown): unknown {
  if (error instanceof ValidationError)
    return new ServiceError(
      'invalid',
      error.issues.map(({ path }) => path),
      error,
    );
  if (error instanceof NotFoundError) return new ServiceError('missing', [], error);
  if (error instanceof DuplicateKeyError) return new ServiceError('taken', [...(error.fields ?? [])].sort(), error);
  if (error instanceof StaleVersionError) return new ServiceError('stale', [], error);
  if (error instanceof LockContendedError || error instanceof ConflictError) return new ServiceError('busy', [], error);
  if (error instanceof TrivetError) return new ServiceError('broken', [error.code], error);
  return error;
}
