import { type Clause, FALSE, type ListLeaf, type TextLeaf, TRUE } from './clause.js';
import { END } from './parsing.js';

/** The conjunction, with constants and nested conjunctions resolved: it is `TRUE` itself when it is true for every row. */
export function allOf(clauses: readonly Clause[]): Clause {
  return join('and', clauses, TRUE, FALSE);
}

/** The disjunction, with constants and nested disjunctions resolved: it is `TRUE` itself when it is true for every row. */
export function anyOfClauses(clauses: readonly Clause[]): Clause {
  return join('or', clauses, FALSE, TRUE);
}

function join(op: 'and' | 'or', clauses: readonly Clause[], neutral: Clause, absorbing: Clause): Clause {
  const kept: Clause[] = [];
  for (const each of clauses) {
    if (each === absorbing) return absorbing;
    if (each === neutral) continue;
    if (each.op === op) kept.push(...each.clauses);
    else kept.push(each);
  }
  if (kept.length === 0) return neutral;
  return kept.length === 1 ? kept[0]! : { op, clauses: kept };
}

/** The complement of a leaf that has none of its own. */
export function not(clause: TextLeaf | ListLeaf): Clause {
  return { op: 'not', clause };
}

/**
 * A text that is equal for clauses that differ only in their values: the key of compiled plans. Slots are part of it:
 * a clause that was resolved away, such as the second of `or({}, { age: 5 })`, leaves its value behind, so that equal
 * clauses may look for their values in different places.
 */
export function shapeOf(clause: Clause): string {
  switch (clause.op) {
    case 'and':
    case 'or': {
      let shape = `${clause.op}${clause.keyset === undefined ? '' : '/k'}${clause.clauses.length}:`;
      for (const each of clause.clauses) shape += shapeOf(each);
      return shape;
    }
    case 'not':
      return `not:${shapeOf(clause.clause)}`;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return `${clause.op}${clause.ignoreCase ? '/i' : ''}${clause.unbounded ? '/u' : ''}@${clause.slot}:${clause.field.path}${END}`;
    case 'isNull':
    case 'isNotNull':
      return `${clause.op}:${clause.field.path}${END}`;
    default:
      return `${clause.op}@${clause.slot}:${clause.field.path}${END}`;
  }
}
