import type { EntityModel, FieldModel, Kind, Naming } from '../schema/model.js';
import { snakeCase } from '../schema/names.js';

/** Where an entity lives on the server: its quoted table, and the column of each top-level field. */
export interface Table {
  readonly entity: EntityModel;
  readonly naming: Naming;
  /** Quoted, with its schema: `"blog"."posts"`. */
  readonly sql: string;
  /** The column, unquoted, of the top-level field that a path begins with. */
  column(field: FieldModel): string;
}

/** A name of the server, quoted. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // With standard_conforming_strings off a backslash would escape: the E form means the same under both settings.
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

const tables: Record<Naming, WeakMap<EntityModel, Table>> = { snake: new WeakMap(), 'as-written': new WeakMap() };

/** The table of an entity; the entity's own naming goes before that of the database. */
export function tableOf(entity: EntityModel, databaseNaming: Naming): Table {
  const naming = entity.naming ?? databaseNaming;
  const known = tables[naming].get(entity);
  if (known !== undefined) return known;
  const columns = new Map(entity.fields.map((field) => [field.name, columnName(field, naming)]));
  const table: Table = {
    entity,
    naming,
    sql: entity.schema === null ? quote(entity.table) : `${quote(entity.schema)}.${quote(entity.table)}`,
    column: (field) => columns.get(field.segments[0]!)!,
  };
  tables[naming].set(entity, table);
  return table;
}

/** The column of a top-level field. */
export function columnName(field: FieldModel, naming: Naming): string {
  return field.column ?? (naming === 'snake' ? snakeCase(field.name) : field.name);
}

/** The top-level field that a path begins with. */
export function rootOf(entity: EntityModel, field: FieldModel): FieldModel {
  return field.segments.length === 1 ? field : entity.fields.find((each) => each.name === field.segments[0])!;
}

/** Whether the field lies inside an object, and so inside `jsonb`. */
export function isNested(field: FieldModel): boolean {
  return field.segments.length > 1;
}

/** A list that PostgreSQL keeps as an array of its own: top-level, of scalars. Every other list is `jsonb`. */
export function isArray(field: FieldModel): boolean {
  return (
    field.kind === 'list' && !isNested(field) && field.item !== null && SCALAR_TYPES[field.item.kind] !== undefined
  );
}

const SCALAR_TYPES: Readonly<Partial<Record<Kind, string>>> = {
  text: 'text',
  uuid: 'uuid',
  objectId: 'text',
  enum: 'text',
  boolean: 'boolean',
  integer: 'int8',
  real: 'float8',
  bigint: 'int8',
  decimal: 'numeric',
  timestamp: 'timestamptz',
  date: 'date',
  binary: 'bytea',
};

/** Kinds that live inside `jsonb` as text which sorts like the value: ISO time, ISO date, lower-case hex. */
const TEXT_IN_JSON: ReadonlySet<Kind> = new Set(['text', 'enum', 'objectId', 'timestamp', 'date', 'binary']);

/** Whether values of the kind are texts inside `jsonb` that sort as they do. */
export function isTextInJson(kind: Kind): boolean {
  return TEXT_IN_JSON.has(kind);
}

/** The type that a parameter compared with, or stored into, the field is cast to. */
export function castType(field: FieldModel): string {
  if (field.kind === 'list') return isArray(field) ? `${SCALAR_TYPES[field.item!.kind]}[]` : 'jsonb';
  const scalar = SCALAR_TYPES[field.kind];
  if (scalar === undefined) return 'jsonb';
  return isNested(field) && isTextInJson(field.kind) ? 'text' : scalar;
}

/** How a path is read: compared by its own type, as text (only to see whether it is null), or as `jsonb`. */
export type PathForm = 'typed' | 'text' | 'json';

/**
 * The one renderer of a path, for queries and for indexes: PostgreSQL does not use an index on `(o->>'x')` for `(o#>>'{x}')`.
 * `alias` qualifies the column.
 */
export function pathSql(table: Table, field: FieldModel, form: PathForm = 'typed', alias = ''): string {
  const column = alias + quote(table.column(field));
  if (!isNested(field)) return column;
  const asText = stepsSql(column, field.segments, true);
  if (form === 'text') return `(${asText})`;
  const asJson = `(${stepsSql(column, field.segments, false)})`;
  if (form === 'json') return asJson;
  if (isTextInJson(field.kind)) return `((${asText}) collate "C")`;
  const type = castType(field);
  return type === 'jsonb' ? asJson : `(${asText})::${type}`;
}

function stepsSql(column: string, segments: readonly string[], asText: boolean): string {
  if (segments.length === 2) return `${column}${asText ? '->>' : '->'}${literal(segments[1]!)}`;
  return `${column}${asText ? '#>>' : '#>'}${jsonPath(segments.slice(1))}`;
}

/** A `text[]` literal for `#>>`, `#-` and `jsonb_set`. */
export function jsonPath(keys: readonly string[]): string {
  return literal(
    `{${keys.map((key) => (/^[a-z_]\w*$/i.test(key) && !/^null$/i.test(key) ? key : quoteItem(key))).join(',')}}`,
  );
}

/** An item of an array literal, quoted. */
export function quoteItem(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
