import { STATUS_CODES } from 'node:http';
import { CacheUnavailableError, LoadFailedError } from '../errors/cache.js';
import {
  ConstraintError,
  DuplicateKeyError,
  ForeignKeyError,
  type Issue,
  NotFoundError,
  StaleFenceError,
  StaleVersionError,
  ValidationError,
} from '../errors/data.js';
import { TrivetError } from '../errors/error.js';
import { LockContendedError, LockUnavailableError } from '../errors/lock.js';
import { PoolExhaustedError } from '../errors/pool.js';
import {
  AbortedError,
  ClosedError,
  ConflictError,
  ConnectionError,
  QueryError,
  TimeoutError,
} from '../errors/runtime.js';

/** What a client is told of an error, as RFC 9457 has it. */
export interface Problem {
  /** `about:blank`, unless `types` says where problems are described. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** A sentence of ours, the same for every error with this `code`. */
  readonly detail?: string;
  /** `code` of an error of this library. */
  readonly code?: string;
  /** What is wrong with the input, by path. */
  readonly issues?: readonly Issue[];
  /** Fields whose value another row has. */
  readonly fields?: readonly string[];
}

/** Options of `problemOf`. */
export interface ProblemOptions {
  /** Where problems are described: a problem's type is this and its code, `https://example.com/problems/not-found`. @default 'about:blank' */
  readonly types?: string | undefined;
  /** Status for input that does not fit: 400, or 422. @default 400 */
  readonly invalid?: 400 | 422 | undefined;
}

const AWAY = 'A part that is needed is not there now: try again later.';

type ErrorClass = abstract new (...values: never[]) => TrivetError;

/** The first that fits counts: a class stands before the one that it extends. What is not here is ours to mend: 500. */
const KNOWN: readonly (readonly [ErrorClass, status: number, detail: string])[] = [
  [ValidationError, 400, 'The input does not fit.'],
  [NotFoundError, 404, 'There is nothing with this key.'],
  [DuplicateKeyError, 409, 'Something else has the same unique value.'],
  [ForeignKeyError, 409, 'A reference does not hold.'],
  [ConstraintError, 409, 'The change would break a rule.'],
  [StaleVersionError, 409, 'It was changed meanwhile: read it again, then decide.'],
  [StaleFenceError, 409, 'Somebody else has taken it over meanwhile.'],
  [LockContendedError, 409, 'Somebody else is at work on it: try again later.'],
  [ConflictError, 409, 'It lost against another change at the same time: try again.'],
  [PoolExhaustedError, 503, 'There is too much to do now: try again later.'],
  [TimeoutError, 504, 'It took too long.'],
  [ConnectionError, 503, AWAY],
  [CacheUnavailableError, 503, AWAY],
  [LoadFailedError, 503, AWAY],
  [LockUnavailableError, 503, AWAY],
  [ClosedError, 503, 'The service is ending: try again later.'],
  [AbortedError, 503, 'It was given up.'],
];

/**
 * What a client may know of an error. No message, stack, value or name of a server is in it, and of an error that is not known nothing but that there was one.
 * Errors of others keep a status from 400 to 499, as those of Express and its parsers have it.
 * @example
 * ```ts
 * import { NotFoundError } from 'trivet';
 * import { problemOf } from 'trivet/http';
 *
 * console.log(problemOf(new NotFoundError('users')).status); // 404
 * ```
 */
export function problemOf(error: unknown, { types, invalid = 400 }: ProblemOptions = {}): Problem {
  const known = knownOf(error);
  if (known === undefined) return plain(statusOf(error));
  const [type, found, detail] = known;
  const { code } = error as TrivetError;
  const status = type === ValidationError ? invalid : found;
  return {
    ...plain(status),
    ...(types !== undefined && { type: typeOf(types, code) }),
    detail,
    code,
    ...(error instanceof ValidationError && { issues: error.issues.map(({ path, message }) => ({ path, message })) }),
    ...(error instanceof DuplicateKeyError && error.fields.length > 0 && { fields: error.fields }),
  };
}

function knownOf(error: unknown): (typeof KNOWN)[number] | undefined {
  // A server that takes no writes for now, as in a failover, is as good as away.
  if (error instanceof QueryError && error.retryable) return [QueryError, 503, AWAY];
  return KNOWN.find(([type]) => error instanceof type);
}

/** Seconds after which the same request may succeed; null where it will not by itself. */
export function retryAfterOf(error: unknown, { status }: Problem): number | null {
  return (status === 503 || status === 409) && error instanceof TrivetError && error.retryable ? 1 : null;
}

function plain(status: number): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
}

function typeOf(types: string, code: string): string {
  return `${types.replace(/\/$/, '')}/${code.toLowerCase().replaceAll('_', '-')}`;
}

/** What somebody else's error says it is: only that the client is at fault. */
function statusOf(error: unknown): number {
  if (error instanceof TrivetError || typeof error !== 'object' || error === null) return 500;
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown };
  const said = status ?? statusCode;
  return typeof said === 'number' && Number.isInteger(said) && said >= 400 && said <= 499 ? said : 500;
}
