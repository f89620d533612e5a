import { type ErrorDetails, TrivetError } from './error.js';

/** The server cannot be reached, or the connection broke. */
export class ConnectionError extends TrivetError {
  static override readonly code: string = 'CONNECTION';
}

/** The server refused the credentials, or the user may not do this. Never retried. */
export class AuthenticationError extends TrivetError {
  static override readonly code: string = 'AUTHENTICATION';
}

/** A deadline passed. `outcome` is `unknown` when the command had been sent. */
export class TimeoutError extends TrivetError {
  static override readonly code: string = 'TIMEOUT';
}

/** The caller's `signal` was aborted. `outcome` is `unknown` when the command had been sent. */
export class AbortedError extends TrivetError {
  static override readonly code: string = 'ABORTED';
}

/** The npm package of the engine's driver is not installed. */
export class DriverMissingError extends TrivetError {
  static override readonly code: string = 'DRIVER_MISSING';
  readonly package: string;

  constructor(name: string, range: string, details?: ErrorDetails) {
    super(`The driver \`${name}\` is not installed: run \`npm install ${name}@${range}\``, details);
    this.package = name;
  }
}

/** A table, collection or column that the entity needs does not exist, or has another shape. */
export class SchemaError extends TrivetError {
  static override readonly code: string = 'SCHEMA';
}

/** The server refused or failed a command for a reason that has no class of its own. */
export class QueryError extends TrivetError {
  static override readonly code: string = 'QUERY';
  /** The server's own code: a SQLSTATE, or a MongoDB code name. */
  readonly serverCode: string | undefined;

  constructor(message: string, details: ErrorDetails & { readonly serverCode?: string | undefined } = {}) {
    super(message, details);
    this.serverCode = details.serverCode;
  }
}

/** The transaction lost against another one (deadlock, serialization failure): run it again. */
export class ConflictError extends TrivetError {
  static override readonly code: string = 'CONFLICT';
}

/** The database, pool or store was closed. */
export class ClosedError extends TrivetError {
  static override readonly code: string = 'CLOSED';
}

/** A call came after the end of the transaction that it belongs to, such as from a timer that was started inside. Nothing was sent. */
export class TransactionClosedError extends TrivetError {
  static override readonly code: string = 'TRANSACTION_CLOSED';
}

/** Nothing of the transaction is stored, because a call in it failed, although `work` went on. `cause` is the error of that call. */
export class TransactionAbortedError extends TrivetError {
  static override readonly code: string = 'TRANSACTION_ABORTED';
}

/** The transaction is committed, and what was to run after it failed. */
export class AfterCommitError extends TrivetError {
  static override readonly code: string = 'AFTER_COMMIT';
  /** What the callbacks threw, in their order; the others ran. */
  readonly errors: readonly unknown[];
  /** What the transaction's `work` gave. */
  readonly result: unknown;

  constructor(errors: readonly unknown[], result: unknown, details?: ErrorDetails) {
    super(`The transaction is committed, but ${errors.length} of its \`afterCommit\` callbacks failed`, {
      cause: errors[0],
      ...details,
      outcome: 'executed',
    });
    this.errors = errors;
    this.result = result;
  }
}
