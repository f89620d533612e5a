import { ConstraintError, DuplicateKeyError } from '../errors/data.js';
import { type ErrorDetails, type Outcome, TrivetError } from '../errors/error.js';
import { PoolExhaustedError, type PoolHolder, type PoolStats, PoolUnavailableError } from '../errors/pool.js';
import {
  AuthenticationError,
  ClosedError,
  ConflictError,
  ConnectionError,
  QueryError,
  SchemaError,
  TimeoutError,
} from '../errors/runtime.js';
import { brokenFields } from './broken-fields.js';
import { readDocument, toBuffer } from './bson.js';
import type { Document } from './client.js';
import type { Names } from './names.js';
import { tlsProblem } from './selection.js';

/** What the server says of one failed write of a command. The driver's own error for it leaves most of it out. */
export class WriteFailure extends Error {
  readonly response: Document;
  readonly code: unknown;
  /** Place of the row in an insert of many. */
  readonly position: number | undefined;

  constructor(response: Document, position: number | undefined) {
    super('A write failed');
    this.name = 'WriteFailure';
    this.response = response;
    this.code = response['code'];
    this.position = position;
  }
}

/** What was going on when it failed. */
export interface ErrorContext {
  readonly resource: string;
  /** Null where no one entity is concerned. */
  readonly names: Names | null;
  readonly startedAt: number;
  /** The fields that an increment could bring beyond 64 bits: the server does not name the one that it refused. */
  readonly increments?: readonly string[];
  /** A command may have been carried out for good: also one that the driver then could not send again. */
  readonly sent: boolean;
  /** The pool, where the call waited in one. */
  readonly pool?: { readonly stats: PoolStats; readonly oldest: PoolHolder | undefined };
}

/** What is read of an error of the driver or the server. */
interface DriverError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly codeName?: unknown;
  readonly errorResponse?: Document;
  readonly response?: Document;
  readonly position?: number | undefined;
  readonly cause?: unknown;
  hasErrorLabel?(label: string): boolean;
}

const DUPLICATE = new Set([11000, 11001, 12582]);
const DENIED = new Set([11, 13, 18, 8000]);
const EXPIRED = new Set([24, 46, 50, 262]);
const CONFLICT = new Set([112, 246, 251]);
const SCHEMA = new Set([26, 27, 67, 73, 85, 86]);
/** The collection's validator refused it. */
const INVALID_DOCUMENT = 121;
const TOO_LARGE = new Set([10334, 17280, 17419, 17420]);
/** Newer servers name it, older ones retry it in vain. */
const TRANSACTION_TOO_LARGE = 388;
const UNREACHABLE = new Set([6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436]);
const CLOSED = /^Mongo(TopologyClosed|ClientClosed|NotConnected|PoolClosed|ServerClosed|ExpiredSession)Error$/;
const NETWORK = /^Mongo(Network|NetworkTimeout|ServerSelection|PoolCleared\w*|StalePrimary)Error$|^PoolCleared/;
/** Messages of these are made of names that the developer wrote, never of values. */
const SPEAKING = new Set([59, 168, 40324]);

/** Whether the driver or the server put this label on an error. */
export function labelled(error: unknown, label: string): boolean {
  return (error as DriverError | null)?.hasErrorLabel?.(label) === true;
}

const LOGIN_REFUSED = 18;

/** Whether a new connection was refused because of its credentials. */
export function isLoginRefused(error: unknown): boolean {
  const { code, name, cause } = (error ?? {}) as DriverError;
  // Those that wait in the pool while a login of another call is refused are turned away with it.
  return (
    code === LOGIN_REFUSED || (/PoolCleared/.test(name) && (cause as DriverError | undefined)?.code === LOGIN_REFUSED)
  );
}

/** Whether a unique index refused the write. */
export function isDuplicate(error: unknown): boolean {
  return DUPLICATE.has((error as DriverError | null)?.code as number);
}

/** A read that failed so may be sent again: it did not reach a server that could answer. */
export function isUnreachable(error: unknown): boolean {
  const { name, code } = error as DriverError;
  return name !== 'MongoServerSelectionError' && (NETWORK.test(name) || UNREACHABLE.has(code as number));
}

