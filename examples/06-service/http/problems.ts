import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'trivet';
import { type Problem, problem, problemOf } from 'trivet/http';
import { AuthenticationError, ForbiddenError, LogInError, UserExistsError } from '../errors.js';
import { ImportStoppedError } from '../services/importing.js';

const INVALID = 422;

/** What a client is told of an error of the domain: its sentences are written for clients. */
interface Told {
  readonly problem: Problem & Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers errors as problem documents: those of the domain by what they are, all others as the library does. */
export function problems(logger: Logger | null): ErrorRequestHandler {
  const report = (error: unknown, request: Pick<IncomingMessage, 'method'>, { status }: Problem): void => {
    if (status >= 500) logger?.error({ method: request.method, status, error: textOf(error) }, 'request failed');
  };
  const others = problem({ invalid: INVALID, report });
  return (error: unknown, request: Request, response: Response, next) => {
    const told = response.headersSent ? null : toldOf(error);
    if (told === null) return others(error, request, response, next);
    report(error, request, told.problem);
    response
      .status(told.problem.status)
      .set({ 'Cache-Control': 'no-store', ...told.headers })
      .type('application/problem+json')
      .send(JSON.stringify(told.problem));
  };
}

/** For paths that no route has. */
export const notFound: RequestHandler = (_request, response) => {
  const found: Problem = { ...plain(404), detail: 'There is nothing at this path.' };
  response.status(404).type('application/problem+json').send(JSON.stringify(found));
};

function toldOf(error: unknown): Told | null {
  if (error instanceof UserExistsError)
    return { problem: { ...plain(409), detail: error.message, code: 'USER_EXISTS', fields: [error.field] } };
  if (error instanceof ForbiddenError) return { problem: { ...plain(403), detail: error.message, code: 'FORBIDDEN' } };
  if (error instanceof AuthenticationError) {
    // RFC 6750, 3.1: who sent no token is told of no error.
    const challenge = `Bearer realm="blog"${error.hadToken ? ', error="invalid_token"' : ''}`;
    const found = { ...plain(401), detail: error.message, code: 'UNAUTHENTICATED' };
    return { problem: found, headers: { 'WWW-Authenticate': challenge } };
  }
  if (error instanceof LogInError) return ofLogIn(error);
  // What is stored is stored: the client is told how far it went, and why it stopped.
  if (error instanceof ImportStoppedError)
    return { problem: { ...problemOf(error.cause, { invalid: INVALID }), done: error.done } };
  return null;
}

function ofLogIn({ reason, message, leftMs }: LogInError): Told {
  if (reason === 'wrong') return { problem: { ...plain(401), detail: message, code: 'WRONG_LOG_IN' } };
  const found = { ...plain(429), detail: message, code: 'LOCKED' };
  return { problem: found, headers: { 'Retry-After': String(Math.ceil((leftMs ?? 60_000) / 1_000)) } };
}

function plain(status: number): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
