import type { OrderTerm } from '../query/command.js';
import type { Kind, StoredRow, Value } from '../schema/model.js';
import { compareDecimal } from '../util/decimal.js';
import { compareText } from '../util/text.js';
import { reader } from './values.js';

/** Negative where the first comes before the second. */
export type Compare<T> = (a: T, b: T) => number;

/** How two values of a kind compare, neither of them null. */
export function comparator(kind: Kind): Compare<Value> {
  switch (kind) {
    case 'integer':
    case 'real':
      return (a, b) => (a as number) - (b as number);
    case 'bigint':
      return (a, b) => ((a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0);
    case 'decimal':
      return (a, b) => compareDecimal(a as string, b as string);
    case 'boolean':
      return (a, b) => Number(a) - Number(b);
    case 'timestamp':
      return (a, b) => (a as Date).getTime() - (b as Date).getTime();
    case 'binary':
      return (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array);
    default:
      return (a, b) => compareText(a as string, b as string);
  }
}

/** The same with nulls, which come before every value. */
export function nullsFirst(compare: Compare<Value>): Compare<Value> {
  return (a, b) => {
    if (a === null) return b === null ? 0 : -1;
    return b === null ? 1 : compare(a, b);
  };
}

/** How two rows compare by the terms: nulls first where it ascends, last where it descends. Null when there are no terms. */
export function rowComparator(terms: readonly OrderTerm[]): Compare<StoredRow> | null {
  if (terms.length === 0) return null;
  const compares = terms.map(({ field, direction }): Compare<StoredRow> => {
    const read = reader(field);
    const compare = nullsFirst(comparator(field.kind));
    return direction === 'asc' ? (a, b) => compare(read(a), read(b)) : (a, b) => compare(read(b), read(a));
  });
  if (compares.length === 1) return compares[0]!;
  return (a, b) => {
    for (const compare of compares) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return 0;
  };
}
