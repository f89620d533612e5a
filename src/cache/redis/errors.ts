import { tlsFailure } from '../../core/tls.js';
import type { Outcome } from '../../errors/error.js';
import { TrivetError } from '../../errors/error.js';
import { AuthenticationError, ConnectionError, QueryError } from '../../errors/runtime.js';

/** What was going on when it failed. */
export interface Failure {
  readonly resource: string;
  readonly elapsedMs?: number | undefined;
  readonly attempts?: number | undefined;
  /** Whether the command may have reached the server. */
  readonly sent: boolean;
}

const DENIED: ReadonlySet<string> = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM']);
/** The server did nothing, and may do it when it is asked again: it loads its data, was made a replica, is without its master, runs a script. */
const LATER: ReadonlySet<string> = new Set([
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'READONLY',
  'BUSY',
  'NOREPLICAS',
]);

const OF_DRIVER: ReadonlySet<string> = new Set([
  'Error',
  'MaxRetriesPerRequestError',
  'AbortError',
  'AggregateError',
  'ClusterAllFailedError',
]);

/** The first word of what a server refuses a command with; null for what no server said. */
export function codeOf(error: unknown): string | null {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  if (name !== 'ReplyError' || typeof message !== 'string') return null;
  return /^[A-Z][A-Z0-9]+/.exec(message)?.[0] ?? 'ERR';
}

/** The driver's error without what may hold values or secrets: the command's arguments, and what the server quotes of them. */
export function redact(error: unknown): Error {
  const { name = 'Error', message = '', code, syscall } = error as NodeJS.ErrnoException;
  const serverCode = codeOf(error);
  const cause = new Error(serverCode === null ? message : `Redis reported ${serverCode}`);
  cause.name = name;
  return Object.assign(cause, { ...(code !== undefined && { code }), ...(syscall !== undefined && { syscall }) });
}

/** Every error of a command as one of the library's. Errors that are already such, and bugs of ours, pass. */
export function mapError(error: unknown, failure: Failure): unknown {
  if (error instanceof TrivetError || !(error instanceof Error)) return error;
  // A cluster none of whose nodes answers: what the last one failed with says more.
  const { lastNodeError } = error as { readonly lastNodeError?: unknown };
  if (lastNodeError instanceof Error) return mapError(lastNodeError, failure);
  const { resource, elapsedMs, attempts } = failure;
  const details = (outcome: Outcome, retryable: boolean) => ({
    cause: redact(error),
    resource,
    elapsedMs,
    attempts,
    outcome,
    retryable,
  });
  const serverCode = codeOf(error);
  if (serverCode === null) return mapDriverError(error, failure, details);
  if (DENIED.has(serverCode))
    return new AuthenticationError(
      `Redis refused the login or the right (${resource}): ${serverCode}`,
      details('not-executed', false),
    );
  return new QueryError(`Redis refused the command: ${serverCode}`, {
    ...details('not-executed', LATER.has(serverCode)),
    serverCode,
  });
}

function mapDriverError(
  error: NodeJS.ErrnoException,
  { resource, sent }: Failure,
  details: (outcome: Outcome, retryable: boolean) => object,
): unknown {
  const { code, name, message } = error;
  // What was sent went through: a record that breaks later is as a network's fault.
  const tls = sent ? null : tlsFailure(error);
  if (tls !== null) return new ConnectionError(`TLS with ${resource} failed: ${tls}`, details('not-executed', false));
  // A TypeError or the like is a mistake in the code, ours or the caller's: it must not look like a network's.
  if (!OF_DRIVER.has(name)) return error;
  const what = sent ? `The connection to ${resource} broke` : `Cannot connect to ${resource}`;
  return new ConnectionError(`${what}: ${code ?? message}`, details(sent ? 'unknown' : 'not-executed', true));
}
