import type { Issue } from '../errors/data.js';
import type { FindCommand, GroupCommand } from '../query/command.js';
import { allOf, shapeOf } from '../query/logic.js';
import { parseOrderBy, shapeOfOrder, totalOrder } from '../query/order.js';
import { END, isPlainObject, type Parsing, slotOf } from '../query/parsing.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { unknownName } from '../util/nearest.js';
import { filter } from './build-command.js';
import { type Bag, wholeNumber } from './check-options.js';
import { type Between, begin, type Context, type IncludePlan, type Peer, type PlannedRelation } from './prepare.js';
import { countsCommand } from './prepare-group.js';
import { widened } from './projection.js';
import { type RelationData, relationData } from './relation.js';
import { type Way, wayBetween } from './relation-way.js';

/** Deepest nesting of `include`. */
const MAX_DEPTH = 10;

/** Checks `include` and everything in it; adds an issue for all that is wrong. Null when nothing is included. */
export function planIncludes(context: Context, include: unknown, issues: Issue[], depth = 1): IncludePlan | null {
  if (include === undefined) return null;
  if (!isPlainObject(include)) {
    issues.push({ path: 'include', message: 'must be an object of relations, such as `{ author: belongsTo(...) }`' });
    return null;
  }
  const names = Object.keys(include);
  if (names.length === 0) return null;
  if (depth > MAX_DEPTH) {
    issues.push({ path: 'include', message: `must not be nested more than ${MAX_DEPTH} deep` });
    return null;
  }
  const relations: PlannedRelation[] = [];
  for (const name of names) {
    const own: Issue[] = [];
    const relation = planRelation(context, name, include[name], own, depth);
    for (const { path, message } of own)
      issues.push({ path: path === '' ? `include.${name}` : `include.${name}.${path}`, message });
    if (relation !== null) relations.push(relation);
  }
  return { relations, needs: [...new Set(relations.map((each) => each.from))] };
}

const ONE = ['where', 'select', 'reveal', 'include', 'deleted'];
const FIRST = [...ONE, 'orderBy'];
const LIST = new Set([...FIRST, 'limit', 'count']);
const KNOWN: Readonly<Record<RelationData['kind'], ReadonlySet<string>>> = {
  belongsTo: new Set(ONE),
  hasOne: new Set(FIRST),
  hasMany: LIST,
  manyToMany: LIST,
  belongsToMany: LIST,
};
/** What says something of rows, where only their number is wanted. */
const OF_ROWS = ['select', 'reveal', 'include', 'orderBy', 'limit'];

function planRelation(
  context: Context,
  name: string,
  value: unknown,
  issues: Issue[],
  depth: number,
): PlannedRelation | null {
  const { model, projector } = context;
  if (model.fields.some((field) => field.name === name) || projector.computes(name) || name === '__proto__') {
    issues.push({ path: '', message: `must not take the name of a field of \`${model.name}\`` });
    return null;
  }
  const data = relationData(value);
  if (data === undefined) {
    issues.push({
      path: '',
      message: 'must be a relation, made by `belongsTo`, `hasOne`, `hasMany`, `manyToMany` or `belongsToMany`',
    });
    return null;
  }
  const peer = peerOf(data.repository);
  const through = data.kind === 'manyToMany' ? peerOf(data.through) : null;
  if (peer === null || (through === null && data.kind === 'manyToMany')) {
    issues.push({ path: '', message: 'must be given a repository' });
    return null;
  }
  const options = optionsOf(data, issues);
  if (options === null) return null;
  const parsing = begin(peer.context.model);
  const way = wayBetween(model, peer.context.model, through?.context.model ?? null, data, parsing.issues);
  const planned = way === null ? null : build(name, data, peer, through, way, options, parsing, depth);
  issues.push(...parsing.issues);
  return parsing.issues.length === 0 ? planned : null;
}

function peerOf(repository: unknown): Peer | null {
  const peer = (repository as { readonly '~calls'?: Peer } | null | undefined)?.['~calls'];
  return typeof peer?.run === 'function' && typeof peer.context === 'object' ? peer : null;
}

