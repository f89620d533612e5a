import { createHash } from 'node:crypto';
import { typeName } from '../util/describe.js';
import { percentEscape } from '../util/escape.js';

/** A part of a key: numbers and texts differ, so that `1` and `'1'` are two keys. */
export type KeyPart = string | number | bigint;

/** A key made of parts by `cacheKey`, which knows the type of its value. */
export class CacheKey<T = unknown> {
  /** The parts, encoded: no other parts give the same text. */
  readonly text: string;
  /** Only in types. */
  declare readonly value?: T;

  /** @internal Made by `cacheKey`. */
  constructor(text: string) {
    this.text = text;
    Object.freeze(this);
  }

  toString(): string {
    return this.text;
  }
}

/** A key that no type was said of: what loads its value says it. One of a type is none. */
export type UntypedKey<T> = CacheKey<T> & (unknown extends T ? unknown : never);

// What parts, namespaces and slots are told apart by, what no tool shows, and halves of letters, which UTF-8 cannot say.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant
  /[%:{}#/~\u0000-\u0020\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** A longer name takes the place of memory that values want: it is cut, and told from others by its digest. */
const MAX_LENGTH = 200;

/** A text in which nothing is left that separates. */
function encodePart(text: string): string {
  // Most are plain: they are seen to be without a copy.
  return text.search(UNSAFE) === -1 ? text : text.replace(UNSAFE, percentEscape);
}

/** The text that `encodePart` was given, unless it was cut. */
export function decodePart(text: string): string {
  return text.replace(/%u([\da-f]{4})|%([\da-f]{2})/g, (_, unit?: string, byte?: string) =>
    String.fromCharCode(Number.parseInt((unit ?? byte)!, 16)),
  );
}

function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH / 2)}~${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * A key of parts: `cacheKey('user', id)`. Each part is encoded, so that a part that comes from outside never reaches another key:
 * `cacheKey('a:b', 'c')` is not `cacheKey('a', 'b:c')`. With a type, `cacheKey<User>('user', id)`, reading it gives that type.
 *
 * @throws TypeError for a part that is no text, whole number or bigint
 * @example
 * ```ts
 * import { CacheManager, cacheKey, MemoryStore } from 'trivet';
 *
 * const cache = new CacheManager(new MemoryStore());
 * const key = cacheKey<{ name: string }>('user', 42);
 * await cache.set(key, { name: 'Ann' });
 * console.log((await cache.get(key))?.name);
 * ```
 */
export function cacheKey<T = unknown>(...parts: readonly [KeyPart, ...KeyPart[]]): CacheKey<T> {
  if (parts.length === 0) throw new TypeError('Expected a key to have a part');
  return new CacheKey(
    parts
      .map((part, index) => {
        if (typeof part === 'string') return encodePart(part);
        if (typeof part === 'bigint' || Number.isSafeInteger(part)) return `#${part}`;
        throw new TypeError(
          `Expected part ${index + 1} of a key to be a text or a whole number, got ${typeName(part)}`,
        );
      })
      .join(':'),
  );
}

/** The text of a key as it is given. @throws TypeError for what is none */
export function keyText(key: string | CacheKey): string {
  if (typeof key === 'string' && key !== '') return shortened(encodePart(key));
  if (key instanceof CacheKey) return shortened(key.text);
  throw new TypeError(
    `Expected a key to be a text that is not empty, or made by \`cacheKey\`, got ${key === '' ? 'an empty text' : typeName(key)}`,
  );
}

/** The text of a tag, a prefix or a namespace. @throws TypeError for what is no text, or empty */
export function nameText(name: string, what: string): string {
  if (typeof name === 'string' && name !== '') return shortened(encodePart(name));
  throw new TypeError(
    `Expected ${what} to be a text that is not empty, got ${name === '' ? 'an empty text' : typeName(name)}`,
  );
}
