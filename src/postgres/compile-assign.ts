import type { Assignment } from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import { castType, isArray, isNested, jsonPath, literal, pathSql, quote, rootOf, type Table } from './fields.js';
import { type Parameters, slot, type Valued } from './plans.js';
import { encoderOf, itemsEncoder, jsonText } from './values.js';

/** What an assignment needs beside itself. `alias` qualifies columns: inside `on conflict` a bare one is ambiguous. */
interface Setting<C extends Valued> {
  readonly table: Table;
  readonly parameters: Parameters<C>;
  readonly alias: string;
}

/** The `set` list. All paths of one column go into one expression, since a column can be assigned only once. */
export function assignmentsSql<C extends Valued>(
  assignments: readonly Assignment[],
  table: Table,
  parameters: Parameters<C>,
  alias = '',
): string {
  const setting: Setting<C> = { table, parameters, alias };
  const roots = new Map<FieldModel, Assignment[]>();
  for (const each of assignments) {
    const root = rootOf(table.entity, each.field);
    const known = roots.get(root);
    if (known === undefined) roots.set(root, [each]);
    else known.push(each);
  }
  return [...roots]
    .map(
      ([root, own]) =>
        `${quote(table.column(root))} = ${isNested(own[0]!.field) ? objectSql(root, own, setting) : valueSql(own[0]!, setting)}`,
    )
    .join(', ');
}

function add<C extends Valued>(
  { parameters }: Setting<C>,
  assignment: Assignment,
  encode = encoderOf(assignment.field),
  cast = castType(assignment.field),
) {
  return slot(parameters, assignment.slot, encode, cast);
}

/** The new value of a whole column. */
function valueSql<C extends Valued>(assignment: Assignment, setting: Setting<C>): string {
  const { field, op } = assignment;
  const old = pathSql(setting.table, field, 'typed', setting.alias);
  switch (op) {
    case 'set':
      return add(setting, assignment);
    case 'clear':
      return 'null';
    case 'increment':
    case 'minimum':
    case 'maximum':
      return arithmeticSql(assignment, old, setting);
    default:
      return isArray(field)
        ? arraySql(assignment, old, setting)
        : jsonListSql(assignment, `nullif(${old}, 'null')`, setting);
  }
}

function arithmeticSql<C extends Valued>(assignment: Assignment, old: string, setting: Setting<C>): string {
  const value = add(setting, assignment);
  if (assignment.op === 'increment') return `coalesce(${old}, 0) + ${value}`;
  // Both leave null out.
  return `${assignment.op === 'minimum' ? 'least' : 'greatest'}(${old}, ${value})`;
}

function arraySql<C extends Valued>(assignment: Assignment, old: string, setting: Setting<C>): string {
  const items = add(setting, assignment, itemsEncoder(assignment.field));
  switch (assignment.op) {
    case 'push':
      return `coalesce(${old}, '{}') || ${items}`;
    case 'pull':
      return (
        `case when ${old} is not null then (select coalesce(array_agg(i.v order by i.n), '{}') ` +
        `from unnest(${old}) with ordinality as i(v, n) where (i.v = any(${items})) is not true) end`
      );
    default:
      return (
        `coalesce(${old}, '{}') || (select coalesce(array_agg(i.v order by i.n), '{}') ` +
        `from (select u.v, min(u.n) as n from unnest(${items}) with ordinality as u(v, n) ` +
        `where (u.v = any(${old})) is not true group by u.v) as i)`
      );
  }
}

/** `old` is the list as `jsonb`, SQL null when there is none. */
function jsonListSql<C extends Valued>(assignment: Assignment, old: string, setting: Setting<C>): string {
  const items = add(setting, assignment, itemsEncoder(assignment.field), 'jsonb');
  switch (assignment.op) {
    case 'push':
      return `coalesce(${old}, '[]') || ${items}`;
    case 'pull':
      return (
        `case when ${old} is not null then (select coalesce(jsonb_agg(i.v order by i.n), '[]') ` +
        `from jsonb_array_elements(${old}) with ordinality as i(v, n) ` +
        `where not exists (select from jsonb_array_elements(${items}) as g(v) where g.v = i.v)) end`
      );
    default:
      // `@>` would take an object for a member when it is only a part of one.
      return (
        `coalesce(${old}, '[]') || (select coalesce(jsonb_agg(i.v order by i.n), '[]') ` +
        `from (select u.v, min(u.n) as n from jsonb_array_elements(${items}) with ordinality as u(v, n) ` +
        `where not exists (select from jsonb_array_elements(coalesce(${old}, '[]')) as h(v) where h.v = u.v) group by u.v) as i)`
      );
  }
}

/** Changes by key below one object. */
type Tree = Map<string, Tree | Assignment>;

/**
 * The new value of an object of which paths change. Changes that make their parents are merged in with `||`, since `jsonb_set`
 * does nothing below a missing parent; `clear` and `pull`, which make none, are laid around that.
 */
function objectSql<C extends Valued>(
  root: FieldModel,
  assignments: readonly Assignment[],
  setting: Setting<C>,
): string {
  const column = setting.alias + quote(setting.table.column(root));
  const tree: Tree = new Map();
  for (const each of assignments) if (each.op !== 'clear' && each.op !== 'pull') grow(tree, each);
  let sql = tree.size === 0 ? `nullif(${column}, 'null')` : treeSql(tree, column, setting);
  for (const each of assignments) {
    const path = jsonPath(each.field.segments.slice(1));
    if (each.op === 'clear') sql = `(${sql}) #- ${path}`;
    if (each.op === 'pull')
      sql = `jsonb_set_lax(${sql}, ${path}, ${jsonListSql(each, listSql(each.field, setting), setting)}, false, 'return_target')`;
  }
  return sql;
}

function grow(tree: Tree, assignment: Assignment): void {
  const keys = assignment.field.segments.slice(1);
  const last = keys.pop()!;
  let at = tree;
  for (const key of keys) {
    const next = at.get(key);
    const child: Tree = next instanceof Map ? next : new Map();
    at.set(key, child);
    at = child;
  }
  at.set(last, assignment);
}

function treeSql<C extends Valued>(tree: Tree, old: string, setting: Setting<C>): string {
  const pairs = [...tree].map(([key, node]) => {
    const name = literal(key);
    return `${name}, ${node instanceof Map ? treeSql(node, `${old}->${name}`, setting) : jsonValueSql(node, setting)}`;
  });
  // Rows written by others may hold a JSON null, which `||` would make into a list.
  return `coalesce(nullif(${old}, 'null'), '{}') || jsonb_build_object(${pairs.join(', ')})`;
}

/** A list below an object, or SQL null: also for what is no list. */
function listSql<C extends Valued>(field: FieldModel, setting: Setting<C>): string {
  return `nullif(${pathSql(setting.table, field, 'json', setting.alias)}, 'null')`;
}

function jsonValueSql<C extends Valued>(assignment: Assignment, setting: Setting<C>): string {
  const { field, op } = assignment;
  switch (op) {
    case 'set':
      return add(setting, assignment, jsonText(field), 'jsonb');
    case 'increment':
    case 'minimum':
    case 'maximum': {
      const value = arithmeticSql(assignment, pathSql(setting.table, field, 'typed', setting.alias), setting);
      if (field.kind === 'decimal') return `trim_scale(${value})::text`;
      return field.kind === 'bigint' ? `(${value})::text` : value;
    }
    default:
      return jsonListSql(assignment, listSql(field, setting), setting);
  }
}
