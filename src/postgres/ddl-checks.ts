import type { FieldModel } from '../schema/model.js';
import { isArray, isNested, literal, pathSql, rootOf, type Table } from './fields.js';
import { checkName } from './names.js';

/** A check that an entity needs. */
export interface WantedCheck {
  readonly name: string;
  readonly sql: string;
  /** The column that it is about. */
  readonly column: string;
}

/** The rules that update operators could break, kept by the server. A check is content with null. */
export function checksOf(table: Table): WantedCheck[] {
  const { entity } = table;
  const fields = [...new Set([...entity.fields, ...entity.paths.values()])];
  return fields.flatMap((field) => {
    const sql = both(presenceSql(table, field), ruleSql(table, field));
    return sql === null ? [] : [{ name: checkName(table, field), sql, column: table.column(rootOf(entity, field)) }];
  });
}

/** An object that a patch of one path makes must hold its required fields: an optional object is there as a whole or not at all. */
function presenceSql(table: Table, field: FieldModel): string | null {
  if (field.optional || !field.nullable) return null;
  const object = table.entity.paths.get(field.segments.slice(0, -1).join('.'))!;
  return `(${pathSql(table, object, 'text')} is null or ${pathSql(table, field, 'text')} is not null)`;
}

function ruleSql(table: Table, field: FieldModel): string | null {
  const path = pathSql(table, field);
  const { min, max, precision, scale } = field.bounds;
  switch (field.kind) {
    case 'integer':
      // Past these, no JavaScript number holds what an increment made.
      return `${path} between ${min ?? Number.MIN_SAFE_INTEGER} and ${max ?? Number.MAX_SAFE_INTEGER}`;
    case 'real':
    case 'bigint':
      return range(path, min, max, String);
    case 'decimal': {
      const whole =
        isNested(field) && precision !== undefined ? `abs(${path}) < 1${'0'.repeat(precision - (scale ?? 0))}` : null;
      return both(range(path, min, max, String), whole);
    }
    case 'timestamp':
      return range(path, min, max, (bound) => moment(field, bound as Date));
    case 'date':
      return range(path, min, max, (bound) => literal(String(bound)) + (isNested(field) ? '' : '::date'));
    case 'enum':
      return `${path} in (${field.values!.map(literal).join(', ')})`;
    case 'text':
      // Of a hidden text the length is a rule for what is given: a hook may store a hash of it.
      return field.hidden ? null : range(`char_length(${path})`, min, max, String);
    case 'list':
      return range(isArray(field) ? `cardinality(${path})` : jsonLength(path), min, max, String);
    default:
      return null;
  }
}

function moment(field: FieldModel, bound: Date): string {
  const text = literal(bound.toISOString());
  return isNested(field) ? text : `${text}::timestamptz`;
}

function jsonLength(path: string): string {
  return `case when jsonb_typeof(${path}) = 'array' then jsonb_array_length(${path}) end`;
}

type Bound = NonNullable<FieldModel['bounds']['min']>;

function range(
  path: string,
  min: Bound | undefined,
  max: Bound | undefined,
  show: (bound: Bound) => string,
): string | null {
  const value = path.startsWith('case') ? `(${path})` : path;
  if (min !== undefined && max !== undefined) return `${value} between ${show(min)} and ${show(max)}`;
  if (min !== undefined) return `${value} >= ${show(min)}`;
  return max === undefined ? null : `${value} <= ${show(max)}`;
}

function both(a: string | null, b: string | null): string | null {
  return a !== null && b !== null ? `${a} and (${b})` : (a ?? b);
}
