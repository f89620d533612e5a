import type { Clause } from '../query/clause.js';
import type { DeleteCommand, InsertCommand, OrderTerm, UpdateCommand, UpsertCommand } from '../query/command.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import { assignmentsSql } from './compile-assign.js';
import { columnsOf, orderSql, rootsOf, selectSql } from './compile-read.js';
import { whereSql } from './compile-where.js';
import { castType, isArray, isNested, literal, pathSql, quote, rootOf, type Table } from './fields.js';
import { Parameters, type Plan, type Valued } from './plans.js';
import { arrayEncoderOf, encoderOf } from './values.js';

/** The fields that a row brings: all of them, but for the serial ones that the database makes. */
export function fieldsOf(entity: EntityModel, row: StoredRow): FieldModel[] {
  return entity.fields.filter((field) => !field.serial || Object.hasOwn(row, field.name));
}

/** The columns of fields, quoted. */
export function columnList(table: Table, fields: readonly FieldModel[]): string {
  return fields.map((field) => quote(table.column(field))).join(', ');
}

/** One row by `values`, more by `unnest`: one parameter per column, whatever the number of rows. */
export function compileInsert(command: InsertCommand, table: Table): Plan<InsertCommand> {
  const fields = fieldsOf(table.entity, command.rows[0]!);
  const parameters = new Parameters<InsertCommand>();
  const columns = fields.length === 0 ? table.entity.fields.slice(0, 1) : fields;
  const source =
    fields.length === 0
      ? onlySerial(table, columns[0]!, parameters)
      : command.rows.length === 1
        ? oneRow(fields, parameters)
        : manyRows(fields, parameters);
  const returned = rootsOf(table, command.select);
  const returning = returned.length === 0 ? '' : ` returning ${selectSql(table, returned)}`;
  return parameters.plan(
    `insert into ${table.sql} (${columnList(table, columns)}) ${source}${returning}`,
    columnsOf(returned),
  );
}

/** Rows of nothing but what the database makes: `default values` makes one row only. */
function onlySerial(table: Table, field: FieldModel, parameters: Parameters<InsertCommand>): string {
  const sequence = `pg_get_serial_sequence(${literal(table.sql)}, ${literal(table.column(field))})`;
  const count = parameters.add((command) => String(command.rows.length), 'int8');
  return `select nextval(${sequence}) from generate_series(1, ${count})`;
}

function oneRow(fields: readonly FieldModel[], parameters: Parameters<InsertCommand>): string {
  const values = fields.map((field) => {
    const encode = encoderOf(field);
    return parameters.add((command) => encode(command.rows[0]![field.name]), castType(field));
  });
  return `values (${values.join(', ')})`;
}

/** The rows of a command as a select over one array for each column. */
export function manyRows<C extends { readonly rows: readonly StoredRow[] }>(
  fields: readonly FieldModel[],
  parameters: Parameters<C>,
): string {
  const arrays = fields.map((field) => columnParameter(field, parameters, (command) => command.rows));
  const names = fields.map((_, i) => `c${i}`);
  const selected = fields.map((field, i) => `u.c${i}${travelsAsText(field) ? `::${castType(field)}` : ''}`);
  return `select ${selected.join(', ')} from unnest(${arrays.join(', ')}) as u(${names.join(', ')})`;
}

/** Lists travel as their own literals inside a `text[]`, since an array of arrays must be rectangular. */
function travelsAsText(field: FieldModel): boolean {
  return isArray(field) || castType(field) === 'jsonb';
}

/** The values of one field in many rows, as one array. */
export function columnParameter<C>(
  field: FieldModel,
  parameters: Parameters<C>,
  rows: (command: C) => readonly StoredRow[],
): string {
  const encode = arrayEncoderOf(field);
  const { name } = field;
  return parameters.add(
    (command) => encode(rows(command).map((row) => row[name])),
    travelsAsText(field) ? 'text[]' : `${castType(field)}[]`,
  );
}

/** Whether the filter fixes the whole key, so that at most one row fits. */
function pinsKey(clause: Clause, entity: EntityModel): boolean {
  const leaves = clause.op === 'and' ? clause.clauses : [clause];
  return (
    entity.key.length > 0 && entity.key.every((key) => leaves.some((leaf) => leaf.op === 'eq' && leaf.field === key))
  );
}

interface Targeted {
  readonly where: Clause;
  readonly values: readonly unknown[];
}

/**
 * The row to change. Without the key in the filter it is picked and locked inside the statement: a row that another transaction
 * changed meanwhile is tested again under its lock, and the next one is taken when it fits no more.
 */
