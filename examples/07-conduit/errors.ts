import type { ErrorRequestHandler } from 'express';
import { DuplicateKeyError, ForeignKeyError, NotFoundError, ValidationError } from 'trivet';
import { problemOf } from 'trivet/http';

type Messages = Readonly<Record<string, readonly string[]>>;

/** What a client is told: a status, and messages by what they are about. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errors: Messages;

  constructor(status: number, errors: Messages) {
    super(`Answered with ${status}`);
    this.status = status;
    this.errors = errors;
  }
}

/** How clients call the rows of an entity. */
const RESOURCE: Readonly<Record<string, string>> = { users: 'profile', articles: 'article', comments: 'comment' };

function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ValidationError) {
    const errors: Record<string, string[]> = {};
    for (const { path, message } of error.issues) (errors[path.split(/[.[]/)[0]!] ??= []).push(message);
    return new ApiError(422, errors);
  }
  if (error instanceof DuplicateKeyError)
    return new ApiError(409, { [error.fields.join()]: ['has already been taken'] });
  if (error instanceof NotFoundError) return new ApiError(404, { [RESOURCE[error.entity]!]: ['not found'] });
  // Nothing but articles is ever deleted: this one went while somebody wrote to it.
  if (error instanceof ForeignKeyError) return new ApiError(404, { article: ['not found'] });
  // The other errors of the library, and those of Express and its parsers: a body that is no JSON, or too large.
  const { status, title } = problemOf(error);
  return new ApiError(status, { request: [title.toLowerCase()] });
}

export const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  const { status, errors } = apiErrorOf(error);
  if (status >= 500) console.error(error);
  if (response.headersSent) next(error);
  else response.status(status).json({ errors });
};
