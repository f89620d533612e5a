import { type Issue, ValidationError } from '../errors/data.js';
import type { Assignment, Command } from '../query/command.js';
import { isScalarKind } from '../schema/kinds.js';
import type { EntityModel, FieldModel, StoredRow, Value } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { identityOf } from './key-match.js';
import type { Middleware } from './middleware.js';
import { narrowed, unknownKind, valuesOf } from './narrow.js';

/** The scope of one call. */
interface Scope {
  readonly field: FieldModel;
  readonly value: Value;
}

/**
 * Middleware that keeps a repository within the rows that have one value in a field, such as those of one tenant. Reads, pages, groups,
 * streams, updates and deletions see no others, relations to this repository neither, and new rows get the value. `value` is asked for with
 * every command; when it has none, the command is refused.
 *
 * The field stands at the top of the entity and holds a scalar. Declare it `generated()`, so that drafts may leave it out. A draft or
 * a patch with another value is refused. A unique field is unique among all rows: make it a set with the scoped field, or an `insert` and an
 * `upsert` tell by their `DuplicateKeyError` that somebody else has the value.
 *
 * Each repository has its own middleware: one without it sees every row. So do `sql`, `query`, `aggregate`, `collection` and `explain`, which
 * are no commands, and nothing checks that a row that is referred to belongs to the same scope.
 *
 * @throws ValidationError (the call) when there is no value, when it is none of the field, or for a field that cannot be a scope.
 * @example
 * ```ts
 * import { AsyncLocalStorage } from 'node:async_hooks';
 * import { entity, MemoryDatabase, Repository, scopedBy, text, uuid } from 'trivet';
 *
 * const Note = entity(
 *   'notes',
 *   { id: uuid().primaryKey(), tenant: text().max(40).generated(), slug: text().max(80) },
 *   { unique: [['tenant', 'slug']] },
 * );
 * const tenant = new AsyncLocalStorage<string>();
 * const notes = new Repository(new MemoryDatabase(), Note, { use: [scopedBy('tenant', () => tenant.getStore())] });
 *
 * await tenant.run('acme', () => notes.insert({ slug: 'hello' }));
 * console.log(await tenant.run('other', () => notes.count())); // 0
 * ```
 */
export function scopedBy(field: string, value: () => unknown): Middleware {
  return async (command, next) => next(within(command, field, value));
}

function within(command: Command, name: string, value: () => unknown): Command {
  switch (command.kind) {
    case 'find':
    case 'count':
    case 'exists':
    case 'distinct':
    case 'group':
    case 'search':
    case 'near':
    case 'delete':
      return onlyThose(command, scopeOf(command.entity, name, value()));
    case 'update': {
      const scope = scopeOf(command.entity, name, value());
      keep(command.entity, scope, command.assignments, command.values);
      return onlyThose(command, scope);
    }
    case 'updateEach': {
      const { entity, assignments, each } = command;
      const scope = scopeOf(entity, name, value());
      for (const values of each) keep(entity, scope, assignments, values);
      return onlyThose(command, scope);
    }
    case 'insert': {
      const { entity, rows } = command;
      const scope = scopeOf(entity, name, value());
      return { ...command, rows: filled(entity, scope, rows) };
    }
    case 'upsert': {
      const { entity, row, assignments, values } = command;
      const scope = scopeOf(entity, name, value());
      const [whole] = filled(entity, scope, [row]);
      keep(entity, scope, assignments, values);
      return onlyThose({ ...command, row: whole! }, scope);
    }
    case 'upsertMany': {
      const { entity, rows } = command;
      const scope = scopeOf(entity, name, value());
      return onlyThose({ ...command, rows: filled(entity, scope, rows) }, scope);
    }
    case 'ensureSchema':
      return command;
    default:
      return unknownKind(command);
  }
}

/** @throws ValidationError: without a scope nothing is sent. */
function scopeOf(entity: EntityModel, name: string, given: unknown): Scope {
  const refuse = (message: string) => new ValidationError(entity.name, [{ path: name, message }]);
  const field = entity.fields.find((each) => each.name === name);
  if (field === undefined || !isScalarKind(field.kind) || field.serial || field.role !== null)
    throw refuse('cannot be a scope: that is a field at the top of the entity that holds a scalar of the caller');
  if (given === undefined || given === null)
    throw refuse('has no value to be scoped by: nothing is read or written without one');
  const issues: Issue[] = [];
  const value = parserOf(field).input(given, name, issues);
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
  return { field, value };
}

function onlyThose(command: Parameters<typeof valuesOf>[0], { field, value }: Scope): Command {
  const values = valuesOf(command);
  return narrowed(command, { op: 'eq', field, slot: values.length }, [...values, value]);
}

/** The rows with the value of the scope in each. */
function filled(entity: EntityModel, scope: Scope, rows: readonly StoredRow[]): StoredRow[] {
  const { field, value } = scope;
  const issues: Issue[] = [];
  const whole = rows.map((row, i) => {
    const given = row[field.name] ?? null;
    if (given === null) return { ...row, [field.name]: value };
    if (!same(field, given, value)) issues.push(foreign(field, rows.length === 1 ? '' : `[${i}].`));
    return row;
  });
  if (issues.length > 0) throw new ValidationError(entity.name, issues);
  return whole;
}

/** Refuses a change of the scoped field, unless it is the value that it has. */
function keep(
  entity: EntityModel,
  { field, value }: Scope,
  assignments: readonly Assignment[],
  values: readonly unknown[],
): void {
  const change = assignments.find((each) => each.field === field);
  if (change === undefined || (change.op === 'set' && same(field, values[change.slot] as Value, value))) return;
  throw new ValidationError(entity.name, [foreign(field, '')]);
}

function foreign(field: FieldModel, at: string): Issue {
  return { path: at + field.path, message: 'must be left to the scope of this repository, or have its value' };
}

function same(field: FieldModel, a: Value, b: Value): boolean {
  const identify = identityOf(field);
  return identify(a) === identify(b);
}