function targetSql<C extends Targeted>(
  command: C,
  orderBy: readonly OrderTerm[],
  table: Table,
  parameters: Parameters<C>,
  lock: string,
): string {
  const where = whereSql(command.where, table, parameters);
  const { key } = table.entity;
  if (pinsKey(command.where, table.entity)) return where;
  const keys = columnList(table, key);
  const order = orderBy.length === 0 ? '' : ` order by ${orderSql(table, orderBy)}`;
  return `${key.length === 1 ? keys : `(${keys})`} = (select ${keys} from ${table.sql} where ${where}${order} limit 1 for ${lock})`;
}

/** The statement of an update of one row or of all that fit. */
export function compileUpdate(command: UpdateCommand, table: Table): Plan<UpdateCommand> {
  const parameters = new Parameters<UpdateCommand>();
  const set = assignmentsSql(command.assignments, table, parameters);
  if (command.many)
    return parameters.plan(`update ${table.sql} set ${set} where ${whereSql(command.where, table, parameters)}`, []);
  const target = targetSql(command, command.orderBy, table, parameters, 'no key update');
  const returned = rootsOf(table, command.select);
  return parameters.plan(
    `update ${table.sql} set ${set} where ${target} returning ${selectSql(table, returned)}`,
    columnsOf(returned),
  );
}

/** The statement of a deletion of one row or of all that fit. */
export function compileDelete(command: DeleteCommand, table: Table): Plan<DeleteCommand> {
  const parameters = new Parameters<DeleteCommand>();
  if (command.many)
    return parameters.plan(`delete from ${table.sql} where ${whereSql(command.where, table, parameters)}`, []);
  const target = targetSql(command, [], table, parameters, 'update');
  const returned = rootsOf(table, command.select);
  return parameters.plan(
    `delete from ${table.sql} where ${target} returning ${selectSql(table, returned)}`,
    columnsOf(returned),
  );
}

/** Name of the column that says whether an upsert inserted; no field can have it. */
export const INSERTED = '~inserted';

/** Gives no row when the one in the way does not fit the guard, or is soft-deleted and `on` is the key, which deleted rows keep. */
export function compileUpsert(command: UpsertCommand, table: Table): Plan<UpsertCommand> {
  const { entity } = table;
  const fields = fieldsOf(entity, command.row);
  const parameters = new Parameters<UpsertCommand>();
  const values = fields.map((field) => {
    const encode = encoderOf(field);
    return parameters.add((each) => encode(each.row[field.name]), castType(field));
  });
  const set = assignmentsSql(command.assignments, table, parameters, 'self.');
  const returned = rootsOf(table, command.select);
  const text =
    `insert into ${table.sql} as self (${columnList(table, fields)}) values (${values.join(', ')}) ` +
    `${conflictSql(command.on, table, set, guardSql(command, table, parameters))} ` +
    // A row that this statement made has no deleting or locking transaction.
    `returning ${selectSql(table, returned, 'self.')}, (self.xmax = 0) as ${quote(INSERTED)}`;
  return parameters.plan(text, [...columnsOf(returned), { name: INSERTED, field: null }]);
}

/** What the row that is there must fit. */
export function guardSql<C extends Valued>(
  { guard }: { readonly guard?: Clause | undefined },
  table: Table,
  parameters: Parameters<C>,
): string | null {
  return guard === undefined ? null : whereSql(guard, table, parameters, 'self.');
}

/** What becomes of a row that has the values of `on` already; a deleted one has no part in it. */
export function conflictSql(
  on: readonly FieldModel[],
  table: Table,
  set: string,
  guarded: string | null = null,
): string {
  const { entity } = table;
  const first = quote(table.column(rootOf(entity, on[0]!)));
  const alive = entity.deletedAt === null ? null : quote(table.column(entity.deletedAt));
  const byKey = on.every((field) => field.key) && on.length === entity.key.length;
  const predicate = alive === null || byKey ? '' : ` where ${alive} is null`;
  const guards = [alive !== null && byKey ? `self.${alive} is null` : null, guarded].filter((each) => each !== null);
  const guard = guards.length === 0 ? '' : ` where ${guards.join(' and ')}`;
  const target = on.map((field) => (isNested(field) ? `(${pathSql(table, field)})` : pathSql(table, field))).join(', ');
  // Writing a value over itself locks and returns the row, which `do nothing` would not.
  return `on conflict (${target})${predicate} do update set ${set === '' ? `${first} = self.${first}` : set}${guard}`;
}
