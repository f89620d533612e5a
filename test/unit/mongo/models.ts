import * as Mongodb from 'mongodb';
import type { BsonTypes } from '../../../src/mongo/client.js';
import { Names } from '../../../src/mongo/names.js';
import { geoPoint, json, list, object } from '../../../src/schema/composites.js';
import { entity, modelOf } from '../../../src/schema/entity.js';
import { index } from '../../../src/schema/index-spec.js';
import type { EntityModel, FieldModel } from '../../../src/schema/model.js';
import { bigint, decimal, integer, real } from '../../../src/schema/numbers.js';
import { softDelete } from '../../../src/schema/presets.js';
import { binary, boolean, date, enumOf, objectId, timestamp, uuid } from '../../../src/schema/scalars.js';
import { text } from '../../../src/schema/text.js';

export const bson: BsonTypes = Mongodb;

/** Every kind of field, and every kind of index. */
export const Thing: EntityModel = modelOf(
  entity(
    'shop.things',
    {
      id: uuid().primaryKey(),
      email: text().max(50).unique(),
      handle: text().min(2).max(40).optional().unique(),
      age: integer().min(0).max(150).optional(),
      visits: integer().default(0),
      ratio: real().optional(),
      big: bigint().optional(),
      price: decimal(4, 2).optional(),
      role: enumOf('user', 'admin').optional(),
      active: boolean().optional(),
      at: timestamp().optional(),
      day: date().optional(),
      owner: objectId().optional(),
      bytes: binary().optional(),
      place: geoPoint().optional(),
      data: json().optional(),
      tags: list(text()).max(3).optional(),
      scores: list(integer()).optional(),
      profile: object({ bio: text().optional(), deep: object({ count: integer().optional() }).optional() }).optional(),
      renamed: text().column('other').optional(),
      ...softDelete(),
    },
    {
      indexes: [
        index('role', 'active'),
        index({ at: 'desc' }).where({ deletedAt: null }),
        index.geo('place'),
        index.ttl('at', '90s').named('gone'),
      ],
      search: { email: 'A', 'profile.bio': 'C' },
    },
  ),
);

export const names: Names = new Names(Thing, 'as-written');

export function field(path: string): FieldModel {
  const found = Thing.paths.get(path);
  if (found === undefined) throw new RangeError(`No field ${path}`);
  return found;
}

/** A document as the server would answer it: BSON values as text that shows their types. */
export function shown(value: unknown): string {
  return Mongodb.BSON.EJSON.stringify(value as object, { relaxed: false });
}
