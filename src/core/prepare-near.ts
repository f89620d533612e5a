import type { Issue } from '../errors/data.js';
import type { NearCommand } from '../query/command.js';
import { shapeOf } from '../query/logic.js';
import { totalOrder } from '../query/order.js';
import { addIssue, END, fieldAt, type Parsing } from '../query/parsing.js';
import type { GeoPoint } from '../schema/composites.js';
import type { FieldModel } from '../schema/model.js';
import { parserOf } from '../schema/parse.js';
import { describeValue } from '../util/describe.js';
import type { Position } from '../util/sphere.js';
import { filter, settle } from './build-command.js';
import { type Bag, DEFAULT_LIMIT, KNOWN, runOptions, wholeNumber } from './check-options.js';
import type { Context, Prepared } from './prepare.js';
import { startRead } from './start-read.js';

/** From the input of `near` to its command. @throws ValidationError */
export function prepareNear(context: Context, path: unknown, point: unknown, options: unknown): Prepared<NearCommand> {
  const { model, projector } = context;
  const { bag, parsing, projection, include } = startRead(context, KNOWN.near, options);
  const { issues } = parsing;
  // Plain JavaScript may give anything.
  const field = pointAt(parsing, String(path));
  const origin = field === undefined ? undefined : originOf(field, point, issues);
  if (model.paths.has('distance') || projector.computes('distance'))
    addIssue(parsing, 'distance', `is a field of \`${model.name}\`: rows of \`near\` have the metres under this name`);
  if (include?.relations.some(({ name }) => name === 'distance'))
    addIssue(parsing, 'include.distance', 'must have another name: `near` calls its metres so');
  const { where = {} } = bag;
  const clause = filter(parsing, where, bag['deleted']);
  const minDistance = metres(bag, 'minDistance', issues) ?? 0;
  const maxDistance = metres(bag, 'maxDistance', issues) ?? Number.POSITIVE_INFINITY;
  if (minDistance > maxDistance) addIssue(parsing, 'minDistance', 'must not be greater than `maxDistance`');
  const limit = wholeNumber(bag, 'limit', 0, issues) ?? DEFAULT_LIMIT;
  const offset = wholeNumber(bag, 'offset', 0, issues) ?? 0;
  settle(parsing);
  const command: NearCommand = {
    kind: 'near',
    entity: model,
    shape: `${field!.path}${END}${shapeOf(clause)}|${projection.shape}`,
    where: clause,
    values: parsing.values,
    field: field!,
    origin: origin!,
    minDistance,
    maxDistance,
    orderBy: totalOrder([], model.key),
    select: projection.select,
    limit,
    offset,
  };
  return { command, projection, include, run: runOptions(model.name, bag) };
}

/** The point of a path, if distances to it are allowed and an index serves them on every engine. */
function pointAt(parsing: Parsing, path: string): FieldModel | undefined {
  const { name, indexes } = parsing.entity;
  const field = fieldAt(parsing, path);
  if (field === undefined) return undefined;
  if (field.hidden) {
    addIssue(parsing, path, 'is hidden: distances would tell where it is');
  } else if (field.kind !== 'geoPoint') {
    addIssue(parsing, path, `is a field of kind ${field.kind}, and distances are to a geoPoint()`);
  } else if (
    indexes.some(({ kind, parts, only }) => kind === 'geo' && parts[0]!.field === field && only.length === 0)
  ) {
    return field;
  } else {
    addIssue(parsing, path, `has no index over all rows: add \`index.geo('${path}')\` to the indexes of \`${name}\``);
  }
  return undefined;
}

function originOf(field: FieldModel, point: unknown, issues: Issue[]): Position | undefined {
  if (point === undefined || point === null) {
    issues.push({ path: 'point', message: 'must be given: distances are measured from it' });
    return undefined;
  }
  const before = issues.length;
  const parsed = parserOf(field).operand(point, 'point', issues);
  return issues.length === before ? (parsed as GeoPoint).coordinates : undefined;
}

function metres(options: Bag, name: string, issues: Issue[]): number | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  issues.push({ path: name, message: `must be a finite number of metres from 0, got ${describeValue(value)}` });
  return undefined;
}
