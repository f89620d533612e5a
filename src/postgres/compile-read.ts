import type { CountCommand, DistinctCommand, ExistsCommand, FindCommand, OrderTerm } from '../query/command.js';
import type { FieldModel } from '../schema/model.js';
import { keysetArms } from './compile-keyset.js';
import { whereSql } from './compile-where.js';
import { literal, pathSql, quote, rootOf, type Table } from './fields.js';
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

/** The columns of a result that are fields. */
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

/** The statement of a find: one select, two of them for some pages, or rows numbered within their parents. */
export function compileFind(command: FindCommand, table: Table): Plan<FindCommand> {
  const fields = rootsOf(table, command.select);
  if (command.perParent !== undefined) return compileFirstOfEach(command, table, fields);
  const parameters = new Parameters<FindCommand>();
  const text = twoArms(command, table, parameters, fields) ?? oneSelect(command, table, parameters, fields);
  return parameters.plan(
    text,
    command.exactTimes === true ? exactColumnsOf(fields, command.orderBy) : columnsOf(fields),
  );
}

/** What lies inside `jsonb` is text, which others may have written in any form: only columns of the type hold microseconds. */
function exactColumnsOf(fields: readonly FieldModel[], orderBy: readonly OrderTerm[]): Column[] {
  return fields.map((field) => {
    const exact = field.kind === 'timestamp' && orderBy.some((term) => term.field === field);
    return { name: field.name, field, ...(exact && { exact }) };
  });
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

function oneSelect(
  command: FindCommand,
  table: Table,
  parameters: Parameters<FindCommand>,
  fields: readonly FieldModel[],
): string {
  const where = whereSql(command.where, table, parameters);
  let text = `select ${selectSql(table, fields)} from ${table.sql} where ${where}${endSql(command, table, parameters)}`;
  if (command.offset > 0) text += ` offset ${parameters.add((each) => String(each.offset), 'int8')}`;
  return text + lockSql(command);
}

const ON_LOCKED = { wait: '', skip: ' skip locked', fail: ' nowait' } as const;

function lockSql({ lock }: FindCommand): string {
  return lock === undefined ? '' : ` for ${lock.strength}${ON_LOCKED[lock.onLocked]}`;
}

/**
 * A page whose filter is two ranges of one index: each gives at most a page, and the few rows are sorted again, since the order of
 * the parts of a `union all` is nothing that SQL promises.
 */
function twoArms(
  command: FindCommand,
  table: Table,
  parameters: Parameters<FindCommand>,
  fields: readonly FieldModel[],
): string | null {
  const { where, limit, offset, orderBy } = command;
  if (limit === null || offset > 0) return null;
  const keyset = keysetArms(where);
  if (keyset === null) return null;
  const columns = new Set(
    [
      ...fields,
      ...rootsOf(
        table,
        orderBy.map(({ field }) => field),
      ),
    ].map((each) => quote(table.column(each))),
  );
  const parts = keyset.arms.map((arm) => {
    const rest = keyset.rest.map((each) => whereSql(each, table, parameters));
    const range = [...rest, arm(table, parameters)].join(' and ');
    return `(select ${[...columns].join(', ')} from ${table.sql} where ${range}${endSql(command, table, parameters)})`;
  });
  const page = `(${parts.join(' union all ')}) page`;
  return `select ${selectSql(table, fields)} from ${page}${endSql(command, table, parameters)}`;
}

function endSql(command: FindCommand, table: Table, parameters: Parameters<FindCommand>): string {
  const order = command.orderBy.length === 0 ? '' : ` order by ${orderSql(table, command.orderBy)}`;
  if (command.limit === null) return order;
  return `${order} limit ${command.limit === 1 ? '1' : parameters.add((each) => String(each.limit), 'int8')}`;
}

/** The statement of a count, of an estimate too. */
export function compileCount(command: CountCommand, table: Table): Plan<CountCommand> {
  const parameters = new Parameters<CountCommand>();
  if (command.estimate === true) {
    const text = `select greatest(reltuples, 0)::int8 as "count" from pg_catalog.pg_class where oid = ${literal(table.sql)}::regclass`;
    return parameters.plan(text, [valueColumn('count')]);
  }
  const from = `from ${table.sql} where ${whereSql(command.where, table, parameters)}`;
  if (command.limit === undefined) return parameters.plan(`select count(*) as "count" ${from}`, [valueColumn('count')]);
  const most = parameters.add((each) => String(each.limit), 'int8');
  return parameters.plan(`select count(*) as "count" from (select 1 ${from} limit ${most}) capped`, [
    valueColumn('count'),
  ]);
}

/** The statement that asks whether a row fits. */
export function compileExists(command: ExistsCommand, table: Table): Plan<ExistsCommand> {
  const parameters = new Parameters<ExistsCommand>();
  const where = whereSql(command.where, table, parameters);
  return parameters.plan(`select exists(select 1 from ${table.sql} where ${where}) as "found"`, [valueColumn('found')]);
}

/** A column that is no field's. */
function valueColumn(name: string): Column {
  return { name, field: null };
}

/** The statement of the distinct values of a field. */
export function compileDistinct(command: DistinctCommand, table: Table): Plan<DistinctCommand> {
  const parameters = new Parameters<DistinctCommand>();
  const { field } = command;
  const where = whereSql(command.where, table, parameters);
  const order = field.nullable ? '1 nulls first' : '1';
  const text = `select distinct ${pathSql(table, field)} as "value" from ${table.sql} where ${where} order by ${order}`;
  return parameters.plan(text, [{ name: 'value', field }]);
}
