import { type Clause, TRUE } from '../query/clause.js';
import type { GroupCommand } from '../query/command.js';
import { count } from '../query/group-by.js';
import { shapeOf } from '../query/logic.js';
import { parseGroupOrder, parseHaving, parseKeys, parseMeasures } from '../query/parse-group.js';
import { END, type Parsing } from '../query/parsing.js';
import type { FieldModel } from '../schema/model.js';
import { filter, settle } from './build-command.js';
import { KNOWN, runOptions, wholeNumber } from './check-options.js';
import { type Context, type Prepared, start } from './prepare.js';

/** From the input of `groupBy` to its command. @throws ValidationError */
export function prepareGroup(
  context: Context,
  keys: unknown,
  measures: unknown,
  options: unknown,
): Prepared<GroupCommand> {
  const { model } = context;
  const { bag, parsing, projection } = start(context, KNOWN.group, options);
  const { issues } = parsing;
  const by = parseKeys(parsing, keys);
  const told = parseMeasures(parsing, measures, by.columns);
  if (issues.length === 0 && by.parts.length === 0 && told.parts.length === 0)
    issues.push({ path: 'measures', message: 'must hold a measure where there is no key' });
  const { where = {}, having, orderBy } = bag;
  const clause = filter(parsing, where, bag['deleted']);
  // The names of what was refused are unknown: an order by them would be told as a second mistake.
  const whole = issues.length === 0;
  const groups = parseHaving(parsing, whole ? having : undefined, told.columns);
  const order = parseGroupOrder(parsing, whole ? orderBy : undefined, by.columns, told.columns);
  const limit = wholeNumber(bag, 'limit', 0, issues);
  const offset = wholeNumber(bag, 'offset', 0, issues);
  settle(parsing);
  const command = shaped({
    kind: 'group',
    entity: model,
    keys: by.parts,
    measures: told.parts,
    columns: [...by.columns, ...told.columns],
    where: clause,
    having: groups,
    orderBy: order,
    values: parsing.values,
    limit: limit ?? null,
    offset: offset ?? 0,
  });
  return { command, projection, run: runOptions(model.name, bag) };
}

/** How many rows that fit have each value of a field: columns for the value and for the number. */
export function countsCommand(parsing: Parsing, where: Clause, { path }: FieldModel): GroupCommand {
  const by = parseKeys(parsing, [path]);
  const told = parseMeasures(parsing, { [`${path}#`]: count() }, by.columns);
  return shaped({
    kind: 'group',
    entity: parsing.entity,
    keys: by.parts,
    measures: told.parts,
    columns: [...by.columns, ...told.columns],
    where,
    having: TRUE,
    orderBy: parseGroupOrder(parsing, undefined, by.columns, told.columns),
    values: parsing.values,
    limit: null,
    offset: 0,
  });
}

function shaped(command: Omit<GroupCommand, 'shape'>): GroupCommand {
  return { ...command, shape: shapeOfGroup(command) };
}

/** Names of measures are the caller's own, and may hold what ends a name elsewhere: they stand as JSON. */
function shapeOfGroup({ keys, measures, columns, where, having, orderBy }: Omit<GroupCommand, 'shape'>): string {
  let shape = JSON.stringify(columns.map(({ name }) => name));
  for (const key of keys) {
    const how = key.by === 'bucket' ? `${key.unit}@${key.zoneSlot ?? ''}` : key.by;
    shape += `${how}:${key.field.path}${END}`;
  }
  for (const { op, field } of measures) shape += `${op}:${field?.path ?? ''}${END}`;
  const order = orderBy.map(({ field, direction }) => `${direction}${columns.indexOf(field)}`).join();
  return `${shape}|${shapeOf(where)}|${JSON.stringify(shapeOf(having))}|${order}`;
}
