import type { FieldModel, Value } from '../schema/model.js';
import type { BsonTypes, Document } from './client.js';

/** From a canonical value, never null, to what the driver stores. */
export type Encode = (value: Value) => unknown;

const MAX_INT32 = 0x7fff_ffff;
const UUID_SUBTYPE = 4;

/**
 * The encoder of a field. A bare number never reaches the driver where a field is numeric: it would store 2^31 as a double,
 * and sums of doubles drift.
 */
export function encoderOf(field: FieldModel, bson: BsonTypes): Encode {
  const { Binary, Decimal128, Double, Int32, Long, ObjectId } = bson;
  switch (field.kind) {
    case 'integer':
      return (value) =>
        Math.abs(value as number) <= MAX_INT32 ? new Int32(value as number) : Long.fromNumber(value as number);
    case 'real':
      return (value) => new Double(value as number);
    case 'bigint':
      return (value) => Long.fromBigInt(value as bigint);
    case 'decimal':
      return (value) => Decimal128.fromString(value as string);
    case 'uuid':
      return (value) => new Binary(Buffer.from((value as string).replaceAll('-', ''), 'hex'), UUID_SUBTYPE);
    case 'objectId':
      return (value) => new ObjectId(value as string);
    case 'binary':
      return (value) => new Binary(value as Uint8Array);
    case 'geoPoint':
      return (value) => {
        const { coordinates } = value as { readonly coordinates: readonly number[] };
        return { type: 'Point', coordinates: coordinates.map((each) => new Double(each)) };
      };
    case 'json':
      return encodeJson;
    case 'list': {
      const encode = encoderOf(field.item!, bson);
      return (value) => (value as readonly Value[]).map(encode);
    }
    case 'object':
      return objectEncoder(field.fields!, (each) => each.name, bson);
    default:
      return (value) => value;
  }
}

/** From an object with canonical values to a document without its nulls, keys in the order of declaration. */
export function objectEncoder(
  fields: readonly FieldModel[],
  nameOf: (field: FieldModel) => string,
  bson: BsonTypes,
): (value: Value) => Document {
  const parts = fields.map((field) => ({ from: field.name, to: nameOf(field), encode: encoderOf(field, bson) }));
  return (value) => {
    const document: Document = {};
    for (const { from, to, encode } of parts) {
      const each = (value as Document)[from];
      // A stored null breaks `$inc`, `$push` and nested `$set`, and collides in a unique set: no value is no key.
      if (each !== null && each !== undefined) document[to] = encode(each);
    }
    return document;
  };
}

/**
 * JSON is stored as it is, nulls too. The driver takes an object with an own `_bsontype` for one of its own classes, and an
 * assignment to `__proto__` would be lost: such an object travels as a Map, which has neither trap.
 */
function encodeJson(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encodeJson);
  const entries = Object.entries(value).map(([key, each]) => [key, encodeJson(each)] as const);
  const special = Object.hasOwn(value, '_bsontype') || Object.hasOwn(value, '__proto__');
  return special ? new Map(entries) : Object.fromEntries(entries);
}
