import { isWellFormed } from '../util/text.js';
import { isUnsafeKey } from './parse-json.js';

/** PostgreSQL cuts longer identifiers silently, so that two could become one. */
export const MAX_IDENTIFIER_BYTES = 63;

/** What is wrong with the name of a field, or undefined. It is a column, a document's key and a segment of paths. */
export function fieldNameProblem(name: string): string | undefined {
  if (name.startsWith('~')) return 'must not begin with ~: such names are reserved';
  if (name.startsWith('$')) return 'must not begin with $: MongoDB keeps such names for operators';
  if (name.includes('.')) return 'must not contain a point: it separates the segments of paths';
  if (/^\d+$/.test(name)) return 'must not be a number: MongoDB takes it for a position in a list';
  if (/[[\]]/.test(name)) return 'must not contain brackets: they mark the items of lists in paths';
  return identifierProblem(name);
}

/** What is wrong with the name of a column, index, schema or table, or undefined. */
export function identifierProblem(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'must have a name that is a text, not empty';
  if (isUnsafeKey(name)) return 'must not be named `__proto__`, `constructor` or `prototype`';
  if (!isWellFormed(name)) return 'must have a well-formed name without NUL';
  return Buffer.byteLength(name) > MAX_IDENTIFIER_BYTES
    ? `must have a name of at most ${MAX_IDENTIFIER_BYTES} bytes`
    : undefined;
}

/** What is wrong with the name of an entity, or undefined. */
export function entityNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'must have a text as its name';
  const parts = name.split('.');
  if (parts.length > 2) return 'must be named `table` or `schema.table`, with one point at most';
  if (name.includes('$') || name.startsWith('system.')) {
    return 'must not contain $ nor begin with `system.`: MongoDB keeps such names';
  }
  for (const part of parts) {
    const problem = identifierProblem(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** `createdAt` as `created_at`, `HTTPStatus` as `http_status`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
