import { specOf } from '../schema/builder.js';
import { isNumericKind, isScalarKind } from '../schema/kinds.js';
import type { FieldModel, Kind } from '../schema/model.js';
import { attachFieldParser, shareFieldParser } from '../schema/parse.js';
import { CALENDAR_UNITS, type CalendarUnit, zoneName } from '../util/calendar.js';
import { typeName } from '../util/describe.js';
import { unknownName } from '../util/nearest.js';
import { type BucketData, branded, type MeasureData } from './brand.js';
import { type Clause, TRUE } from './clause.js';
import type { GroupKey, GroupMeasure, OrderTerm } from './command.js';
import { totalOrder } from './order.js';
import { parseWhere } from './parse-where.js';
import { addIssue, isOrdered, isPlainObject, type Parsing, slotOf } from './parsing.js';
import { resultField } from './result-field.js';

/** Keys or measures, each with its column of the result. */
export interface Columned<T> {
  readonly parts: readonly T[];
  readonly columns: readonly FieldModel[];
}

/** Checks the keys of a `groupBy`: paths, buckets and lists by their items. */
export function parseKeys(parsing: Parsing, keys: unknown): Columned<GroupKey> {
  if (!Array.isArray(keys)) {
    addIssue(parsing, 'keys', `must be a list of fields, such as \`['role']\`, got ${typeName(keys)}`);
    return { parts: [], columns: [] };
  }
  const parts: GroupKey[] = [];
  const columns = new Map<string, FieldModel>();
  keys.forEach((each, i) => {
    const key = parseKey(parsing, each, `keys[${i}]`);
    if (key === null) return;
    const { path, item, nullable } = key.field;
    if (columns.has(path)) {
      addIssue(parsing, `keys[${i}]`, `must be a field of its own: the result has one column \`${path}\` only`);
      return;
    }
    parts.push(key);
    columns.set(path, key.by === 'item' ? columnOf(item!, path, false) : columnOf(key.field, path, nullable));
  });
  return { parts, columns: [...columns.values()] };
}

function parseKey(parsing: Parsing, key: unknown, at: string): GroupKey | null {
  const data = branded(key);
  if (data?.type === 'bucket') return parseBucket(parsing, data, at);
  if (data?.type === 'each') {
    const field = fieldOf(parsing, data.path, at);
    if (field === null) return null;
    if (field.item !== null && isScalarKind(field.item.kind)) return { by: 'item', field };
    addIssue(parsing, at, `must name a list of scalars: \`${field.path}\` is none`);
    return null;
  }
  const field = fieldOf(parsing, key, at);
  if (field === null) return null;
  if (isScalarKind(field.kind)) return { by: 'value', field };
  const hint = field.kind === 'list' ? `; group by its items: \`each('${field.path}')\`` : '';
  addIssue(parsing, at, `must name a scalar: \`${field.path}\` is a field of kind ${field.kind}${hint}`);
  return null;
}

function parseBucket(parsing: Parsing, { path, unit, timeZone }: BucketData, at: string): GroupKey | null {
  const field = fieldOf(parsing, path, at);
  if (field === null) return null;
  if (field.kind !== 'timestamp') {
    addIssue(parsing, at, `must name a timestamp: \`${field.path}\` is a field of kind ${field.kind}`);
    return null;
  }
  if (!CALENDAR_UNITS.includes(unit as CalendarUnit)) {
    addIssue(parsing, at, `must have one of ${CALENDAR_UNITS.map((each) => `'${each}'`).join(', ')} as its unit`);
    return null;
  }
  if (timeZone === undefined) return { by: 'bucket', field, unit: unit as CalendarUnit, zoneSlot: null };
  const zone = zoneName(timeZone);
  if (unit === 'hour') addIssue(parsing, at, 'must have no `timeZone`: hours are of UTC alone');
  else if (zone === null) addIssue(parsing, at, "must have a name such as 'Europe/Berlin' as its `timeZone`");
  return { by: 'bucket', field, unit: unit as CalendarUnit, zoneSlot: slotOf(parsing, zone) };
}

/** Checks the measures of a `groupBy`; `taken` are the names of the keys. */
export function parseMeasures(
  parsing: Parsing,
  measures: unknown,
  taken: readonly FieldModel[],
): Columned<GroupMeasure> {
  if (!isPlainObject(measures)) {
    addIssue(parsing, 'measures', `must be an object, such as \`{ n: count() }\`, got ${typeName(measures)}`);
    return { parts: [], columns: [] };
  }
  const parts: GroupMeasure[] = [];
  const columns: FieldModel[] = [];
  for (const name of Object.keys(measures)) {
    const at = `measures.${name}`;
    const data = branded(measures[name]);
    if (data?.type !== 'measure') {
      addIssue(parsing, at, `must be a measure, such as \`count()\` or \`sum('amount')\``);
      continue;
    }
    if (name === '__proto__') addIssue(parsing, at, 'must have another name: a row cannot hold this one');
    if (taken.some((key) => key.path === name)) addIssue(parsing, at, 'must have a name that no key has');
    const measure = parseMeasure(parsing, data, at);
    if (measure === null) continue;
    parts.push(measure);
    columns.push(measureColumn(measure, name));
  }
  return { parts, columns };
}

