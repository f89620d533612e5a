import type { Clause } from '../query/clause.js';
import type { Assignment, DeleteCommand, UpdateCommand } from '../query/command.js';
import { bookkeeping } from '../query/parse-patch.js';
import type { Parsing } from '../query/parsing.js';
import { deleteCommand, keyClause, scoped, settle, updateCommand } from './build-command.js';
import { KNOWN, runOptions } from './check-options.js';
import { type Context, type Prepared, start } from './prepare.js';

/** Takes the mark of deletion from a row that has it. */
export function prepareRestore(context: Context, id: unknown, options: unknown): Prepared<UpdateCommand> {
  const { model, clock } = context;
  const { bag, parsing, projection } = start(context, KNOWN.write, options);
  const clause = scopedKey(parsing, id, 'only', 'restore');
  settle(parsing);
  const mark: Assignment = { field: model.deletedAt!, op: 'clear', slot: -1 };
  const assignments = [mark, ...bookkeeping(parsing, [mark], clock.now())];
  return {
    command: updateCommand(parsing, clause, assignments, projection),
    projection,
    run: runOptions(model.name, bag),
  };
}

/** Takes a row away for good, whether it has the mark of deletion or not. */
export function preparePurge(context: Context, id: unknown, options: unknown): Prepared<DeleteCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.write, options);
  const clause = scopedKey(parsing, id, 'with', 'purge');
  return { command: deleteCommand(parsing, clause, projection), projection, run: runOptions(model.name, bag) };
}

function scopedKey(parsing: Parsing, id: unknown, deleted: 'with' | 'only', verb: string): Clause {
  const { entity, issues } = parsing;
  const key = keyClause(parsing, id);
  if (entity.deletedAt !== null) return scoped(parsing, key, deleted);
  const message = `cannot be given to \`${verb}\`: \`${entity.name}\` has no \`softDelete()\`, and \`delete\` takes its rows away for good`;
  issues.push({ path: '', message });
  return key;
}
