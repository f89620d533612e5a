import type { EntityModel, FieldModel, IndexModel, IndexTest } from '../schema/model.js';
import type { BsonTypes, Document } from './client.js';
import { encoderOf } from './fields.js';
import type { Names } from './names.js';

/** An index as `createIndexes` takes it. */
export interface IndexSpec extends Document {
  readonly name: string;
  readonly key: Document;
}

const WEIGHTS = { A: 10, B: 4, C: 2, D: 1 } as const;

/** Every index that an entity needs beside the one on `_id`, which the server makes by itself. */
export function indexesOf(entity: EntityModel, names: Names, bson: BsonTypes): IndexSpec[] {
  const indexes: IndexSpec[] = [];
  if (entity.key.length > 1) {
    indexes.push({ name: names.constraint([], 'pkey'), key: ascending(entity.key, names), unique: true });
  }
  for (const set of entity.unique) indexes.push(uniqueIndex(entity, set, names, bson));
  for (const index of entity.indexes) indexes.push(declaredIndex(entity, index, names, bson));
  return indexes;
}

function ascending(fields: readonly FieldModel[], names: Names): Document {
  return Object.fromEntries(fields.map((field) => [names.path(field), 1]));
}

/**
 * Rows without one of the values are not in the index, so that any number of them may be; nor are deleted rows. The filter of
 * a read, `deletedAt` equal to null, is word for word the index's, or the planner would not use it.
 */
function uniqueIndex(entity: EntityModel, set: readonly FieldModel[], names: Names, bson: BsonTypes): IndexSpec {
  const tests: IndexTest[] = set
    .filter((field) => field.nullable)
    .map((field) => ({ field, op: 'isNotNull', value: null }));
  if (entity.deletedAt !== null) tests.push({ field: entity.deletedAt, op: 'isNull', value: null });
  const name = names.constraint(set, 'key');
  return { name, key: ascending(set, names), unique: true, ...partial(tests, names, bson) };
}

function declaredIndex(entity: EntityModel, index: IndexModel, names: Names, bson: BsonTypes): IndexSpec {
  const fields = index.parts.map((part) => part.field);
  const only = partial(index.only, names, bson);
  switch (index.kind) {
    case 'search': {
      const weights = index.parts.map(({ field, weight = 'D' }) => [names.path(field), WEIGHTS[weight]] as const);
      return {
        name: index.name ?? names.constraint(fields, 'search_idx'),
        key: Object.fromEntries(fields.map((field) => [names.path(field), 'text'])),
        weights: Object.fromEntries(weights),
        default_language: 'none',
        // A field `language` of the entity would be taken for the language of its texts, and refused where it is none.
        language_override: '_language',
        ...only,
      };
    }
    case 'geo':
      return {
        name: index.name ?? names.constraint(fields, 'geo_idx'),
        key: Object.fromEntries(
          index.parts.map(({ field, direction }) => [
            names.path(field),
            field.kind === 'geoPoint' ? '2dsphere' : sign(direction),
          ]),
        ),
        ...only,
      };
    case 'unique':
      return { ...uniqueIndex(entity, fields, names, bson), ...(index.name !== null && { name: index.name }) };
    default:
      return {
        name: index.name ?? names.constraint(fields, 'idx'),
        key: orderedKey(entity, index, names),
        ...(index.kind === 'ttl' && { expireAfterSeconds: Math.ceil((index.after ?? 0) / 1000) }),
        ...only,
      };
  }
}

/**
 * The declared parts, and the primary key behind them where the index can serve an order: the key breaks ties, and the server
 * has no sort that finishes an order which an index began.
 */
function orderedKey(entity: EntityModel, { kind, parts }: IndexModel, names: Names): Document {
  const key: Document = {};
  for (const { field, direction } of parts) key[names.path(field)] = sign(direction);
  if (kind === 'ttl' || parts.some(({ field }) => field.kind === 'list')) return key;
  const last = sign(parts.at(-1)!.direction);
  for (const field of entity.key) key[names.path(field)] ??= last;
  return key;
}

function sign(direction: 'asc' | 'desc'): 1 | -1 {
  return direction === 'asc' ? 1 : -1;
}

function partial(tests: readonly IndexTest[], names: Names, bson: BsonTypes): Document {
  if (tests.length === 0) return {};
  const parts = tests.map((test) => ({ [names.path(test.field)]: testOf(test, bson) }));
  const paths = new Set(tests.map((test) => test.field));
  return { partialFilterExpression: paths.size === tests.length ? Object.assign({}, ...parts) : { $and: parts } };
}

function testOf({ field, op, value }: IndexTest, bson: BsonTypes): Document {
  if (op === 'isNotNull') return { $exists: true };
  if (op === 'isNull') return { $eq: null };
  return { [`$${op}`]: encoderOf(field, bson)(value) };
}
