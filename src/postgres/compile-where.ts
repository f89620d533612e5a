import type { Clause, Leaf, ListLeaf, SetLeaf, TextLeaf, ValueLeaf } from '../query/clause.js';
import { successor } from '../util/text.js';
import { keysetSql } from './compile-keyset.js';
import { castType, isArray, isNested, pathSql, type Table } from './fields.js';
import { type Parameters, slot, type Valued } from './plans.js';
import {
  arrayEncoderOf,
  type Encoder,
  encoderOf,
  itemsEncoder,
  oneItemEncoder,
  wrappedItemsEncoder,
} from './values.js';

const COMPARE = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * A clause as SQL that may give null where it means false. That is enough at the top and inside `and`/`or`;
 * `not`, the only place where null would differ from false, says `is not true`.
 */
export function whereSql<C extends Valued>(
  clause: Clause,
  table: Table,
  parameters: Parameters<C>,
  alias = '',
): string {
  switch (clause.op) {
    case 'and':
    case 'or': {
      if (clause.keyset !== undefined) return keysetSql(clause.keyset, table, parameters, alias);
      if (clause.clauses.length === 0) return clause.op === 'and' ? 'true' : 'false';
      const parts = clause.clauses.map((each) => whereSql(each, table, parameters, alias));
      return parts.length === 1 ? parts[0]! : `(${parts.join(` ${clause.op} `)})`;
    }
    case 'not':
      return `((${whereSql(clause.clause, table, parameters, alias)}) is not true)`;
    default:
      return leafSql(clause, table, parameters, alias);
  }
}

function leafSql<C extends Valued>(leaf: Leaf, table: Table, parameters: Parameters<C>, alias: string): string {
  switch (leaf.op) {
    case 'isNull':
      return `${pathSql(table, leaf.field, 'text', alias)} is null`;
    case 'isNotNull':
      return `${pathSql(table, leaf.field, 'text', alias)} is not null`;
    case 'anyOf':
    case 'noneOf':
      return setSql(leaf, pathSql(table, leaf.field, 'typed', alias), parameters);
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return textSql(leaf, table, parameters, alias);
    case 'has':
    case 'hasAny':
    case 'hasAll':
      return listSql(leaf, pathSql(table, leaf.field, 'typed', alias), parameters);
    default:
      return valueSql(leaf, pathSql(table, leaf.field, 'typed', alias), parameters);
  }
}

function valueSql<C extends Valued>(leaf: ValueLeaf, path: string, parameters: Parameters<C>): string {
  const value = slot(parameters, leaf.slot, encoderOf(leaf.field), castType(leaf.field));
  if (leaf.op !== 'ne') return `${path} ${COMPARE[leaf.op]} ${value}`;
  return leaf.field.nullable ? `(${path} <> ${value} or ${path} is null)` : `${path} <> ${value}`;
}

function setSql<C extends Valued>(leaf: SetLeaf, path: string, parameters: Parameters<C>): string {
  const values = slot(parameters, leaf.slot, arrayEncoderOf(leaf.field), `${castType(leaf.field)}[]`);
  if (leaf.op === 'anyOf') return `${path} = any(${values})`;
  return leaf.field.nullable ? `(${path} <> all(${values}) or ${path} is null)` : `${path} <> all(${values})`;
}

/** Whether the path compares by code point, so that a prefix is a range of it. */
function byCodePoint(leaf: TextLeaf, table: Table): boolean {
  return isNested(leaf.field) || table.entity.collation === 'C';
}

function textSql<C extends Valued>(leaf: TextLeaf, table: Table, parameters: Parameters<C>, alias: string): string {
  const path = pathSql(table, leaf.field, 'typed', alias);
  const add = (encode: Encoder) => slot(parameters, leaf.slot, encode, 'text');
  if (leaf.op === 'startsWith' && !leaf.ignoreCase && byCodePoint(leaf, table)) {
    // `like $1` is a full scan under a generic plan: only a range is sure to use the index.
    const from = `${path} >= ${add((value) => value as string)}`;
    return leaf.unbounded ? from : `(${from} and ${path} < ${add((value) => successor(value as string))})`;
  }
  const pattern = add(patternOf(leaf.op));
  // `ilike` folds by the collation: `"C"` folds A-Z and nothing else.
  return leaf.ignoreCase ? `(${path} collate "C") ilike ${pattern}` : `${path} like ${pattern}`;
}

function patternOf(op: TextLeaf['op']): Encoder {
  const before = op === 'startsWith' ? '' : '%';
  const after = op === 'endsWith' ? '' : '%';
  return (value) => `${before}${(value as string).replace(/[\\%_]/g, '\\$&')}${after}`;
}

function listSql<C extends Valued>(leaf: ListLeaf, path: string, parameters: Parameters<C>): string {
  const { field } = leaf;
  const type = castType(field);
  if (leaf.op === 'hasAny') {
    if (isArray(field)) return `${path} && ${slot(parameters, leaf.slot, itemsEncoder(field), type)}`;
    return `${path} @> any(${slot(parameters, leaf.slot, wrappedItemsEncoder(field), 'jsonb[]')})`;
  }
  const items = leaf.op === 'has' ? oneItemEncoder(field) : itemsEncoder(field);
  return `${path} @> ${slot(parameters, leaf.slot, items, type)}`;
}
