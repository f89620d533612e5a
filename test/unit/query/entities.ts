import {
  bigint,
  binary,
  boolean,
  decimal,
  entity,
  enumOf,
  geoPoint,
  integer,
  json,
  list,
  object,
  real,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from 'trivet';
import type { Parsing } from '../../../src/query/parsing.js';

/** One field of each kind, required and optional where a rule tells them apart. */
export const Thing = entity('things', {
  id: uuid().primaryKey(),
  name: text().lowercase(),
  title: text().max(5).optional(),
  kind: enumOf('a', 'b'),
  age: integer().min(0).optional(),
  score: real().optional(),
  total: bigint().default(0n),
  price: decimal(10, 2).optional(),
  active: boolean().default(true),
  seenAt: timestamp().optional(),
  tags: list(text()).default([]),
  notes: list(text()).optional(),
  boxes: list(object({ n: integer() })).default([]),
  place: geoPoint().optional(),
  data: json().optional(),
  bytes: binary().optional(),
  profile: object({ city: text(), zip: text().optional(), deep: object({ n: integer().optional() }).optional() }),
  more: object({ note: text() }).optional(),
  ...timestamps(),
  ...versioned(),
});

export function parsing(): Parsing {
  return { entity: Thing['~model'], values: [], issues: [] };
}
