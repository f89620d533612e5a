import { exactIso } from '../query/exact-time.js';
import type { FieldModel, Kind } from '../schema/model.js';
import { isArray, isNested, isTextInJson, quoteItem } from './fields.js';

/** What goes to the server for one parameter: text, bytes, or null. */
export type Encoded = string | Uint8Array | null;

/** Makes a parameter of a value; null stays null. */
export type Encoder = (value: unknown) => Encoded;

/** Encodes a value that is never null. */
type Plain<T> = (value: any) => T;

const SCALARS: Readonly<Partial<Record<Kind, Plain<string>>>> = {
  boolean: (value: boolean) => (value ? 'true' : 'false'),
  integer: String,
  real: String,
  bigint: String,
  timestamp: exactIso,
  binary: (value: Uint8Array) => `\\x${hex(value)}`,
};

const asText: Plain<string> = (value: string) => value;

/** Bytes in hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function scalar(kind: Kind): Plain<string> {
  return SCALARS[kind] ?? asText;
}

function nullable(encode: Plain<Encoded>): Encoder {
  return (value) => (value === null || value === undefined ? null : encode(value));
}

/** Encodes a whole value of the field, as it is compared and stored. */
export function encoderOf(field: FieldModel): Encoder {
  return nullable(plainEncoder(field));
}

function plainEncoder(field: FieldModel): Plain<Encoded> {
  switch (field.kind) {
    case 'json':
      return JSON.stringify;
    case 'object':
    case 'geoPoint':
      return jsonText(field);
    case 'list': {
      if (!isArray(field)) return jsonText(field);
      const item = itemText(field.item!.kind);
      return (value: readonly unknown[]) => arrayOf(value, item);
    }
    case 'binary':
      if (isNested(field)) return hex;
      // The driver sends only a Buffer as bytes; the view copies nothing.
      return (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    default:
      return scalar(field.kind);
  }
}

/** Encodes an array of values of the field: `anyOf`, or a column of many rows. Lists and objects in it travel as text. */
export function arrayEncoderOf(field: FieldModel): Encoder {
  const item = fieldItemText(field);
  return (values) => arrayOf(values as readonly unknown[], item);
}

function fieldItemText(field: FieldModel): Plain<string> {
  if (field.kind === 'binary' && !isNested(field)) return itemText('binary');
  const encode = plainEncoder(field) as Plain<string>;
  if (needsQuotes(field.kind) || (isNested(field) && isTextInJson(field.kind)))
    return (value) => quoteItem(encode(value));
  return encode;
}

/** Text of one item inside an array literal. */
function itemText(kind: Kind): Plain<string> {
  const encode = scalar(kind);
  return needsQuotes(kind) ? (value) => quoteItem(encode(value)) : encode;
}

const UNQUOTED: ReadonlySet<Kind> = new Set([
  'uuid',
  'boolean',
  'integer',
  'real',
  'bigint',
  'decimal',
  'date',
  'timestamp',
]);

function needsQuotes(kind: Kind): boolean {
  return !UNQUOTED.has(kind);
}

/** An array of texts that are no field's. */
export function textArray(texts: readonly string[]): string {
  return arrayOf(texts, quoteItem);
}

/** An array literal; `item` is given no nulls. */
export function arrayOf(values: readonly unknown[], item: (value: any) => string): string {
  let text = '{';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ',';
    const value = values[i];
    text += value === null || value === undefined ? 'NULL' : item(value);
  }
  return `${text}}`;
}

/** One item of the list, as a one-item array (native), or as a one-item JSON array. */
export function oneItemEncoder(list: FieldModel): Encoder {
  const many = itemsEncoder(list);
  return (value) => many([value]);
}

/** Several items of the list, as an array literal (native), or as a JSON array. */
export function itemsEncoder(list: FieldModel): Encoder {
  if (isArray(list)) {
    const item = itemText(list.item!.kind);
    return (values) => arrayOf(values as readonly unknown[], item);
  }
  const encode = jsonEncoder(list.item!);
  return (values) => JSON.stringify((values as readonly unknown[]).map(encode));
}

/** Items of a JSON list as a `jsonb[]`, each wrapped in a JSON array of its own: `x @> any($1::jsonb[])`. */
export function wrappedItemsEncoder(list: FieldModel): Encoder {
  const encode = jsonEncoder(list.item!);
  return (values) => arrayOf(values as readonly unknown[], (value) => quoteItem(JSON.stringify([encode(value)])));
}

/** The value of a nested path as JSON text, as it is stored inside `jsonb`. */
export function jsonText(field: FieldModel): Plain<string> {
  const encode = jsonEncoder(field);
  return (value) => JSON.stringify(encode(value));
}

/**
 * What a value is inside `jsonb`. Bigints and decimals are text, since JSON numbers lose their digits; bytes are hex, which sorts
 * like them. Null fields of an object are left out: a missing key and null are one thing.
 */
function jsonEncoder(field: FieldModel): Plain<unknown> {
  switch (field.kind) {
    case 'bigint':
      return String;
    case 'binary':
      return hex;
    case 'timestamp':
      return (value: Date) => value.toISOString();
    case 'list': {
      const item = jsonEncoder(field.item!);
      return (value: readonly unknown[]) => value.map((each) => (each === null ? null : item(each)));
    }
    case 'object': {
      const fields = field.fields!.map((each) => ({ name: each.name, encode: jsonEncoder(each) }));
      return (value: Record<string, unknown>) => {
        const json: Record<string, unknown> = {};
        for (const { name, encode } of fields) {
          const inner = value[name];
          if (inner !== null && inner !== undefined) json[name] = encode(inner);
        }
        return json;
      };
    }
    default:
      return (value) => value;
  }
}
