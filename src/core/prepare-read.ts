import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand } from '../query/command.js';
import { shapeOf } from '../query/logic.js';
import { END, fieldAt } from '../query/parsing.js';
import { isScalarKind } from '../schema/kinds.js';
import { begin, filter, findCommand, keyClause, scoped, settle } from './build-command.js';
import { checkBag, KNOWN, runOptions, wholeNumber } from './check-options.js';
import type { Context, Prepared } from './prepare.js';

export function prepareFindById({ model, projector }: Context, id: unknown, options: unknown): Prepared<FindCommand> {
  const bag = checkBag(model.name, KNOWN.findById, options);
  const parsing = begin(model);
  const projection = projector.of(bag, parsing.issues);
  const clause = scoped(parsing, keyClause(parsing, id), bag['deleted']);
  return { command: findCommand(parsing, clause, bag, projection, true), projection, run: runOptions(model.name, bag) };
}

export function prepareFind(
  { model, projector }: Context,
  verb: 'findOne' | 'find' | 'stream',
  where: unknown,
  options: unknown,
): Prepared<FindCommand> {
  const bag = checkBag(model.name, KNOWN[verb], options);
  const parsing = begin(model);
  const projection = projector.of(bag, parsing.issues);
  const clause = filter(parsing, where, bag['deleted']);
  const batch = wholeNumber(bag, 'batch', 1, parsing.issues);
  const command = findCommand(parsing, clause, bag, projection, verb === 'findOne');
  const run = runOptions(model.name, bag);
  return { command, projection, run: batch === undefined ? run : { ...run, batch } };
}

export function prepareCount(
  { model, projector }: Context,
  kind: 'count' | 'exists',
  where: unknown,
  options: unknown,
): Prepared<CountCommand | ExistsCommand> {
  const bag = checkBag(model.name, KNOWN.count, options);
  const parsing = begin(model);
  const clause = filter(parsing, where, bag['deleted']);
  settle(parsing);
  const command = { kind, entity: model, shape: shapeOf(clause), where: clause, values: parsing.values };
  return { command, projection: projector.whole, run: runOptions(model.name, bag) };
}

export function prepareDistinct(
  { model, projector }: Context,
  path: string,
  where: unknown,
  options: unknown,
): Prepared<DistinctCommand> {
  const bag = checkBag(model.name, KNOWN.count, options);
  const parsing = begin(model);
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
  return { command, projection: projector.whole, run: runOptions(model.name, bag) };
}
