import type { Issue } from '../errors/data.js';
import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand } from '../query/command.js';
import { shapeOf } from '../query/logic.js';
import { END, fieldAt } from '../query/parsing.js';
import { isScalarKind } from '../schema/kinds.js';
import { begin, filter, findCommand, keyClause, scoped, settle } from './build-command.js';
import { type Bag, checkBag, KNOWN, runOptions, wholeNumber } from './check-options.js';
import { planIncludes, reading } from './include-plan.js';
import type { Context, IncludePlan, Prepared } from './prepare.js';
import type { Projection } from './projection.js';

export function prepareFindById(context: Context, id: unknown, options: unknown): Prepared<FindCommand> {
  const { model } = context;
  const bag = checkBag(model.name, KNOWN.findById, options);
  const parsing = begin(model);
  const { projection, include } = whatIsRead(context, bag, parsing.issues);
  const clause = scoped(parsing, keyClause(parsing, id), bag['deleted']);
  const command = findCommand(parsing, clause, bag, projection, true);
  return { command, projection, include, run: runOptions(model.name, bag) };
}

/** The projection, with the fields that relations go by, and the relations. */
function whatIsRead(
  context: Context,
  bag: Bag,
  issues: Issue[],
): { readonly projection: Projection; readonly include: IncludePlan | null } {
  const projection = context.projector.of(bag, issues);
  const include = planIncludes(context, bag['include'], issues);
  return { projection: include === null ? projection : reading(projection, context.model, include.needs), include };
}

export function prepareFind(
  context: Context,
  verb: 'findOne' | 'find' | 'stream',
  where: unknown,
  options: unknown,
): Prepared<FindCommand> {
  const { model } = context;
  const bag = checkBag(model.name, KNOWN[verb], options);
  const parsing = begin(model);
  const { projection, include } = whatIsRead(context, bag, parsing.issues);
  const clause = filter(parsing, where, bag['deleted']);
  const batch = wholeNumber(bag, 'batch', 1, parsing.issues);
  const command = findCommand(parsing, clause, bag, projection, verb === 'findOne');
  const run = runOptions(model.name, bag);
  return { command, projection, include, run: batch === undefined ? run : { ...run, batch } };
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
