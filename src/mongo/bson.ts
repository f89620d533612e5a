import { canonicalDecimal } from '../util/decimal.js';

/** BSON element types (bsonspec.org, version 1.1). */
export const DOUBLE = 0x01;
export const TEXT = 0x02;
export const DOCUMENT = 0x03;
export const ARRAY = 0x04;
export const BINARY = 0x05;
export const OBJECT_ID = 0x07;
export const BOOLEAN = 0x08;
export const DATE = 0x09;
export const NULL = 0x0a;
export const INT32 = 0x10;
export const INT64 = 0x12;
export const DECIMAL128 = 0x13;

const UNDEFINED = 0x06;
const REGEX = 0x0b;
const DB_POINTER = 0x0c;
const CODE = 0x0d;
const SYMBOL = 0x0e;
const CODE_WITH_SCOPE = 0x0f;
const TIMESTAMP = 0x11;
const MIN_KEY = 0xff;
const MAX_KEY = 0x7f;

const NAMES: Readonly<Record<number, string>> = {
  [DOUBLE]: 'double',
  [TEXT]: 'string',
  [DOCUMENT]: 'object',
  [ARRAY]: 'array',
  [BINARY]: 'binData',
  [OBJECT_ID]: 'objectId',
  [BOOLEAN]: 'bool',
  [DATE]: 'date',
  [REGEX]: 'regex',
  [INT32]: 'int',
  [TIMESTAMP]: 'timestamp',
  [INT64]: 'long',
  [DECIMAL128]: 'decimal',
};

/** The server's name of a type, for a message. */
export function typeNameOf(type: number): string {
  return NAMES[type] ?? `type ${type}`;
}

/** Whether the type says that there is no value. */
export function isNullish(type: number): boolean {
  return type === NULL || type === UNDEFINED;
}

/** Where the name that begins at `at` ends: the position of its NUL. */
export function nameEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end++;
  return end;
}

/** Where the value of this type that begins at `at` ends. */
export function skip(bytes: Buffer, type: number, at: number): number {
  switch (type) {
    case TEXT:
    case CODE:
    case SYMBOL:
      return at + 4 + bytes.readInt32LE(at);
    case INT32:
      return at + 4;
    case DOUBLE:
    case DATE:
    case INT64:
    case TIMESTAMP:
      return at + 8;
    case BOOLEAN:
      return at + 1;
    case OBJECT_ID:
      return at + 12;
    case DOCUMENT:
    case ARRAY:
    case CODE_WITH_SCOPE:
      return at + bytes.readInt32LE(at);
    case BINARY:
      return at + 5 + bytes.readInt32LE(at);
    case DECIMAL128:
      return at + 16;
    case DB_POINTER:
      return at + 16 + bytes.readInt32LE(at);
    case REGEX:
      return nameEnd(bytes, nameEnd(bytes, at) + 1) + 1;
    case NULL:
    case UNDEFINED:
    case MIN_KEY:
    case MAX_KEY:
      return at;
    default:
      throw new RangeError(`Unknown BSON type ${type}`);
  }
}

const SHORT = 24;

/** The text at `at`. */
export function readText(bytes: Buffer, at: number): string {
  const start = at + 4;
  const end = start + bytes.readInt32LE(at) - 1;
  if (end - start > SHORT) return bytes.toString('utf8', start, end);
  // The call into the runtime costs more than a short ASCII text is worth.
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return bytes.toString('utf8', start, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The moment at `at`. */
export function readDate(bytes: Buffer, at: number): Date {
  return new Date(bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at));
}

/** The UUID at `at`. */
export function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at + 5, at + 21);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Subtype and length of a binary value are its fifth byte and its first four. */
export function isUuid(bytes: Buffer, at: number): boolean {
  return bytes[at + 4] === 4 && bytes.readInt32LE(at) === 16;
}

/** The bytes at `at`. */
export function readBinary(bytes: Buffer, at: number): Uint8Array {
  // A copy: a view would keep the whole reply alive.
  return new Uint8Array(bytes.subarray(at + 5, at + 5 + bytes.readInt32LE(at)));
}

/** The number as canonical plain text; null for NaN and the infinities. */
export function readDecimal(bytes: Buffer, at: number): string | null {
  const high = bytes.readBigUInt64LE(at + 8);
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination >= 0x1e) return null;
  // IEEE 754-2008, binary integer significand; with both leading bits set, the form is for significands that are too large, which count as 0.
  const large = combination >= 0x18;
  const exponent = Number((large ? high >> 47n : high >> 49n) & 0x3fffn) - 6176;
  const significand = large ? 0n : ((high & 0x1_ffff_ffff_ffffn) << 64n) | bytes.readBigUInt64LE(at);
  return canonicalDecimal(`${high >> 63n === 1n ? '-' : ''}${significand}e${exponent}`);
}

/** Any value as JSON would hold it: whole numbers as numbers where they are exact, else as text; ids and times as text. */
export function readAny(bytes: Buffer, type: number, at: number): unknown {
  switch (type) {
    case DOUBLE:
      return bytes.readDoubleLE(at);
    case TEXT:
    case SYMBOL:
    case CODE:
      return readText(bytes, at);
    case DOCUMENT:
      return readDocument(bytes, at);
    case ARRAY:
      return readArray(bytes, at);
    case BINARY:
      return isUuid(bytes, at) ? readUuid(bytes, at) : Buffer.from(readBinary(bytes, at)).toString('base64');
    case OBJECT_ID:
      return bytes.toString('hex', at, at + 12);
    case BOOLEAN:
      return bytes[at] === 1;
    case DATE:
      return readDate(bytes, at);
    case INT32:
      return bytes.readInt32LE(at);
    case INT64: {
      const value = bytes.readBigInt64LE(at);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case DECIMAL128:
      return readDecimal(bytes, at);
    default:
      return null;
  }
}

/** The document at `start`, as JSON would hold it. */
export function readDocument(bytes: Buffer, start: number): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  eachElement(bytes, start, (type, nameAt, nameTo, at) => {
    const name = bytes.toString('utf8', nameAt, nameTo);
    const value = readAny(bytes, type, at);
    if (name === '__proto__') {
      // An assignment would change the prototype.
      Object.defineProperty(document, name, { value, enumerable: true, writable: true, configurable: true });
    } else document[name] = value;
  });
  return document;
}

function readArray(bytes: Buffer, start: number): unknown[] {
  const items: unknown[] = [];
  eachElement(bytes, start, (type, _, __, at) => items.push(readAny(bytes, type, at)));
  return items;
}

/** Calls `visit` for each element of the document or array at `start`. */
export function eachElement(
  bytes: Buffer,
  start: number,
  visit: (type: number, nameAt: number, nameTo: number, at: number) => void,
): void {
  const end = start + bytes.readInt32LE(start) - 1;
  let at = start + 4;
  while (at < end) {
    const type = bytes[at]!;
    const nameTo = nameEnd(bytes, at + 1);
    visit(type, at + 1, nameTo, nameTo + 1);
    at = skip(bytes, type, nameTo + 1);
  }
}

/** The same bytes as a Buffer: the driver gives one, its types promise less. */
export function toBuffer(bytes: unknown): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  const view = bytes as Uint8Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
