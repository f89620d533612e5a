import type { Kind } from './model.js';

const SCALAR: ReadonlySet<Kind> = new Set<Kind>([
  'text',
  'uuid',
  'objectId',
  'enum',
  'boolean',
  'integer',
  'real',
  'bigint',
  'decimal',
  'timestamp',
  'date',
]);

/** Kinds that have equality, so that they can be filtered, ordered, listed, indexed and unique. */
export function isScalarKind(kind: Kind): boolean {
  return SCALAR.has(kind);
}

const NUMERIC: ReadonlySet<Kind> = new Set<Kind>(['integer', 'real', 'bigint', 'decimal']);

/** Kinds that can be added up. */
export function isNumericKind(kind: Kind): boolean {
  return NUMERIC.has(kind);
}