function optionsOf(data: RelationData, issues: Issue[]): Bag | null {
  const { options = {}, kind } = data;
  if (!isPlainObject(options)) {
    issues.push({ path: '', message: 'options must be a plain object' });
    return null;
  }
  const known = KNOWN[kind];
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  for (const name of given) {
    if (!known.has(name)) issues.push({ path: name, message: unknownName(name, known, `is no option of \`${kind}\``) });
    else if (options['count'] === true && OF_ROWS.includes(name))
      issues.push({ path: name, message: 'must not be given with `count: true`: no rows are read' });
  }
  const { count } = options;
  if (known.has('count') && count !== undefined && typeof count !== 'boolean')
    issues.push({ path: 'count', message: 'must be true or false' });
  return options;
}

function build(
  name: string,
  data: RelationData,
  peer: Peer,
  through: Peer | null,
  way: Way,
  options: Bag,
  parsing: Parsing,
  depth: number,
): PlannedRelation {
  const { kind } = data;
  const { issues } = parsing;
  const { model, projector } = peer.context;
  const count = options['count'] === true;
  const keys = { op: 'anyOf', field: way.to, slot: slotOf(parsing, []) } as const;
  const before = issues.length;
  const own = filter(parsing, options['where'] === undefined ? {} : options['where'], options['deleted']);
  for (let i = before; i < issues.length; i++) {
    const { path, message } = issues[i]!;
    if (path !== 'deleted') issues[i] = { path: path === '' ? 'where' : `where.${path}`, message };
  }
  const where = allOf([keys, own]);
  const nested = planIncludes(peer.context, options['include'], issues, depth + 1);
  const projection = count ? projector.none : projector.of(options, issues);
  const read = widened(projection, model, [way.to, ...(nested?.needs ?? [])]);
  const terms = parseOrderBy(parsing, options['orderBy']);
  const limit = kind === 'hasOne' ? 1 : (wholeNumber(options, 'limit', 0, issues) ?? null);
  const ordered = terms.length > 0 || kind !== 'belongsToMany';
  const orderBy = count || kind === 'belongsTo' || !ordered ? [] : totalOrder(terms, model.key);
  const shape = shapeOf(where);
  const { values } = parsing;
  const ofParent = kind === 'hasOne' || kind === 'hasMany';
  const alone = ofParent && limit !== null && !isOneToOne(model, way.to, options);
  const find: FindCommand = {
    kind: 'find',
    entity: model,
    shape: `${shape}|${shapeOfOrder(orderBy)}|${read.shape}${alone ? `|per:${way.to.path}` : ''}`,
    where,
    values,
    select: read.select,
    orderBy,
    limit: null,
    offset: 0,
    ...(alone ? { perParent: { field: way.to, limit } } : {}),
  };
  const command: FindCommand | GroupCommand =
    count && kind === 'hasMany' ? countsCommand(parsing, where, way.to) : find;
  return {
    name,
    kind,
    from: way.from,
    convert: way.last,
    between: through === null ? null : between(through, way),
    lookUp: { peer, command, field: way.to } as PlannedRelation['lookUp'],
    projection: read,
    nested,
    ordered,
    limit,
    count,
  };
}

/** Whether at most one row has each value: then there is nothing to number. */
function isOneToOne(model: EntityModel, field: FieldModel, options: Bag): boolean {
  const sets = options['deleted'] === undefined ? [model.key, ...model.unique] : [model.key];
  return sets.some((set) => set.length === 1 && set[0] === field);
}

/** The rows between that are not deleted and name a row on both sides. */
function between(peer: Peer, way: Way): Between {
  const { model } = peer.context;
  const ours = way.ours!;
  const theirs = way.theirs!;
  const parsing = begin(model);
  const keys = { op: 'anyOf', field: ours, slot: slotOf(parsing, []) } as const;
  const where = allOf([keys, filter(parsing, {})]);
  const select = model.fields.filter((field) => field === ours || field === theirs);
  const command: FindCommand = {
    kind: 'find',
    entity: model,
    shape: `${shapeOf(where)}||${select.map((field) => field.name + END).join('')}`,
    where,
    values: parsing.values,
    select,
    orderBy: [],
    limit: null,
    offset: 0,
  };
  return { lookUp: { peer, command, field: ours }, convert: way.first!, theirs };
}
