import { identifier } from '../schema/identifier.js';
import type { EntityModel, FieldModel } from '../schema/model.js';
import { snakeCase } from '../schema/names.js';
import { columnName, isNested, rootOf, type Table } from './fields.js';

/** A path as a part of a name: its column, then the keys below it. Not by `pathPart`: a difference of schemas gives tables whose columns are called as before. */
function pathName(table: Table, field: FieldModel): string {
  const column = table.column(field);
  if (!isNested(field)) return column;
  const keys = field.segments.slice(1);
  return [column, ...(table.naming === 'snake' ? keys.map(snakeCase) : keys)].join('_');
}

function named(table: Table, fields: readonly FieldModel[], suffix: string): string {
  return identifier([table.entity.table, ...fields.map((field) => pathName(table, field))], suffix);
}

/** `users_pkey` */
export function keyName(table: Table): string {
  return identifier([table.entity.table], 'pkey');
}

/** `users_email_key` */
export function uniqueName(table: Table, fields: readonly FieldModel[]): string {
  return named(table, fields, 'key');
}

/** `users_age_check` */
export function checkName(table: Table, field: FieldModel): string {
  return named(table, [field], 'check');
}

/** `posts_author_id_fkey` */
export function foreignKeyName(table: Table, field: FieldModel): string {
  return named(table, [field], 'fkey');
}

/** `users_role_idx` */
export function indexName(table: Table, fields: readonly FieldModel[], suffix: 'idx' | 'geo_idx'): string {
  return named(table, fields, suffix);
}

/** Of the index on a column that searches read: each such column has one of its own. */
export function searchIndexName(table: Table, column: string): string {
  return identifier([table.entity.table, column.replace(/^~/, '')], 'idx');
}

const known = new WeakMap<Table, ReadonlyMap<string, readonly string[]>>();

/** The fields that a constraint or unique index of the entity is about, by its name on the server. */
export function fieldsOfConstraint(table: Table, name: string): readonly string[] | undefined {
  let names = known.get(table);
  if (names === undefined) {
    names = constraintsOf(table);
    known.set(table, names);
  }
  return names.get(name);
}

function constraintsOf(table: Table): ReadonlyMap<string, readonly string[]> {
  const { entity } = table;
  const names = new Map<string, readonly string[]>();
  const paths = (fields: readonly FieldModel[]): string[] => fields.map((field) => field.path);
  for (const field of allFields(entity)) {
    names.set(checkName(table, field), [field.path]);
    if (field.references !== null) names.set(foreignKeyName(table, field), [field.path]);
  }
  for (const set of entity.unique) names.set(uniqueName(table, set), paths(set));
  names.set(keyName(table), paths(entity.key));
  return names;
}

function allFields(entity: EntityModel): FieldModel[] {
  return [...new Set([...entity.fields, ...entity.paths.values()])];
}

/** The fields of columns that the server names, or undefined when it names one that is no field's. */
export function fieldsOfColumns(table: Table, columns: readonly string[]): readonly string[] | undefined {
  const fields = columns.map((column) =>
    table.entity.fields.find((field) => columnName(field, table.naming) === column),
  );
  return fields.every((field) => field !== undefined)
    ? fields.map((field) => rootOf(table.entity, field).path)
    : undefined;
}
