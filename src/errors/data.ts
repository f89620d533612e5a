import { type ErrorDetails, TrivetError } from './error.js';

/** One thing that is wrong with a draft, a patch, a filter or an option. It never holds the value that failed. */
export interface Issue {
  /** Dotted path of the field, `tags[2]` for an item; empty for the whole. */
  readonly path: string;
  /** A sentence that says what was expected. */
  readonly message: string;
}

/** No row has the key that was asked for. */
export class NotFoundError extends TrivetError {
  static override readonly code: string = 'NOT_FOUND';
  readonly entity: string;

  constructor(entity: string, details?: ErrorDetails) {
    super(`No row of \`${entity}\` has this key`, details);
    this.entity = entity;
  }
}

/**
 * The caller's input does not fit the entity. Nothing was sent to a server. `issues` lists every problem, by path; of more than 1,000 the first.
 */
export class ValidationError extends TrivetError {
  static override readonly code: string = 'VALIDATION';
  /** Name of the entity, or of the option bag. */
  readonly entity: string;
  readonly issues: readonly Issue[];

  constructor(entity: string, issues: readonly Issue[], details?: ErrorDetails) {
    const some = issues.slice(0, MAX_ISSUES).map(bounded);
    super(`Invalid input for \`${entity}\`: ${some.map(told).join('; ')}`, details);
    this.entity = entity;
    this.issues = some;
  }
}

/** A bound on what one hostile input can make us say; nobody reads so many. */
export const MAX_ISSUES = 1_000;
/** Longest path and longest message of an issue: names in them come from outside. */
const MAX_PATH = 1_000;
const MAX_MESSAGE = 10_000;

function bounded(issue: Issue): Issue {
  const { path, message } = issue;
  if (path.length <= MAX_PATH && message.length <= MAX_MESSAGE) return issue;
  return { path: cut(path, MAX_PATH), message: cut(message, MAX_MESSAGE) };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A problem as a part of a message. */
export function told({ path, message }: Issue): string {
  return path === '' ? message : `\`${path}\` ${message}`;
}

/** What is known of a rule of the server that a row broke. */
export interface ConstraintDetails extends ErrorDetails {
  /** Paths of the fields concerned, as the entity names them; empty when the server does not say. */
  readonly fields?: readonly string[];
  /** Name of the constraint or index on the server. */
  readonly constraint?: string | undefined;
  /** Position of the draft that failed in the list of `insertMany` or `bulk`, when it is known. */
  readonly position?: number | undefined;
}

abstract class RuleError extends TrivetError {
  readonly entity: string;
  readonly fields: readonly string[];
  readonly constraint: string | undefined;
  readonly position: number | undefined;

  constructor(message: string, entity: string, details: ConstraintDetails = {}) {
    super(message, details);
    this.entity = entity;
    this.fields = details.fields ?? [];
    this.constraint = details.constraint;
    this.position = details.position;
  }
}

function named(fields: readonly string[] | undefined): string {
  return fields === undefined || fields.length === 0 ? '' : ` (${fields.map((each) => `\`${each}\``).join(', ')})`;
}

/** Another row has the same value in a unique field or set. */
export class DuplicateKeyError extends RuleError {
  static override readonly code: string = 'DUPLICATE_KEY';

  constructor(entity: string, details: ConstraintDetails = {}) {
    const at = details.position === undefined ? '' : `, draft ${details.position}`;
    super(`Another row of \`${entity}\` has the same unique value${named(details.fields)}${at}`, entity, details);
  }
}

/** The row would break a check, a bound or a presence rule that the server keeps. */
export class ConstraintError extends RuleError {
  static override readonly code: string = 'CONSTRAINT';

  constructor(entity: string, details: ConstraintDetails = {}) {
    super(`The row would break a rule of \`${entity}\`${named(details.fields)}`, entity, details);
  }
}

/** What is known of a reference that does not hold. */
export interface ReferenceDetails extends ConstraintDetails {
  /** Table whose rows refer to the row that was to go. */
  readonly referrer?: string | undefined;
}

/** The row refers to a row that does not exist, or is still referred to. */
export class ForeignKeyError extends RuleError {
  static override readonly code: string = 'FOREIGN_KEY';
  /** Table whose rows still refer to the row; undefined where the row itself refers to one that does not exist. */
  readonly referrer: string | undefined;

  constructor(entity: string, details: ReferenceDetails = {}) {
    const { referrer, constraint, fields } = details;
    const by = constraint === undefined ? '' : ` by \`${constraint}\``;
    super(
      referrer === undefined
        ? `A reference of \`${entity}\` does not hold${named(fields)}: there is no such row`
        : `Rows of \`${referrer}\` refer to this row of \`${entity}\`${by}: they have to go first, or to be given an \`onDelete\``,
      entity,
      details,
    );
    this.referrer = referrer;
  }
}

/** The row exists, but its version is not the one given: somebody changed it meanwhile. */
export class StaleVersionError extends TrivetError {
  static override readonly code: string = 'STALE_VERSION';
  readonly entity: string;

  constructor(entity: string, details?: ErrorDetails) {
    super(`The row of \`${entity}\` has another version: read it again, then decide`, details);
    this.entity = entity;
  }
}

/** The row exists, but a newer fencing token wrote it: whoever holds this one has lost the lock. Nothing was written. */
export class StaleFenceError extends TrivetError {
  static override readonly code: string = 'STALE_FENCE';
  readonly entity: string;

  constructor(entity: string, details?: ErrorDetails) {
    super(
      `The row of \`${entity}\` was written with a newer fencing token: the lock is lost, and trying again is no help`,
      details,
    );
    this.entity = entity;
  }
}
