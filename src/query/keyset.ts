import type { Clause, Keyset, KeysetTerm } from './clause.js';
import type { OrderTerm } from './command.js';
import { allOf } from './logic.js';
import { type Parsing, slotOf } from './parsing.js';

/** The terms as they are read backwards. Nulls stay at their end: first ascending is last descending. */
export function reversed(terms: readonly OrderTerm[]): OrderTerm[] {
  return terms.map(({ field, direction }) => ({ field, direction: direction === 'asc' ? 'desc' : 'asc' }));
}

/**
 * The rows behind a position of a total order; `values` has the position's value of each term.
 *
 * It is flat: each alternative of the `or` is a conjunction that an index over the order can serve by itself.
 */
export function keysetClause(parsing: Parsing, terms: readonly OrderTerm[], values: readonly unknown[]): Clause {
  const keyset: Keyset = terms.map(({ field, direction }, i) => {
    const value = values[i];
    return { field, direction, slot: value === null ? -1 : slotOf(parsing, value) };
  });
  const alternatives: Clause[] = [];
  const before: Clause[] = [];
  for (const term of keyset) {
    for (const each of behind(term)) alternatives.push(allOf([...before, each]));
    before.push(at(term));
  }
  return alternatives.length === 1 ? alternatives[0]! : { op: 'or', clauses: alternatives, keyset };
}

/** The ways in which a row lies behind the position by this term alone. */
function behind({ field, direction, slot }: KeysetTerm): Clause[] {
  if (slot < 0) return direction === 'asc' ? [{ op: 'isNotNull', field }] : [];
  if (direction === 'asc') return [{ op: 'gt', field, slot }];
  const less: Clause = { op: 'lt', field, slot };
  return field.nullable ? [less, { op: 'isNull', field }] : [less];
}

function at({ field, slot }: KeysetTerm): Clause {
  return slot < 0 ? { op: 'isNull', field } : { op: 'eq', field, slot };
}
