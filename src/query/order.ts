import { isScalarKind } from '../schema/kinds.js';
import type { FieldModel } from '../schema/model.js';
import { typeName } from '../util/describe.js';
import type { Clause } from './clause.js';
import type { OrderTerm } from './command.js';
import { addIssue, END, fieldAt, isPlainObject, type Parsing } from './parsing.js';

/** Checks `orderBy` and gives its terms, without tie-breakers. */
export function parseOrderBy(parsing: Parsing, orderBy: unknown): OrderTerm[] {
  if (orderBy === undefined) return [];
  if (!isPlainObject(orderBy)) {
    addIssue(parsing, 'orderBy', `must be an order, such as \`{ createdAt: 'desc' }\`, got ${typeName(orderBy)}`);
    return [];
  }
  const terms: OrderTerm[] = [];
  for (const path of Object.keys(orderBy)) {
    const field = fieldAt(parsing, path);
    const direction = orderBy[path];
    if (field === undefined) continue;
    if (field.hidden) addIssue(parsing, path, 'is hidden: rows cannot be ordered by it');
    else if (!isScalarKind(field.kind)) addIssue(parsing, path, `is a field of kind ${field.kind}, which has no order`);
    else if (direction !== 'asc' && direction !== 'desc') addIssue(parsing, path, "must be ordered 'asc' or 'desc'");
    else terms.push({ field, direction });
  }
  return terms;
}

/**
 * The terms with the key behind them, so that the order is total; a key that is there already is not repeated. The key takes
 * the direction of the last term: then one index over field and key serves the order both ways.
 */
export function totalOrder(terms: readonly OrderTerm[], key: readonly FieldModel[]): readonly OrderTerm[] {
  const direction = terms.at(-1)?.direction ?? 'asc';
  const missing = key.filter((field) => !terms.some((term) => term.field === field));
  return [...terms, ...missing.map((field): OrderTerm => ({ field, direction }))];
}

/** Equal for orders that are the same. */
export function shapeOfOrder(terms: readonly OrderTerm[]): string {
  let shape = '';
  for (const { field, direction } of terms) shape += `${direction}:${field.path}${END}`;
  return shape;
}

/** Whether the clause can be true for one row at most, because it fixes the key or a unique set: then no order is needed. */
export function pinsOneRow(clause: Clause, sets: readonly (readonly FieldModel[])[]): boolean {
  const fixed = new Set<FieldModel>();
  for (const each of clause.op === 'and' ? clause.clauses : [clause]) if (each.op === 'eq') fixed.add(each.field);
  return fixed.size > 0 && sets.some((set) => set.every((field) => fixed.has(field)));
}
