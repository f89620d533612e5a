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
import { KNOWN, NO_OPTIONS, runOptions } from './check-options.js';
import { type Context, type Prepared, start } from './prepare.js';

/** An update by key. An empty patch becomes a read. */
export function prepareUpdate(
  context: Context,
  id: unknown,
  patch: unknown,
  options: unknown,
): Prepared<UpdateCommand | FindCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.update, options);
  const assignments = parsePatch(parsing, patch);
  const key = scoped(parsing, keyClause(parsing, id), undefined);
  const clause = allOf([key, ...versionTest(parsing, bag['version'])]);
  settle(parsing);
  const run = runOptions(model.name, bag);
  if (assignments.length === 0)
    return { command: findCommand(parsing, clause, NO_OPTIONS, projection, true), projection, run };
  return {
    command: updateCommand(parsing, clause, complete(context, parsing, assignments), projection),
    projection,
    run,
  };
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

/** An update of the first row that fits. An empty patch becomes a read. */
export function prepareUpdateOne(
  context: Context,
  where: unknown,
  patch: unknown,
  options: unknown,
): Prepared<UpdateCommand | FindCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.updateOne, options);
  const assignments = parsePatch(parsing, patch);
  const clause = filter(parsing, where);
  const run = runOptions(model.name, bag);
  if (assignments.length === 0)
    return { command: findCommand(parsing, clause, bag, projection, true), projection, run };
  return {
    command: updateCommand(parsing, clause, complete(context, parsing, assignments), projection, bag['orderBy']),
    projection,
    run,
  };
}

/** An update of all rows that fit; without a command when the patch is empty: then nothing is written and the rows are counted. */
export function prepareUpdateMany(
  context: Context,
  where: unknown,
  patch: unknown,
  options: unknown,
): Prepared<UpdateCommand> | null {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.many, options);
  const clause = manyFilter(parsing, where, bag);
  const assignments = parsePatch(parsing, patch);
  settle(parsing);
  if (assignments.length === 0) return null;
  const command = updateCommand(parsing, clause, complete(context, parsing, assignments), null);
  return { command, projection, run: runOptions(model.name, bag) };
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