/** Whatever the driver threw, as an error of the library; those of the library stay as they are. */
export function mapError(thrown: unknown, context: ErrorContext): unknown {
  if (thrown instanceof TrivetError || !(thrown instanceof Error)) return thrown;
  const error = thrown as DriverError;
  const { resource, names } = context;
  const unclear: Outcome = context.sent ? 'unknown' : 'not-executed';
  const details = (retryable: boolean, outcome: Outcome): ErrorDetails => ({
    resource,
    retryable,
    outcome,
    elapsedMs: Math.round(performance.now() - context.startedAt),
    cause: redact(error),
  });
  const entity = names?.entity.name ?? resource;
  const code = typeof error.code === 'number' ? error.code : Number.NaN;
  const rule = mapRuleError(error, code, entity, context, details(false, 'not-executed'));
  if (rule !== null) return rule;
  if (DENIED.has(code) || error.name === 'MongoMissingCredentialsError') {
    return new AuthenticationError(
      `MongoDB at ${resource} refused the credentials or the permission: check user, password, authSource and roles`,
      // A login comes before the command, unless an attempt of before it was sent.
      details(false, code === LOGIN_REFUSED ? unclear : 'not-executed'),
    );
  }
  const tls = tlsProblem(error);
  if (tls !== null) return new ConnectionError(`TLS with ${resource} failed: ${tls}`, details(false, unclear));
  const waited = waitedInVain(error, context, details(true, unclear));
  if (waited !== null) return waited;
  if (EXPIRED.has(code))
    return new TimeoutError(`MongoDB at ${resource} stopped the command at its deadline`, details(false, unclear));
  if (CLOSED.test(error.name)) return new ClosedError(`The client of ${resource} is closed`, details(false, unclear));
  if (NETWORK.test(error.name) || UNREACHABLE.has(code) || isSystemError(error)) {
    return new ConnectionError(
      `MongoDB at ${resource} cannot be reached: ${redact(error).message}`,
      details(true, unclear),
    );
  }
  if (CONFLICT.has(code) || labelled(error, 'TransientTransactionError')) {
    return new ConflictError(
      `The write on ${resource} lost against another one: run it again`,
      details(true, 'not-executed'),
    );
  }
  return mapRefusal(error, code, entity, context, details(false, unclear));
}

/** What the server or the driver refused for a reason of its own. */
function mapRefusal(
  error: DriverError,
  code: number,
  entity: string,
  { resource }: ErrorContext,
  unclear: ErrorDetails,
): TrivetError {
  const details: ErrorDetails = { ...unclear, outcome: 'not-executed' };
  if (error.name === 'BSONVersionError') {
    return new QueryError(
      'The client given belongs to another major version of `mongodb` than the one that the library finds: install one version only',
      details,
    );
  }
  if (code === TRANSACTION_TOO_LARGE) {
    return new QueryError(
      `MongoDB at ${resource} gave the write up and kept nothing of it: its transaction does not fit the cache. Write fewer rows at a time`,
      { ...details, serverCode: 'TransactionTooLargeForCache' },
    );
  }
  const codeName = codeNameOf(error);
  if (SCHEMA.has(code)) {
    return new SchemaError(
      `The collection or index of \`${entity}\` is missing or has another shape (${codeName})`,
      details,
    );
  }
  // Its message may hold what stands in the address.
  if (error.name === 'MongoParseError') {
    return new ConnectionError(
      `The driver cannot read the address of ${resource}: check the parameters behind \`?\` in \`url\``,
      details,
    );
  }
  if (Number.isNaN(code)) return new QueryError(`The driver refused the command (${error.name})`, unclear);
  const said = SPEAKING.has(code) ? `: ${error.message}` : '';
  return new QueryError(`MongoDB refused the command (${codeName})${said}`, {
    ...unclear,
    serverCode: codeName,
  });
}

