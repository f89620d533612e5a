import { SchemaError } from '../errors/runtime.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';
import { canonicalDecimal } from '../util/decimal.js';
import * as bson from './bson.js';
import type { Names } from './names.js';

/** Reads the document that begins at `start` into a row of its own. */
export type ReadRow = (bytes: Buffer, start: number) => StoredRow;

type ReadValue = (bytes: Buffer, type: number, at: number) => Value;

interface Slot {
  readonly name: string;
  readonly column: string;
  /** The name on the server with its NUL, as it stands in a document. */
  readonly key: Uint8Array;
  readonly read: ReadValue;
}

/** The reader of rows with these top-level fields: null where a document has nothing, what the entity does not name left out. */
export function rowReader(fields: readonly FieldModel[], names: Names): ReadRow {
  return documentReader(fields, (field) => names.top(field), names.entity.name);
}

function documentReader(fields: readonly FieldModel[], nameOf: (field: FieldModel) => string, entity: string): ReadRow {
  const slots = fields.map((field): Slot => {
    const column = nameOf(field);
    return { name: field.name, column, key: Buffer.from(`${column}\0`), read: valueReader(field, entity) };
  });
  const places = new Map(slots.map((slot, place) => [slot.column, place]));
  const empty: StoredRow = {};
  for (const { name } of slots) empty[name] = null;
  return (bytes, start) => {
    const row = { ...empty };
    const end = start + bytes.readInt32LE(start) - 1;
    let at = start + 4;
    let expected = 0;
    while (at < end) {
      const type = bytes[at++]!;
      let place = expected;
      // Documents that we wrote have the entity's order, with gaps where there are nulls.
      const last = Math.min(expected + 3, slots.length);
      while (place < last && !startsWith(bytes, at, slots[place]!.key)) place++;
      if (place === last) {
        const nameTo = bson.nameEnd(bytes, at);
        const found = places.get(bytes.toString('utf8', at, nameTo));
        if (found === undefined) {
          at = bson.skip(bytes, type, nameTo + 1);
          continue;
        }
        place = found;
      }
      const slot = slots[place]!;
      expected = place + 1;
      at += slot.key.length;
      if (!bson.isNullish(type)) row[slot.name] = slot.read(bytes, type, at);
      at = bson.skip(bytes, type, at);
    }
    return row;
  };
}

function startsWith(bytes: Buffer, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** The reader of one field's value, whatever document it is in. */
export function valueReader(field: FieldModel, entity: string): ReadValue {
  const refuse = (type: number): never => {
    throw new SchemaError(
      `\`${field.path}\` of \`${entity}\` holds a BSON ${bson.typeNameOf(type)} in a stored document, where ${field.kind} was expected: correct the document, or declare the field as what it is`,
    );
  };
  const textOf: ReadValue = (bytes, type, at) => (type === bson.TEXT ? bson.readText(bytes, at) : refuse(type));
  switch (field.kind) {
    case 'integer':
    case 'real':
      return (bytes, type, at) => readNumber(bytes, type, at, field.kind === 'integer') ?? refuse(type);
    case 'bigint':
      return (bytes, type, at) => readBigint(bytes, type, at) ?? refuse(type);
    case 'decimal':
      return (bytes, type, at) => {
        const text = type === bson.DECIMAL128 ? bson.readDecimal(bytes, at) : readPlainNumber(bytes, type, at);
        return text ?? refuse(type);
      };
    case 'boolean':
      return (bytes, type, at) => (type === bson.BOOLEAN ? bytes[at] === 1 : refuse(type));
    case 'uuid':
      return (bytes, type, at) =>
        type === bson.BINARY && bson.isUuid(bytes, at) ? bson.readUuid(bytes, at) : refuse(type);
    case 'objectId':
      return (bytes, type, at) => (type === bson.OBJECT_ID ? bytes.toString('hex', at, at + 12) : refuse(type));
    case 'timestamp':
      return (bytes, type, at) => (type === bson.DATE ? bson.readDate(bytes, at) : refuse(type));
    case 'binary':
      return (bytes, type, at) => (type === bson.BINARY ? bson.readBinary(bytes, at) : refuse(type));
    case 'geoPoint':
      return (bytes, type, at) => (type === bson.DOCUMENT ? bson.readDocument(bytes, at) : refuse(type));
    case 'json':
      return bson.readAny;
    case 'list':
      return listReader(valueReader(field.item!, entity), refuse);
    case 'object': {
      const read = documentReader(field.fields!, (each) => each.name, entity);
      return (bytes, type, at) => (type === bson.DOCUMENT ? read(bytes, at) : refuse(type));
    }
    default:
      return textOf;
  }
}

function listReader(read: ReadValue, refuse: (type: number) => never): ReadValue {
  return (bytes, type, at) => {
    if (type !== bson.ARRAY) refuse(type);
    const items: Value[] = [];
    bson.eachElement(bytes, at, (itemType, _, __, itemAt) => {
      if (!bson.isNullish(itemType)) items.push(read(bytes, itemType, itemAt));
    });
    return items;
  };
}

function readNumber(bytes: Buffer, type: number, at: number, whole: boolean): number | null {
  switch (type) {
    case bson.INT32:
      return bytes.readInt32LE(at);
    case bson.DOUBLE: {
      const value = bytes.readDoubleLE(at);
      return !whole || Number.isSafeInteger(value) ? value : null;
    }
    case bson.INT64: {
      const value = bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
      return !whole || Number.isSafeInteger(value) ? value : null;
    }
    default:
      return null;
  }
}

function readBigint(bytes: Buffer, type: number, at: number): bigint | null {
  if (type === bson.INT64) return bytes.readBigInt64LE(at);
  const value = readNumber(bytes, type, at, true);
  return value === null ? null : BigInt(value);
}

function readPlainNumber(bytes: Buffer, type: number, at: number): string | null {
  if (type === bson.INT64) return String(bytes.readBigInt64LE(at));
  const value = readNumber(bytes, type, at, false);
  return value === null ? null : canonicalDecimal(String(value));
}
