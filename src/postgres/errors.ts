import { tlsFailure } from '../core/tls.js';
import { type ConstraintDetails, ConstraintError, DuplicateKeyError, ForeignKeyError } from '../errors/data.js';
import { type Outcome, TrivetError } from '../errors/error.js';
import {
  AuthenticationError,
  ConflictError,
  ConnectionError,
  QueryError,
  SchemaError,
  TimeoutError,
} from '../errors/runtime.js';
import type { FieldModel, Kind } from '../schema/model.js';
import type { Table } from './fields.js';
import { fieldsOfColumns, fieldsOfConstraint } from './names.js';

/** What is read of an error of the driver or the server. */
interface DriverError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly severity?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly routine?: string;
  readonly detail?: string;
  readonly syscall?: string;
}

/** What was going on when it failed. */
export interface ErrorContext {
  /** `host:port/database`, or the name given. */
  readonly resource: string;
  readonly elapsedMs?: number | undefined;
  /** How often it was tried. */
  readonly attempts?: number | undefined;
  /** Whether a statement may have reached the server. */
  readonly sent: boolean;
  /** The table of the command; null for a statement of the caller's own. */
  readonly table: Table | null;
  /** Position of the draft that failed, when it is known. */
  readonly position?: number | undefined;
  /** Fields that the command incremented: the server does not name the one that overflowed. */
  readonly incremented?: readonly FieldModel[] | undefined;
  /** It was in a transaction that was begun read-only. */
  readonly readOnly?: boolean | undefined;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Classes whose messages name objects, addresses and settings, but no values of rows. */
const SAFE_MESSAGES: ReadonlySet<string> = new Set(['08', '28', '3D', '3F', '42', '53', '57']);

/** The driver's error without what may hold values or secrets: `detail`, `where`, the statement, most messages. */
function redact(error: unknown): Error {
  const { name, message = '', code, severity, table, column, constraint, routine, syscall } = error as DriverError;
  const fromServer = isServerError(error);
  const keep = !fromServer || SAFE_MESSAGES.has(code!.slice(0, 2));
  const cause = new Error(keep ? message : `PostgreSQL reported ${code}`);
  cause.name = fromServer ? 'PostgresServerError' : (name ?? 'Error');
  for (const [key, value] of Object.entries({ code, severity, table, column, constraint, routine, syscall })) {
    if (value !== undefined) Object.assign(cause, { [key]: value });
  }
  return cause;
}

function isServerError(error: unknown): boolean {
  const { code, severity } = error as DriverError;
  return typeof code === 'string' && typeof severity === 'string' && SQLSTATE.test(code);
}

/** Every error of a command as one of the library's. Errors that are already such, and bugs of ours, pass. */
export function mapError(error: unknown, context: ErrorContext): unknown {
  if (error instanceof TrivetError) return error;
  if (!(error instanceof Error)) return error;
  return isServerError(error) ? mapServerError(error, context) : mapDriverError(error, context);
}

/** Whether another attempt to connect would end the same way: wrong credentials, TLS or database, a driver that is missing, a mistake in the code. */
export function isFinal(error: unknown): boolean {
  return !(error instanceof TrivetError) || !error.retryable;
}

function details(
  error: unknown,
  { resource, elapsedMs, attempts }: ErrorContext,
  outcome: Outcome = 'not-executed',
  retryable = false,
) {
  return { cause: redact(error), resource, elapsedMs, attempts, outcome, retryable };
}

const CREDENTIALS = 'check user and password of `url`, of DATABASE_URL or of the PG* variables';

function mapDriverError(error: Error & DriverError, context: ErrorContext): unknown {
  const { code, message } = error;
  if (message.startsWith('SASL')) {
    return new AuthenticationError(
      `The server asks for a password or refused it (${context.resource}): ${CREDENTIALS}`,
      details(error, context),
    );
  }
  // What was sent went through: a record that breaks later is as a network's fault.
  const tls = context.sent ? null : tlsFailure(error);
  if (tls !== null) return new ConnectionError(`TLS with ${context.resource} failed: ${tls}`, details(error, context));
  // A TypeError or the like is a mistake in the code, ours or the caller's: it must not look like a network's.
  if (error.name !== 'Error' && error.name !== 'AggregateError') return error;
  const outcome = context.sent ? 'unknown' : 'not-executed';
  const what = context.sent ? `The connection to ${context.resource} broke` : `Cannot connect to ${context.resource}`;
  const why = code ?? (/timeout/i.test(message) ? 'timeout' : message);
  return new ConnectionError(
    `${what}: ${why}`,
    details(error, context, outcome, !/does not support SSL/.test(message)),
  );
}

function mapServerError(error: Error & DriverError, context: ErrorContext): unknown {
  const code = error.code!;
  const { resource } = context;
  switch (code.slice(0, 2)) {
    case '08':
      return new ConnectionError(
        `The connection to ${resource} broke: ${error.message}`,
        details(error, context, context.sent ? 'unknown' : 'not-executed', true),
      );
    case '22':
    case '23':
      return mapRuleError(error, context);
    case '28':
      return new AuthenticationError(
        `The server refused the login (${resource}): ${error.message}; ${CREDENTIALS}`,
        details(error, context),
      );
    case '40':
      return new ConflictError(
        'The transaction lost against another one: run it again',
        details(error, context, code === '40003' ? 'unknown' : 'not-executed', true),
      );
    default:
      return (
        mapCode(error, context) ??
        mapSchemaError(error, context) ??
        new QueryError(`PostgreSQL refused the statement: ${code}${safeMessage(error)}`, {
          ...details(error, context),
          serverCode: code,
        })
      );
  }
}

/** Codes that mean something else than the others of their class. */
function mapCode(error: Error & DriverError, context: ErrorContext): TrivetError | null {
  const code = error.code!;
  const { resource } = context;
  switch (code) {
    case '3D000':
      return new ConnectionError(
        `The database does not exist (${resource}): create it, or correct the name`,
        details(error, context),
      );
    case '42501':
      return new AuthenticationError(
        `The user may not do this (${resource}): ${error.message}`,
        details(error, context),
      );
    case '55P03':
      return new ConflictError(
        'A row is locked by another transaction: try again',
        details(error, context, 'not-executed', true),
      );
    case '57014':
      return new TimeoutError(
        'The server cancelled the statement: by a timeout of its own, or on request',
        details(error, context),
      );
    case '57P01':
    case '57P02':
    case '57P03':
    case '53300':
      return new ConnectionError(
        `The server ended or refused the connection (${resource}): ${error.message}`,
        details(error, context, context.sent ? 'unknown' : 'not-executed', true),
      );
    case '25006':
      if (context.readOnly === true) {
        return new QueryError('A transaction with `readOnly: true` takes no writes', {
          ...details(error, context),
          serverCode: code,
        });
      }
      return new QueryError('The server takes no writes now', {
        ...details(error, context, 'not-executed', true),
        serverCode: code,
      });
    case '42P05':
      return new QueryError('A pooler between mixes up prepared statements: give `prepare: false`', {
        ...details(error, context),
        serverCode: code,
      });
    default:
      return null;
  }
}

function safeMessage({ code, message }: Error & DriverError): string {
  return SAFE_MESSAGES.has(code!.slice(0, 2)) ? `, ${message}` : '';
}

/** Undefined table, column, schema; no unique index for `on conflict`; a column or operator of another type. */
const SCHEMA_CODES: ReadonlySet<string> = new Set(['42P01', '42703', '3F000', '42P10', '42804', '42883', '42846']);

function mapSchemaError(error: Error & DriverError, context: ErrorContext): SchemaError | null {
  const { table } = context;
  if (!SCHEMA_CODES.has(error.code!)) return null;
  const message =
    table === null
      ? `The statement does not fit the schema: ${error.message}`
      : `The table ${table.sql} is not as \`${table.entity.name}\` needs it (${error.message}): run \`ensureSchema()\` or a migration`;
  return new SchemaError(message, details(error, context));
}

function mapRuleError(error: Error & DriverError, context: ErrorContext): unknown {
  const code = error.code!;
  const entity = context.table?.entity.name ?? error.table ?? 'unknown';
  const rule: ConstraintDetails = {
    ...details(error, context),
    fields: code === '22003' ? overflowed(error, context.incremented ?? []) : fieldsOf(error, context.table),
    constraint: error.constraint,
    position: context.position,
  };
  switch (code) {
    case '23505':
      return new DuplicateKeyError(entity, rule);
    case '23503':
    case '23001':
      return new ForeignKeyError(entity, { ...rule, referrer: referrerOf(error, context.table) });
    case '23514':
    case '23502':
    case '23P01':
    case '22003':
    case '22001':
      return new ConstraintError(entity, rule);
    default:
      return new QueryError(`PostgreSQL refused a value: ${code}`, { ...details(error, context), serverCode: code });
  }
}

/** The table whose rows refer to the row that was to go or to get another key; undefined where it is the row that refers to nothing. */
function referrerOf({ code, table: referring, detail = '' }: DriverError, table: Table | null): string | undefined {
  if (table === null || referring === undefined) return undefined;
  // A table that refers to itself has one constraint for both, and older servers have one code; the values of `detail` stand before.
  const isDeletion = code === '23001' || / is still referenced from table ".*"\.$/.test(detail);
  return referring !== table.entity.table || isDeletion ? referring : undefined;
}

/** By the name of the constraint, by the column, or by the columns in `detail`, which stand before the values: `Key (a, b)=(…)`. */
function fieldsOf(error: DriverError, table: Table | null): readonly string[] {
  if (table === null) return [];
  const { constraint, column } = error;
  const byName = constraint === undefined ? undefined : fieldsOfConstraint(table, constraint);
  if (byName !== undefined) return byName;
  if (column !== undefined) return fieldsOfColumns(table, [column]) ?? [];
  const listed = /^[^(]*\(([^()]*)\)=/.exec(error.detail ?? '')?.[1];
  // A constraint of another table, such as the one whose rows still refer to this: its columns are not this entity's.
  if (listed === undefined || (error.table !== undefined && error.table !== table.entity.table)) return [];
  return (
    fieldsOfColumns(
      table,
      listed.split(', ').map((name) => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"')),
    ) ?? []
  );
}

/** What can overflow in which of the server's functions. */
const OVERFLOWS: readonly (readonly [RegExp, readonly Kind[]])[] = [
  [/^int8/, ['integer', 'bigint']],
  [/^float/, ['real']],
  [/typmod/, ['decimal']],
];

/** The incremented field that overflowed, when only one can have. */
function overflowed({ routine = '' }: DriverError, incremented: readonly FieldModel[]): readonly string[] {
  const kinds = OVERFLOWS.find(([pattern]) => pattern.test(routine))?.[1] ?? [];
  const fields = incremented.filter((field) => kinds.includes(field.kind));
  return fields.length === 1 ? [fields[0]!.path] : [];
}