/** A rule of the server that the write would have broken; null for any other error. */
function mapRuleError(
  error: DriverError,
  code: number,
  entity: string,
  { names, increments }: ErrorContext,
  details: ErrorDetails,
): TrivetError | null {
  const { position } = error;
  if (DUPLICATE.has(code)) return new DuplicateKeyError(entity, { ...details, ...duplicateOf(error, names), position });
  if (code === INVALID_DOCUMENT)
    return new ConstraintError(entity, { ...details, fields: brokenFields(responseOf(error), names), position });
  // Of several the server does not say which.
  if (isOverflow(error, code))
    return new ConstraintError(entity, { ...details, fields: increments?.length === 1 ? increments : [] });
  if (TOO_LARGE.has(code) || isTooLarge(error)) return new ConstraintError(entity, { ...details, position });
  return null;
}

/** Every connection was in use, or no server could be found. */
function waitedInVain(error: DriverError, { resource, pool }: ErrorContext, details: ErrorDetails): TrivetError | null {
  if (error.name === 'MongoWaitQueueTimeoutError') {
    const message = `No connection of the pool of ${resource} became free: raise \`max\` or shorten the work`;
    if (pool === undefined) return new TimeoutError(message, details);
    const { active, max, idle, waiting } = pool.stats;
    // While a place is free, what was waited for is a new connection: the server is frozen, or its network is gone.
    if (active < max) {
      const what = `No connection to MongoDB at ${resource} could be made in time (${active} of ${max} in use)`;
      return new PoolUnavailableError(what, { ...details, stats: pool.stats });
    }
    const figures = `${active} of ${max} in use, ${idle} idle, ${waiting} calls waiting`;
    return new PoolExhaustedError(`${message} (${figures})`, { ...details, ...pool });
  }
  if (error.name !== 'MongoServerSelectionError' || pool === undefined) return null;
  const why = redact(error).message;
  return new PoolUnavailableError(`MongoDB at ${resource} cannot be reached: ${why}`, {
    ...details,
    stats: pool.stats,
  });
}

function responseOf(error: DriverError): Document {
  return error.response ?? error.errorResponse ?? {};
}

function codeNameOf(error: DriverError): string {
  const name = error.codeName ?? responseOf(error)['codeName'];
  if (typeof name === 'string') return name;
  return error.code === undefined ? 'no code' : `code ${String(error.code)}`;
}

/** What may be shown of a driver's error: its kind. Messages of the server quote documents and filters. */
function redact(error: DriverError): Error {
  const code = typeof error.code === 'number' ? error.code : undefined;
  const speaks = code === undefined ? NETWORK.test(error.name) || isSystemError(error) : SPEAKING.has(code);
  const copy = new Error(speaks ? error.message : `${error.name} (${codeNameOf(error)})`);
  copy.name = error.name;
  const labels = (error as { readonly errorLabels?: unknown }).errorLabels;
  return Object.assign(copy, {
    code: error.code,
    codeName: error.codeName,
    ...(Array.isArray(labels) && { errorLabels: [...labels] }),
  });
}

/** An error of a socket or of a name look-up, which the driver lets through as it is while it connects. */
function isSystemError({ code }: DriverError): boolean {
  return typeof code === 'string' && /^E[A-Z]+$/.test(code);
}

function isOverflow(error: DriverError, code: number): boolean {
  return code === 2 && String(responseOf(error)['errmsg']).includes('$inc');
}

/** A document that does not fit the driver's buffer. */
function isTooLarge({ name, message }: DriverError): boolean {
  return name === 'RangeError' || (name === 'MongoInvalidArgumentError' && /larger than|too large/.test(message));
}

function duplicateOf(error: DriverError, names: Names | null): { fields: string[]; constraint: string | undefined } {
  const response = responseOf(error);
  const message = String(response['errmsg'] ?? error.message);
  const constraint = / index: (?:[^ ]*\$)?(\S+)/.exec(message)?.[1];
  return { fields: duplicateKey(error).map((path) => names?.back(path) ?? path), constraint };
}

/** The paths of the unique index that a duplicate hit, as the server names them. */
export function duplicateKey(error: unknown): string[] {
  const pattern = responseOf(error as DriverError)['keyPattern'];
  if (typeof pattern !== 'object' || pattern === null) return [];
  // Replies that are read raw hold documents as bytes.
  return Object.keys(pattern instanceof Uint8Array ? readDocument(toBuffer(pattern), 0) : pattern);
}
