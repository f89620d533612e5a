import type { FieldSpec } from '../../schema/builder.js';
import type { Beginning } from './random.js';

/** How the key of a row is made of its number. */
export type KeyMaker = (beginning: Beginning, number: number) => unknown;

const COUNTED =
  'is counted up by the database, and a factory cannot know it: give `key`, or store its drafts by another unique field (`on`)';

/** What makes the values of a key, or why nothing does. */
export function keyMaker(spec: FieldSpec): KeyMaker | string {
  if (spec.serial) return COUNTED;
  const { min, max } = spec.bounds;
  switch (spec.kind) {
    case 'uuid':
      return ({ key }) => uuidOf(key);
    case 'objectId':
      return ({ key }) => hex(key).slice(0, 24);
    case 'integer':
      return (_beginning, number) => ((min as number | undefined) ?? 1) + number;
    case 'bigint':
      return (_beginning, number) => ((min as bigint | undefined) ?? 1n) + BigInt(number);
    case 'text': {
      if (spec.rules.some(({ name }) => name !== 'min' && name !== 'max')) return 'has rules of its own: give `key`';
      const length = Math.max((min as number | undefined) ?? 0, Math.min((max as number | undefined) ?? 32, 32));
      if (length < 16) return 'is too short for keys that never meet: give `key`';
      const upper = spec.transforms.length > 0 && spec.transforms.some((each) => each('a') === 'A');
      return ({ key }) => {
        const text = hex(key).slice(0, length).padEnd(length, '0');
        return upper ? text.toUpperCase() : text;
      };
    }
    default:
      return `is a key of kind ${spec.kind}, which a factory does not make: give \`key\``;
  }
}

/** A UUID of version 8, which RFC 9562 (section 5.8) leaves to whoever makes it: here of a hash. */
export function uuidOf(bytes: Uint8Array): string {
  const own = Uint8Array.from(bytes);
  own[6] = (own[6]! & 0x0f) | 0x80;
  own[8] = (own[8]! & 0x3f) | 0x80;
  return hex(own).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
