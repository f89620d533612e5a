import { list, object } from '../../../src/schema/composites.js';
import { entity } from '../../../src/schema/entity.js';
import { fenced, softDelete, timestamps, versioned } from '../../../src/schema/presets.js';
import {
  bigint,
  boolean,
  date,
  decimal,
  enumOf,
  integer,
  real,
  text,
  timestamp,
  uuid,
} from '../../../src/schema/scalars.js';
import type { AnyEntity } from '../../../src/schema/types.js';

const shared = {
  id: uuid().primaryKey(),
  k: text().max(20).optional().unique(),
  n: integer().optional(),
  r: real().optional(),
  s: text().optional(),
  b: boolean(),
  c: enumOf('x', 'y', 'Z').optional(),
  t: timestamp().optional(),
  day: date().optional(),
  dec: decimal().optional(),
  big: bigint().optional(),
  u: uuid().optional(),
  tags: list(text()).optional(),
  nums: list(integer()).optional(),
  o: object({
    x: integer().optional(),
    y: text().optional(),
    d: decimal().optional(),
    f: real().optional(),
    g: bigint().optional(),
    at: timestamp().optional(),
    l: list(text()).optional(),
    p: object({ q: integer().optional(), w: text().optional() }).optional(),
  }).optional(),
};

/** Rows that are really deleted. */
export const Thing: AnyEntity = entity('fuzz_things', shared, { unique: [['c', 'day']] });

/** The same fields, deleted softly, versioned, fenced, with times. */
export const Item: AnyEntity = entity(
  'fuzz_items',
  { ...shared, ...timestamps(), ...softDelete(), ...versioned(), ...fenced() },
  { unique: [['c', 'day']] },
);

export type FieldType =
  | 'integer'
  | 'real'
  | 'text'
  | 'boolean'
  | 'enum'
  | 'timestamp'
  | 'date'
  | 'decimal'
  | 'bigint'
  | 'uuid'
  | 'texts'
  | 'integers'
  | 'object';

/** The type of every path of both entities. */
export const PATHS: Readonly<Record<string, FieldType>> = {
  id: 'uuid',
  k: 'text',
  n: 'integer',
  r: 'real',
  s: 'text',
  b: 'boolean',
  c: 'enum',
  t: 'timestamp',
  day: 'date',
  dec: 'decimal',
  big: 'bigint',
  u: 'uuid',
  tags: 'texts',
  nums: 'integers',
  o: 'object',
  'o.x': 'integer',
  'o.y': 'text',
  'o.d': 'decimal',
  'o.f': 'real',
  'o.g': 'bigint',
  'o.at': 'timestamp',
  'o.l': 'texts',
  'o.p': 'object',
  'o.p.q': 'integer',
  'o.p.w': 'text',
};
