import type {
  CountByCommand,
  CountCommand,
  DistinctCommand,
  ExistsCommand,
  FindCommand,
  OrderTerm,
} from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import { whereSql } from './compile-where.js';
import { pathSql, quote, rootOf, type Table } from './fields.js';
import { type Column, Parameters, type Plan } from './plans.js';

/** `"created_at" as "createdAt"`: rows come under the names of the fields. */
export function selectSql(table: Table, fields: readonly FieldModel[], alias = ''): string {
  return fields
    .map((field) => {
      const column = table.column(field);
      return column === field.name ? alias + quote(column) : `${alias}${quote(column)} as ${quote(field.name)}`;
    })
    .join(', ');
}

export function columnsOf(fields: readonly FieldModel[]): Column[] {
  return fields.map((field) => ({ name: field.name, field }));
}

/** The top-level fields of a selection, once each. */
export function rootsOf(table: Table, select: readonly FieldModel[]): FieldModel[] {
  return [...new Set(select.map((field) => rootOf(table.entity, field)))];
}

/**
 * Nulls first ascending, last descending. The words are left out where a field is never null: on a `not null` column
 * they alone turn an index scan into a sort of the whole table.
 */
export function orderSql(table: Table, terms: readonly OrderTerm[]): string {
  return terms
    .map(({ field, direction }) => {
      const path = pathSql(table, field);
      if (direction === 'asc') return field.nullable ? `${path} nulls first` : path;
      return field.nullable ? `${path} desc nulls last` : `${path} desc`;
    })
    .join(', ');
}

/** Which of `limit` and `offset` a find brings: part of the key of its plan. */
export function pageShape(command: FindCommand): string {
  const limit = command.limit === null ? '' : command.limit === 1 ? '1' : 'n';
  return command.offset === 0 ? limit : `${limit}+`;
}

export function compileFind(command: FindCommand, table: Table): Plan<FindCommand> {
  const fields = rootsOf(table, command.select);
  if (command.perParent !== undefined) return compileFirstOfEach(command, table, fields);
  const parameters = new Parameters<FindCommand>();
  let text = `select ${selectSql(table, fields)} from ${table.sql} where ${whereSql(command.where, table, parameters)}`;
  if (command.orderBy.length > 0) text += ` order by ${orderSql(table, command.orderBy)}`;
  if (command.limit === 1) text += ' limit 1';
  else if (command.limit !== null) text += ` limit ${parameters.add((each) => String(each.limit), 'int8')}`;
  if (command.offset > 0) text += ` offset ${parameters.add((each) => String(each.offset), 'int8')}`;
  return parameters.plan(text, columnsOf(fields));
}

/**
 * The rows numbered within their parent: one pass, whatever the number of parents. A lateral join would read less where an index
 * over parent and order exists, and the whole table once per parent where none does.
 */
function compileFirstOfEach(command: FindCommand, table: Table, fields: readonly FieldModel[]): Plan<FindCommand> {
  const parameters = new Parameters<FindCommand>();
  const where = whereSql(command.where, table, parameters);
  const order = orderSql(table, command.orderBy);
  const parent = pathSql(table, command.perParent!.field);
  const place = `row_number() over (partition by ${parent} order by ${order}) as "~place"`;
  const limit = parameters.add((each) => String(each.perParent!.limit), 'int8');
  const numbered = `select *, ${place} from ${table.sql} where ${where}`;
  const text = `select ${selectSql(table, fields)} from (${numbered}) as "numbered" where "~place" <= ${limit} order by ${order}`;
  return parameters.plan(text, columnsOf(fields));
}

export function compileCountBy(command: CountByCommand, table: Table): Plan<CountByCommand> {
  const parameters = new Parameters<CountByCommand>();
  const where = whereSql(command.where, table, parameters);
  const path = pathSql(table, command.field);
  const text = `select ${path} as "value", count(*) as "count" from ${table.sql} where ${where} group by 1`;
  return parameters.plan(text, [{ name: 'value', field: command.field }, VALUE('count')]);
}

export function compileCount(command: CountCommand, table: Table): Plan<CountCommand> {
  const parameters = new Parameters<CountCommand>();
  const where = whereSql(command.where, table, parameters);
  return parameters.plan(`select count(*) as "count" from ${table.sql} where ${where}`, [VALUE('count')]);
}

export function compileExists(command: ExistsCommand, table: Table): Plan<ExistsCommand> {
  const parameters = new Parameters<ExistsCommand>();
  const where = whereSql(command.where, table, parameters);
  return parameters.plan(`select exists(select 1 from ${table.sql} where ${where}) as "found"`, [VALUE('found')]);
}

const VALUE = (name: string): Column => ({ name, field: null });

export function compileDistinct(command: DistinctCommand, table: Table): Plan<DistinctCommand> {
  const parameters = new Parameters<DistinctCommand>();
  const { field } = command;
  const where = whereSql(command.where, table, parameters);
  const order = field.nullable ? '1 nulls first' : '1';
  const text = `select distinct ${pathSql(table, field)} as "value" from ${table.sql} where ${where} order by ${order}`;
  return parameters.plan(text, [{ name: 'value', field }]);
}
