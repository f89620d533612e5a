import type { GroupCommand, GroupKey, GroupMeasure } from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import { orderSql } from './compile-read.js';
import { whereSql } from './compile-where.js';
import { castType, isArray, isTextInJson, literal, pathSql, type Table } from './fields.js';
import { Parameters, type Plan, slot } from './plans.js';

/** The rows that are grouped; their columns are qualified by it, because a list brings a column of its own. */
const ROWS = 't.';

/** Which of `limit` and `offset` a group command brings: part of the key of its plan. */
export function groupPage({ limit, offset }: GroupCommand): string {
  return `${limit === null ? '' : 'n'}${offset === 0 ? '' : '+'}`;
}

/**
 * The groups are a query of their own, so that `having` and the order compile as they do over a table, whose columns are `c0`, `c1`...:
 * a name of the caller's could be too long for the server.
 */
export function compileGroup(command: GroupCommand, table: Table): Plan<GroupCommand> {
  const { keys, measures, columns } = command;
  const parameters = new Parameters<GroupCommand>();
  const lists: string[] = [];
  const expressions = [
    ...keys.map((key) => keySql(key, table, parameters, lists)),
    ...measures.map((measure, i) => measureSql(measure, columns[keys.length + i]!, table)),
  ].map((expression, i) => `${expression} as c${i}`);
  const where = whereSql(command.where, table, parameters, ROWS);
  const by = keys.length === 0 ? '' : ` group by ${keys.map((_, i) => i + 1).join(', ')}`;
  const groups = `select ${expressions.join(', ')} from ${table.sql} as t${lists.join('')} where ${where}${by}`;
  const places = new Map(columns.map((column, i) => [column, `c${i}`]));
  const result: Table = { ...table, sql: 'g', column: (field) => places.get(field)! };
  let text = `select * from (${groups}) as g where ${whereSql(command.having, result, parameters)}`;
  if (command.orderBy.length > 0) text += ` order by ${orderSql(result, command.orderBy)}`;
  if (command.limit !== null) text += ` limit ${parameters.add((each) => String(each.limit), 'int8')}`;
  if (command.offset > 0) text += ` offset ${parameters.add((each) => String(each.offset), 'int8')}`;
  return parameters.plan(
    text,
    columns.map((field) => ({ name: field.name, field })),
  );
}

function keySql(key: GroupKey, table: Table, parameters: Parameters<GroupCommand>, lists: string[]): string {
  switch (key.by) {
    case 'value':
      return pathSql(table, key.field, 'typed', ROWS);
    case 'item': {
      const name = `i${lists.length}`;
      lists.push(` cross join lateral ${itemsSql(key.field, table)} as ${name}(v)`);
      return itemSql(key.field, table, `${name}.v`);
    }
    case 'bucket': {
      const zone = key.zoneSlot === null ? "'UTC'" : slot(parameters, key.zoneSlot, (each) => each as string, 'text');
      const path = pathSql(table, key.field, 'text', ROWS);
      // Without a zone the server would take that of the session.
      return `date_trunc(${literal(key.unit)}, (${path})::timestamptz, ${zone})`;
    }
  }
}

function itemsSql(list: FieldModel, table: Table): string {
  if (isArray(list)) return `unnest(${pathSql(table, list, 'typed', ROWS)})`;
  // A JSON null, which others may have stored, has no elements and would be an error.
  return `jsonb_array_elements_text(nullif(${pathSql(table, list, 'json', ROWS)}, 'null'))`;
}

function itemSql(list: FieldModel, table: Table, value: string): string {
  const item = list.item!;
  if (isArray(list)) return item.kind === 'text' && table.entity.collation === 'C' ? `(${value} collate "C")` : value;
  return isTextInJson(item.kind) ? `(${value} collate "C")` : `${value}::${castType(item)}`;
}

function measureSql(measure: GroupMeasure, column: FieldModel, table: Table): string {
  if (measure.op === 'count') return 'count(*)';
  const { op, field } = measure;
  const path = pathSql(table, field, 'typed', ROWS);
  switch (op) {
    case 'sum':
      return `coalesce(sum(${path}), 0)`;
    case 'avg':
      // `avg` of the server rounds the quotient of integers and decimals in a way of its own.
      return `(sum(${path})::float8 / nullif(count(${path}), 0))`;
    case 'countDistinct':
      return `count(distinct ${path})`;
    default:
      // Servers before 18 have no least and no greatest of these; their text sorts as they do.
      if (field.kind === 'uuid') return `${op}(${path}::text collate "C")::uuid`;
      // Inside `jsonb` it is a text, and `having` compares the column as what it is.
      return castType(column) === castType(field) ? `${op}(${path})` : `${op}(${path})::${castType(column)}`;
  }
}
