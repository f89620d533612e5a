import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand } from '../query/command.js';
import { shapeOf } from '../query/logic.js';
import { END, fieldAt } from '../query/parsing.js';
import { isScalarKind } from '../schema/kinds.js';
import { filter, findCommand, keyClause, scoped, settle } from './build-command.js';
import { KNOWN, runOptions, wholeNumber } from './check-options.js';
import { type Context, type Prepared, start } from './prepare.js';
import { startRead } from './start-read.js';

/** A read by key. @throws ValidationError */
export function prepareFindById(context: Context, id: unknown, options: unknown): Prepared<FindCommand> {
  const { model } = context;
  const { bag, parsing, projection, include } = startRead(context, KNOWN.findById, options);
  const clause = scoped(parsing, keyClause(parsing, id), bag['deleted']);
  const command = findCommand(parsing, clause, bag, projection, true);
  return { command, projection, include, run: runOptions(model.name, bag) };
}

/** A read by a filter. @throws ValidationError */
export function prepareFind(
  context: Context,
  verb: 'findOne' | 'find' | 'stream',
  where: unknown,
  options: unknown,
): Prepared<FindCommand> {
  const { model } = context;
  const { bag, parsing, projection, include } = startRead(context, KNOWN[verb], options);
  const clause = filter(parsing, where, bag['deleted']);
  const batch = wholeNumber(bag, 'batch', 1, parsing.issues);
  const command = findCommand(parsing, clause, bag, projection, verb === 'findOne');
  const run = runOptions(model.name, bag);
  return { command, projection, include, run: batch === undefined ? run : { ...run, batch } };
}

/** A count, or whether there is a row. @throws ValidationError */
export function prepareCount(
  context: Context,
  kind: 'count' | 'exists',
  where: unknown,
  options: unknown,
): Prepared<CountCommand | ExistsCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.count, options);
  const clause = filter(parsing, where, bag['deleted']);
  settle(parsing);
  const command = { kind, entity: model, shape: shapeOf(clause), where: clause, values: parsing.values };
  return { command, projection, run: runOptions(model.name, bag) };
}

/** The distinct values of a field. @throws ValidationError */
export function prepareDistinct(
  context: Context,
  path: string,
  where: unknown,
  options: unknown,
): Prepared<DistinctCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.count, options);
  // Plain JavaScript may give anything.
  const field = fieldAt(parsing, String(path));
  if (field?.hidden === true) parsing.issues.push({ path, message: 'is hidden: its values cannot be listed' });
  else if (field !== undefined && !isScalarKind(field.kind)) {
    parsing.issues.push({ path, message: `is a field of kind ${field.kind}, which has no distinct values` });
  }
  const clause = filter(parsing, where, bag['deleted']);
  settle(parsing);
  const shape = `${path}${END}${shapeOf(clause)}`;
  const command: DistinctCommand = {
    kind: 'distinct',
    entity: model,
    shape,
    where: clause,
    values: parsing.values,
    field: field!,
  };
  return { command, projection, run: runOptions(model.name, bag) };
}
