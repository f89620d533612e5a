import type { IncomingMessage, ServerResponse } from 'node:http';
import { expected, refuseUnknown } from '../core/engine-options.js';
import { StaleVersionError } from '../errors/data.js';
import { AbortedError } from '../errors/runtime.js';
import { clearMessage } from './answer.js';
import { isOfBody } from './conditions.js';
import { type Problem, type ProblemOptions, problemOf, retryAfterOf } from './problem-of.js';
import type { NextHandler } from './visit.js';

/** Options of `problem`. */
export interface ProblemHandlerOptions extends ProblemOptions {
  /** Told of every error with what the client was told: its message is for nobody else. @default none */
  readonly report?: ((error: unknown, request: IncomingMessage, problem: Problem) => void) | undefined;
}

/** Handler of errors, of Express and connect. */
export type ErrorHandler = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: NextHandler,
) => void;

const KNOWN: ReadonlySet<string> = new Set(['types', 'invalid', 'report']);
/** What the answer that failed said of itself. */
const OF_THE_ANSWER = ['etag', 'last-modified', 'expires', 'accept-ranges', 'transfer-encoding', 'age'] as const;

/**
 * Handles errors: the last middleware of an application answers with `application/problem+json` (RFC 9457), by what `problemOf` says of the error. An
 * answer that has begun cannot be changed: the error goes on to the next handler, which ends the connection. A client that is gone is told nothing.
 *
 * @throws TypeError when an option is not what was expected
 * @example
 * ```ts
 * import express from 'express';
 * import { NotFoundError } from 'trivet';
 * import { problem } from 'trivet/http';
 *
 * const app = express();
 * app.get('/users/:id', () => {
 *   throw new NotFoundError('users');
 * });
 * app.use(problem({ report: (error, request) => console.error(request.url, error) }));
 * ```
 */
export function problem(options: ProblemHandlerOptions = {}): ErrorHandler {
  refuseUnknown(options, KNOWN);
  const { types, invalid, report } = options;
  if (types !== undefined && !URL.canParse(types)) throw expected('types', 'a URL', types);
  if (invalid !== undefined && invalid !== 400 && invalid !== 422) throw expected('invalid', '400 or 422', invalid);
  if (report !== undefined && typeof report !== 'function') throw expected('report', 'a function', report);
  return (error, request, response, next) => {
    const found = told(error, request, options);
    try {
      report?.(error, request, found);
    } catch {
      // Whoever looks at errors makes none.
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    // Nobody hears it.
    if (isGone(request, response) || (error instanceof AbortedError && request.destroyed && !request.complete)) return;
    answer(request, response, error, found);
  };
}

/** A version that the client itself has named is a precondition (RFC 9110, 13.1.1). */
function told(error: unknown, request: IncomingMessage, options: ProblemOptions): Problem {
  const found = problemOf(error, options);
  const { 'if-match': ifMatch, 'if-unmodified-since': since } = request.headers;
  const hasCondition = ifMatch !== undefined || since !== undefined;
  if (!(error instanceof StaleVersionError) || !hasCondition) return found;
  return { ...found, status: 412, title: 'Precondition Failed' };
}

function isGone(request: IncomingMessage, response: ServerResponse): boolean {
  return response.closed || response.destroyed || request.socket?.destroyed === true;
}

function answer(request: IncomingMessage, response: ServerResponse, error: unknown, found: Problem): void {
  for (const name of response.getHeaderNames()) if (isOfBody(name)) response.removeHeader(name);
  for (const name of OF_THE_ANSWER) response.removeHeader(name);
  const bytes = Buffer.from(JSON.stringify(found));
  response.statusCode = found.status;
  clearMessage(response);
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', bytes.length);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const retryAfter = retryAfterOf(error, found);
  if (retryAfter !== null) response.setHeader('Retry-After', retryAfter);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
