import type { EntityModel, FieldModel } from '../schema/model.js';
import type { BsonTypes, Document } from './client.js';
import { encoderOf } from './fields.js';
import type { Names } from './names.js';

/**
 * What the server refuses by itself: wrong types, missing fields, and the bounds that update operators can break. Fields that
 * the entity does not name are left alone.
 */
export function validatorOf(entity: EntityModel, names: Names, bson: BsonTypes): Document {
  return { $jsonSchema: objectSchema(entity.fields, (field) => names.top(field), bson) };
}

function objectSchema(fields: readonly FieldModel[], nameOf: (field: FieldModel) => string, bson: BsonTypes): Document {
  const properties: Document = {};
  for (const field of fields) {
    const schema = schemaOf(field, bson);
    if (Object.keys(schema).length > 0) properties[nameOf(field)] = schema;
  }
  const required = fields.filter((field) => !field.optional).map(nameOf);
  return {
    bsonType: 'object',
    // An empty list is no schema.
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

function schemaOf(field: FieldModel, bson: BsonTypes): Document {
  const { min, max } = field.bounds;
  switch (field.kind) {
    case 'text':
      // Of a hidden text the length is a rule for what is given: a hook may store a hash of it.
      if (field.hidden) return { bsonType: 'string' };
      return {
        bsonType: 'string',
        ...limits(min, max, 'minLength', 'maxLength', (value) => new bson.Int32(value as number)),
      };
    case 'date':
      return { bsonType: 'string' };
    case 'enum':
      return { enum: [...field.values!] };
    case 'uuid':
    case 'binary':
      return { bsonType: 'binData' };
    case 'objectId':
      return { bsonType: 'objectId' };
    case 'boolean':
      return { bsonType: 'bool' };
    case 'timestamp':
      return { bsonType: 'date' };
    case 'integer': {
      // Beyond these no number of JavaScript is exact, and an increment would get there.
      const bounds = [min ?? Number.MIN_SAFE_INTEGER, max ?? Number.MAX_SAFE_INTEGER] as const;
      return { bsonType: ['int', 'long'], ...numberLimits(field, bounds, bson) };
    }
    case 'real': {
      // An increment can reach infinity.
      const bounds = [min ?? -Number.MAX_VALUE, max ?? Number.MAX_VALUE] as const;
      return { bsonType: 'double', ...numberLimits(field, bounds, bson) };
    }
    case 'bigint':
      return { bsonType: 'long', ...numberLimits(field, [min, max], bson) };
    case 'decimal':
      return { bsonType: 'decimal', ...numberLimits(field, decimalBounds(field), bson) };
    case 'geoPoint':
      return {
        bsonType: 'object',
        required: ['type', 'coordinates'],
        properties: {
          type: { enum: ['Point'] },
          coordinates: {
            bsonType: 'array',
            minItems: new bson.Int32(2),
            maxItems: new bson.Int32(2),
            items: { bsonType: 'number' },
          },
        },
      };
    case 'json':
      return {};
    case 'list':
      return {
        bsonType: 'array',
        ...limits(min, max, 'minItems', 'maxItems', (value) => new bson.Int32(value as number)),
        items: schemaOf(field.item!, bson),
      };
    case 'object':
      return objectSchema(field.fields!, (each) => each.name, bson);
  }
}

type Bound = FieldModel['bounds']['min'];

/** `decimal(4, 2)` goes from -99.99 to 99.99. */
function decimalBounds({ bounds }: FieldModel): readonly [Bound, Bound] {
  const { min, max, precision, scale = 0 } = bounds;
  if (precision === undefined) return [min, max];
  const whole = '9'.repeat(precision - scale) || '0';
  const most = scale === 0 ? whole : `${whole}.${'9'.repeat(scale)}`;
  return [min ?? `-${most}`, max ?? most];
}

function numberLimits(field: FieldModel, [min, max]: readonly [Bound, Bound], bson: BsonTypes): Document {
  return limits(min, max, 'minimum', 'maximum', encoderOf(field, bson));
}

function limits(min: Bound, max: Bound, low: string, high: string, encode: (value: unknown) => unknown): Document {
  return { ...(min !== undefined && { [low]: encode(min) }), ...(max !== undefined && { [high]: encode(max) }) };
}
