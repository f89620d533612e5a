import { canonicalDecimal } from '../util/decimal.js';

/**
 * A text that is equal for documents that mean the same: the order of keys and the width of numbers do not matter. Key order
 * matters in an index key, which is therefore compared part by part.
 */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(String(value));
  if (typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Date) return `date ${value.getTime()}`;
  const { _bsontype: type } = value as { readonly _bsontype?: unknown };
  switch (type) {
    case undefined: {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join()}}`;
    }
    case 'Int32':
    case 'Long':
    case 'Double':
    case 'Decimal128':
      return numberText(String(value));
    default:
      return `${String(type)} ${JSON.stringify(value)}`;
  }
}

function numberText(text: string): string {
  return canonicalDecimal(text) ?? text;
}
