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
import { rowTests } from './row-tests.js';

/** An update that was checked, before hooks see its patch. */
export interface CheckedUpdate {
  readonly context: Context;
  readonly parsing: Parsing;
  readonly where: Clause;
  readonly assignments: readonly Assignment[];
  /** What is stored beside the patch, because the call asked for it: no hook sees it. */
  readonly marks: readonly Assignment[];
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
  const { clauses, marks } = rowTests(parsing, bag);
  const where = allOf([key, ...clauses]);
  settle(parsing);
  return { context, parsing, where, assignments, marks, bag, projection, run: runOptions(context.model.name, bag) };
}

/** An update of the first row that fits. @throws ValidationError */
export function checkUpdateOne(context: Context, where: unknown, patch: unknown, options: unknown): CheckedUpdate {
  const { bag, parsing, projection } = start(context, KNOWN.updateOne, options);
  const assignments = parsePatch(parsing, patch);
  const clause = filter(parsing, where);
  const run = runOptions(context.model.name, bag);
  return { context, parsing, where: clause, assignments, marks: [], bag, projection, run };
}

/** An update of all rows that fit. @throws ValidationError */
export function checkUpdateMany(context: Context, where: unknown, patch: unknown, options: unknown): CheckedUpdate {
  const { bag, parsing } = start(context, KNOWN.many, options);
  const clause = manyFilter(parsing, where, bag);
  const assignments = parsePatch(parsing, patch);
  settle(parsing);
  const run = runOptions(context.model.name, bag);
  return { context, parsing, where: clause, assignments, marks: [], bag, projection: null, run };
}

/** The command of a checked update. An empty patch becomes a read, unless something is stored beside it; of many rows there is no command then: they are only counted. */
export function updateOf(checked: CheckedUpdate): Prepared<UpdateCommand | FindCommand> | null {
  const { context, parsing, where, assignments, marks, bag, projection, run } = checked;
  if (assignments.length + marks.length > 0) {
    const all = complete(context, parsing, [...assignments, ...marks]);
    const command = updateCommand(parsing, where, all, projection, bag['orderBy']);
    return { command, projection: projection ?? context.projector.whole, run };
  }
  if (projection === null) return null;
  return { command: findCommand(parsing, where, bag, projection, true), projection, run };
}

/** A deletion by key: an update where the entity is deleted softly. */
export function prepareDelete(
  context: Context,
  id: unknown,
  options: unknown,
): Prepared<UpdateCommand | DeleteCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.delete, options);
  const key = scoped(parsing, keyClause(parsing, id), undefined);
  const { clauses, marks } = rowTests(parsing, { fence: bag['fence'] });
  const clause = allOf([key, ...clauses]);
  const deletion = softDeletion(context, parsing, marks);
  const command =
    deletion === null
      ? deleteCommand(parsing, clause, projection)
      : updateCommand(parsing, clause, deletion, projection);
  return { command, projection, run: runOptions(model.name, bag) };
}

/** A deletion of all rows that fit. @throws ValidationError */
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

/** The changes with what the library itself changes. */
export function complete({ clock }: Context, parsing: Parsing, assignments: readonly Assignment[]): Assignment[] {
  return [...assignments, ...bookkeeping(parsing, assignments, clock.now())];
}

/** What marks a row as deleted, and what is stored beside that; null where rows are really deleted. */
export function softDeletion(
  context: Context,
  parsing: Parsing,
  beside: readonly Assignment[] = [],
): Assignment[] | null {
  const { deletedAt } = context.model;
  if (deletedAt === null) return null;
  const mark: Assignment = { field: deletedAt, op: 'set', slot: slotOf(parsing, new Date(context.clock.now())) };
  return complete(context, parsing, [mark, ...beside]);
}
