import type { Clause } from '../query/clause.js';
import type { Assignment, DeleteCommand, FindCommand, UpdateCommand } from '../query/command.js';
import { allOf } from '../query/logic.js';
import { bookkeeping, parsePatch } from '../query/parse-patch.js';
import { type Parsing, slotOf } from '../query/parsing.js';
import {
  deleteCommand,
  filter,
  findCommand,
  keyClause,
  manyFilter,
  scoped,
  settle,
  updateCommand,
} from './build-command.js';
import { type Bag, KNOWN, runOptions } from './check-options.js';
import type { RunOptions } from './ports.js';
import { type Context, type Prepared, start } from './prepare.js';
import type { Projection } from './projection.js';

/** An update that was checked, before hooks see its patch. */
export interface CheckedUpdate {
  readonly context: Context;
  readonly parsing: Parsing;
  readonly where: Clause;
  readonly assignments: readonly Assignment[];
  readonly bag: Bag;
  /** Null for an update of all rows that fit. */
  readonly projection: Projection | null;
  readonly run: RunOptions;
}

/** An update by key. @throws ValidationError */
export function checkUpdate(context: Context, id: unknown, patch: unknown, options: unknown): CheckedUpdate {
  const { bag, parsing, projection } = start(context, KNOWN.update, options);
  const assignments = parsePatch(parsing, patch);
  const key = scoped(parsing, keyClause(parsing, id), undefined);
  const where = allOf([key, ...versionTest(parsing, bag['version'])]);
  settle(parsing);
  return { context, parsing, where, assignments, bag, projection, run: runOptions(context.model.name, bag) };
}

/** An update of the first row that fits. @throws ValidationError */
export function checkUpdateOne(context: Context, where: unknown, patch: unknown, options: unknown): CheckedUpdate {
  const { bag, parsing, projection } = start(context, KNOWN.updateOne, options);
  const assignments = parsePatch(parsing, patch);
  const clause = filter(parsing, where);
  return { context, parsing, where: clause, assignments, bag, projection, run: runOptions(context.model.name, bag) };
}

/** An update of all rows that fit. @throws ValidationError */
export function checkUpdateMany(context: Context, where: unknown, patch: unknown, options: unknown): CheckedUpdate {
  const { bag, parsing } = start(context, KNOWN.many, options);
  const clause = manyFilter(parsing, where, bag);
  const assignments = parsePatch(parsing, patch);
  settle(parsing);
  const run = runOptions(context.model.name, bag);
  return { context, parsing, where: clause, assignments, bag, projection: null, run };
}

/** The command of a checked update. An empty patch becomes a read; of many rows there is no command then: they are only counted. */
export function updateOf(checked: CheckedUpdate): Prepared<UpdateCommand | FindCommand> | null {
  const { context, parsing, where, assignments, bag, projection, run } = checked;
  if (assignments.length > 0) {
    const all = complete(context, parsing, assignments);
    const command = updateCommand(parsing, where, all, projection, bag['orderBy']);
    return { command, projection: projection ?? context.projector.whole, run };
  }
  if (projection === null) return null;
  return { command: findCommand(parsing, where, bag, projection, true), projection, run };
}

export function versionTest(parsing: Parsing, version: unknown): Clause[] {
  if (version === undefined) return [];
  const field = parsing.entity.version;
  if (field === null) {
    parsing.issues.push({
      path: 'version',
      message: `is no option here: \`${parsing.entity.name}\` has no \`versioned()\``,
    });
    return [];
  }
  if (!Number.isSafeInteger(version)) {
    parsing.issues.push({ path: 'version', message: 'must be an integer: the version of the row that was read' });
    return [];
  }
  return [{ op: 'eq', field, slot: slotOf(parsing, version) }];
}

/** A deletion by key: an update where the entity is deleted softly. */
export function prepareDelete(
  context: Context,
  id: unknown,
  options: unknown,
): Prepared<UpdateCommand | DeleteCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.write, options);
  const clause = scoped(parsing, keyClause(parsing, id), undefined);
  const deletion = softDeletion(context, parsing);
  const command =
    deletion === null
      ? deleteCommand(parsing, clause, projection)
      : updateCommand(parsing, clause, deletion, projection);
  return { command, projection, run: runOptions(model.name, bag) };
}

export function prepareDeleteMany(
  context: Context,
  where: unknown,
  options: unknown,
): Prepared<UpdateCommand | DeleteCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.many, options);
  const clause = manyFilter(parsing, where, bag);
  const deletion = softDeletion(context, parsing);
  const command =
    deletion === null ? deleteCommand(parsing, clause, null) : updateCommand(parsing, clause, deletion, null);
  return { command, projection, run: runOptions(model.name, bag) };
}

export function complete({ clock }: Context, parsing: Parsing, assignments: readonly Assignment[]): Assignment[] {
  return [...assignments, ...bookkeeping(parsing, assignments, clock.now())];
}

/** What marks a row as deleted; null where rows are really deleted. */
export function softDeletion(context: Context, parsing: Parsing): Assignment[] | null {
  const { deletedAt } = context.model;
  if (deletedAt === null) return null;
  const mark: Assignment = { field: deletedAt, op: 'set', slot: slotOf(parsing, new Date(context.clock.now())) };
  return complete(context, parsing, [mark]);
}
