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
