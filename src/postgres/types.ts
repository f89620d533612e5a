import { withMicros } from '../query/exact-time.js';
import { canonicalDecimal } from '../util/decimal.js';

/** Reads the text form of a value that is not null. */
export type TextReader = (text: string) => unknown;

/** Types of the server by their numbers. */
export const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  json: 114,
  timestamp: 1114,
  timestamptz: 1184,
  date: 1082,
  numeric: 1700,
  jsonb: 3802,
} as const;

/** Reads `t` and `f`. */
export function readBoolean(text: string): boolean {
  return text === 't';
}

/** A number; past 2^53, where a number would be another one, a bigint. */
export function readInt8(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function readNumeric(text: string): string {
  return canonicalDecimal(text) ?? text;
}

function digits(text: string, from: number, count: number): number {
  let number = 0;
  for (let i = from; i < from + count; i++) number = number * 10 + text.charCodeAt(i) - 48;
  return number;
}

const ISO = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?$/;

/**
 * Text of `timestamptz` or `timestamp` in the server's ISO style (`2026-11-22 11:15:11.123+00`), microseconds cut.
 * A `timestamp` is taken as UTC. `infinity`, which a `Date` cannot hold, becomes an invalid date.
 */
export function readTimestamp(text: string): Date {
  // The common form, four-digit year and whole UTC offset, without a regular expression: this is most of the cost of a wide read.
  const end = text.endsWith('+00') ? text.length - 3 : text.length === 19 ? 19 : -1;
  if (text.charCodeAt(4) === 45 && (end === 19 || (end > 20 && end <= 26 && text.charCodeAt(19) === 46))) {
    const year = digits(text, 0, 4);
    let milliseconds = 0;
    if (end > 20) {
      const places = Math.min(end - 20, 3);
      milliseconds = digits(text, 20, places);
      if (places < 3) milliseconds *= places === 1 ? 100 : 10;
    }
    // Date.UTC takes the years 0 to 99 for 1900 to 1999.
    if (year > 99) {
      return new Date(
        Date.UTC(
          year,
          digits(text, 5, 2) - 1,
          digits(text, 8, 2),
          digits(text, 11, 2),
          digits(text, 14, 2),
          digits(text, 17, 2),
          milliseconds,
        ),
      );
    }
  }
  return readOtherTimestamp(text);
}

/** Like `readTimestamp`, and marks the date with its microseconds. */
export function readExactTimestamp(text: string): Date {
  const date = readTimestamp(text);
  const micros = /\.\d{3}(\d{1,3})/.exec(text)?.[1];
  return micros === undefined ? date : withMicros(date, Number(micros.padEnd(3, '0')));
}

function readOtherTimestamp(text: string): Date {
  const match = ISO.exec(text);
  if (match === null) return new Date(Number.NaN);
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offHour = '0',
    offMinute = '0',
    offSecond = '0',
    before,
  ] = match;
  const date = new Date(0);
  date.setUTCFullYear(before === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, '0')));
  const offset = (Number(offHour) * 3_600 + Number(offMinute) * 60 + Number(offSecond)) * 1_000;
  return new Date(date.getTime() - (sign === '-' ? -offset : offset));
}

/** Reads bytes in either form that the server writes. */
export function readBytea(text: string): Uint8Array {
  if (text.startsWith('\\x')) return fromHex(text.slice(2));
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') bytes.push(text.charCodeAt(i));
    else if (text[i + 1] === '\\') bytes.push(text.charCodeAt(++i));
    else {
      bytes.push(Number.parseInt(text.slice(i + 1, i + 4), 8));
      i += 3;
    }
  }
  return Uint8Array.from(bytes);
}

/** A plain array of bytes with memory of its own: a Buffer would share the pool's. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** JSON without a `__proto__` key, which would pollute a prototype when somebody copies the value key by key. */
export function readJson(text: string): unknown {
  const json: unknown = JSON.parse(text);
  if (text.includes('__proto__') || text.includes('\\u')) dropProto(json);
  return json;
}

/** Without recursion: what others stored may be deeper than the stack. */
function dropProto(json: unknown): void {
  const open = [json];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (typeof each !== 'object' || each === null) continue;
    Reflect.deleteProperty(each, '__proto__');
    for (const inner of Object.values(each)) open.push(inner);
  }
}

/** Text of an array; items through `item`, identity when null; inner arrays as arrays. */
export function readArray(text: string, item: TextReader | null): unknown[] {
  // Bounds other than 1 stand before the items: `[0:1]={a,b}`.
  let at = text.indexOf('{');
  const list = (): unknown[] => {
    const items: unknown[] = [];
    at++;
    while (at < text.length) {
      const char = text[at]!;
      if (char === '}') {
        at++;
        return items;
      }
      if (char === ',') at++;
      else if (char === '{') items.push(list());
      else if (char === '"') items.push(quoted());
      else items.push(bare());
    }
    return items;
  };
  const quoted = (): unknown => {
    let value = '';
    let from = ++at;
    while (text[at] !== '"') {
      if (text[at] === '\\') {
        value += text.slice(from, at);
        from = ++at;
      }
      at++;
    }
    value += text.slice(from, at++);
    return item === null ? value : item(value);
  };
  const bare = (): unknown => {
    const from = at;
    while (text[at] !== ',' && text[at] !== '}') at++;
    const value = text.slice(from, at);
    if (value === 'NULL') return null;
    return item === null ? value : item(value);
  };
  return list();
}

const READERS: ReadonlyMap<number, TextReader> = new Map<number, TextReader>([
  [OID.bool, readBoolean],
  [OID.bytea, readBytea],
  [OID.int8, readInt8],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [OID.json, readJson],
  [OID.jsonb, readJson],
  [OID.timestamp, readTimestamp],
  [OID.timestamptz, readTimestamp],
  [OID.numeric, readNumeric],
]);

/** Array types and the types of their items. */
const ARRAYS: ReadonlyMap<number, number> = new Map([
  [1000, OID.bool],
  [1001, OID.bytea],
  [1016, OID.int8],
  [1005, 21],
  [1007, 23],
  [1028, 26],
  [1021, 700],
  [1022, 701],
  [199, OID.json],
  [3807, OID.jsonb],
  [1115, OID.timestamp],
  [1185, OID.timestamptz],
  [1231, OID.numeric],
  [1182, OID.date],
  [1009, 25],
  [1015, 1043],
  [1014, 1042],
  [1002, 18],
  [1003, 19],
  [2951, 2950],
]);

/** The type of an array's items, or null when the type is no array that is known here. */
export function itemTypeOf(oid: number): number | null {
  return ARRAYS.get(oid) ?? null;
}

/** How a column is read that no field describes; null: it stays text. */
export function readerOfType(oid: number): TextReader | null {
  const item = ARRAYS.get(oid);
  if (item === undefined) return READERS.get(oid) ?? null;
  const reader = READERS.get(item) ?? null;
  return (text) => readArray(text, reader);
}