function parseMeasure(parsing: Parsing, { op, path }: MeasureData, at: string): GroupMeasure | null {
  if (op === 'count') return { op, field: null };
  const field = fieldOf(parsing, path, at);
  if (field === null) return null;
  const { kind } = field;
  const fits =
    op === 'countDistinct' ? isScalarKind(kind) : op === 'sum' || op === 'avg' ? isNumericKind(kind) : isOrdered(kind);
  if (fits) return { op, field };
  addIssue(parsing, at, `must measure another field: \`${field.path}\` is of kind ${kind}, which has no \`${op}\``);
  return null;
}

function fieldOf(parsing: Parsing, path: unknown, at: string): FieldModel | null {
  const { name, paths } = parsing.entity;
  if (typeof path !== 'string') {
    addIssue(parsing, at, `must name a field of \`${name}\`, got ${typeName(path)}`);
    return null;
  }
  const field = paths.get(path);
  if (field === undefined) {
    addIssue(parsing, at, unknownName(path, paths.keys(), `must name a field: \`${path}\` is none of \`${name}\``));
    return null;
  }
  if (!field.hidden) return field;
  addIssue(parsing, at, `must name another field: \`${path}\` is hidden`);
  return null;
}

function columnOf(field: FieldModel, name: string, nullable: boolean): FieldModel {
  const column = resultField(field.kind, name, { nullable, values: field.values });
  shareFieldParser(field, column);
  return column;
}

/** The column of a measure: the kind of its values, and how an operand of `having` is read. */
function measureColumn({ op, field }: GroupMeasure, name: string): FieldModel {
  switch (op) {
    case 'min':
    case 'max':
      return columnOf(field, name, true);
    case 'sum':
      return numberColumn(field.kind, name, false);
    case 'avg':
      return numberColumn('real', name, true);
    default:
      return numberColumn('integer', name, false);
  }
}

/** Without the rules of the field that is summed: a sum may be longer than its parts. */
function numberColumn(kind: Kind, name: string, nullable: boolean): FieldModel {
  const column = resultField(kind, name, { nullable });
  attachFieldParser(column, specOf(kind));
  return column;
}

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'anyOf', 'noneOf', 'gt', 'gte', 'lt', 'lte', 'between']);

/** Checks `having`, a filter over the measures. */
export function parseHaving(parsing: Parsing, having: unknown, measures: readonly FieldModel[]): Clause {
  if (having === undefined) return TRUE;
  if (!isPlainObject(having)) {
    addIssue(parsing, 'having', `must be a filter of the measures, such as \`{ n: gt(5) }\`, got ${typeName(having)}`);
    return TRUE;
  }
  const columns = new Map(measures.map((each) => [each.path, each]));
  const known: Record<string, unknown> = {};
  for (const name of Object.keys(having)) {
    const data = branded(having[name]);
    if (!columns.has(name)) addIssue(parsing, `having.${name}`, unknownName(name, columns.keys(), 'is no measure'));
    else if (data?.type === 'condition' && !COMPARISONS.has(data.op))
      addIssue(parsing, `having.${name}`, `must be a value or a comparison, such as \`gt(5)\``);
    else known[name] = having[name];
  }
  const inner: Parsing = { entity: { ...parsing.entity, paths: columns }, values: parsing.values, issues: [] };
  const clause = parseWhere(inner, known);
  for (const { path, message } of inner.issues) addIssue(parsing, `having.${path}`, message);
  return clause;
}

/** Checks `orderBy`, over keys and measures, and makes it total by the keys. */
export function parseGroupOrder(
  parsing: Parsing,
  orderBy: unknown,
  keys: readonly FieldModel[],
  measures: readonly FieldModel[],
): readonly OrderTerm[] {
  if (orderBy === undefined) return totalOrder([], keys);
  if (!isPlainObject(orderBy)) {
    addIssue(parsing, 'orderBy', `must be an order, such as \`{ n: 'desc' }\`, got ${typeName(orderBy)}`);
    return [];
  }
  const columns = new Map([...keys, ...measures].map((each) => [each.path, each]));
  const terms: OrderTerm[] = [];
  for (const name of Object.keys(orderBy)) {
    const field = columns.get(name);
    const direction = orderBy[name];
    if (field === undefined)
      addIssue(parsing, `orderBy.${name}`, unknownName(name, columns.keys(), 'is neither a key nor a measure'));
    else if (direction !== 'asc' && direction !== 'desc')
      addIssue(parsing, `orderBy.${name}`, "must be ordered 'asc' or 'desc'");
    else terms.push({ field, direction });
  }
  return totalOrder(terms, keys);
}
