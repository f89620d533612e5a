import { createHash } from 'node:crypto';
import type { FieldModel, Naming } from './model.js';
import { MAX_IDENTIFIER_BYTES, snakeCase } from './names.js';

const HASH_LENGTH = 8;

/**
 * The name of an index or constraint on every engine, so that an error maps back to its fields: `users_email_key`.
 * A name of more than 63 bytes is cut and ends in a hash of the whole.
 */
export function identifier(parts: readonly string[], suffix: string): string {
  const name = [...parts, suffix].join('_');
  if (Buffer.byteLength(name) <= MAX_IDENTIFIER_BYTES) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  const end = `_${hash}_${suffix}`;
  // By code point: half a surrogate pair would be stored as another character, and the name not be found again.
  const start = Array.from(parts.join('_'));
  while (Buffer.byteLength(start.join('')) > MAX_IDENTIFIER_BYTES - end.length) start.pop();
  return start.join('') + end;
}

/** A path as a part of such a name: its column, then the keys below it. `top` is the field that it begins with. */
export function pathPart(top: FieldModel, { segments }: FieldModel, naming: Naming): string {
  const names = naming === 'snake' ? segments.map(snakeCase) : segments;
  return [top.column ?? names[0]!, ...names.slice(1)].join('_');
}
