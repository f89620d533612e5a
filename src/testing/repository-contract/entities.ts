import { geoPoint, json, list, object } from '../../schema/composites.js';
import { entity } from '../../schema/entity.js';
import { index } from '../../schema/index-spec.js';
import { softDelete, timestamps, versioned } from '../../schema/presets.js';
import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  enumOf,
  integer,
  real,
  text,
  timestamp,
  uuid,
} from '../../schema/scalars.js';
import type { AnyEntity } from '../../schema/types.js';

const COLORS = ['amber', 'blue', 'coral'] as const;

/** Every kind of field, optional, at the top, in an object, in an object within it and in lists. */
export const Sample: AnyEntity = entity('contract_samples', {
  id: uuid().primaryKey(),
  label: text(),
  note: text().optional(),
  color: enumOf(...COLORS).optional(),
  flag: boolean().optional(),
  count: integer().optional(),
  ratio: real().optional(),
  big: bigint().optional(),
  amount: decimal().optional(),
  at: timestamp().optional(),
  day: date().optional(),
  ref: uuid().optional(),
  bytes: binary().optional(),
  place: geoPoint().optional(),
  data: json().optional(),
  tags: list(text()).optional(),
  scores: list(integer()).optional(),
  times: list(timestamp()).optional(),
  amounts: list(decimal()).optional(),
  refs: list(uuid()).optional(),
  steps: list(object({ name: text(), at: timestamp().optional(), cost: decimal().optional() })).optional(),
  detail: object({
    note: text().optional(),
    color: enumOf(...COLORS).optional(),
    flag: boolean().optional(),
    count: integer().optional(),
    ratio: real().optional(),
    big: bigint().optional(),
    amount: decimal().optional(),
    at: timestamp().optional(),
    day: date().optional(),
    ref: uuid().optional(),
    tags: list(text()).optional(),
    inner: object({ count: integer().optional(), note: text().optional() }).optional(),
  }).optional(),
  settings: object({ theme: text().default('light'), size: integer().default(12) }),
});

/** Soft delete, version, timestamps, unique fields and sets, a hidden and a computed field, transforms and defaults. */
export const Account: AnyEntity = entity(
  'contract_accounts',
  {
    id: uuid().primaryKey(),
    email: text().trim().lowercase().email().unique(),
    handle: text().max(40).optional().unique(),
    secret: text().hidden().optional(),
    nickname: text().max(40).optional(),
    balance: integer().min(0).max(1_000_000).default(0),
    roles: list(text()).default(() => ['user']),
    tenant: text().max(40).optional(),
    number: integer().optional(),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
  },
  {
    unique: [['tenant', 'number']],
    computed: { title: (row: { nickname: string | null; email: string }) => `${row.nickname} <${row.email}>` },
  },
);

/** A composite key. */
export const Member: AnyEntity = entity(
  'contract_members',
  { group: integer(), user: integer(), role: text().optional() },
  { primaryKey: ['group', 'user'] },
);

/** A text key that is not called `id`. */
export const Ticket: AnyEntity = entity('contract_tickets', {
  code: text().max(100).primaryKey(),
  title: text().optional(),
});

/** A bigint key. */
export const Numbered: AnyEntity = entity('contract_numbered', {
  number: bigint().primaryKey(),
  title: text().optional(),
});

/** Unique values of several kinds, required and optional, alone and in a set. */
export const Slot: AnyEntity = entity(
  'contract_slots',
  {
    id: uuid().primaryKey(),
    code: text().max(100).unique(),
    handle: text().max(100).optional().unique(),
    amount: decimal().optional().unique(),
    big: bigint().optional().unique(),
    at: timestamp().optional().unique(),
    ref: uuid().optional().unique(),
    ratio: real().optional().unique(),
    room: text().max(100).optional(),
    seat: integer().optional(),
    rank: integer().optional(),
  },
  { unique: [['room', 'seat']] },
);

/** Every bound that update operators can break. */
export const Box: AnyEntity = entity('contract_boxes', {
  id: uuid().primaryKey(),
  note: text().optional(),
  amount: integer().min(0).max(10),
  weight: real().min(0).max(100).optional(),
  price: decimal(4, 2).min(0).max(50).optional(),
  total: bigint().min(0n).optional(),
  names: list(text()).min(1).max(3).optional(),
  inside: object({ level: integer().max(10).optional() }).optional(),
  slot: object({
    shelf: integer().min(1),
    note: text().optional(),
    deep: object({ code: text(), count: integer().optional() }).optional(),
  }).optional(),
});

/** Names that are words of a query language, a name in camel case, and a column with a name of its own. */
export const Word: AnyEntity = entity('contract.words', {
  user: uuid().primaryKey(),
  order: integer().unique(),
  select: text().optional(),
  camelCase: text().optional(),
  renamed: text().column('table').optional(),
  group: object({ where: text(), from: integer().optional() }).optional(),
});

/** Two views of one table: what one names and the other does not. */
export const Narrow: AnyEntity = entity('contract_views', {
  id: uuid().primaryKey(),
  name: text(),
  inside: object({ a: integer().optional() }).optional(),
});

export const Wide: AnyEntity = entity(
  'contract_views',
  {
    id: uuid().primaryKey(),
    name: text().max(100),
    extra: text().max(100).optional(),
    code: text().max(20).optional().unique(),
    inside: object({ a: integer().optional(), b: text().optional() }).optional(),
  },
  { indexes: [index('name').where({ extra: 'x' }).named('contract_views_partial')] },
);

/** What a search looks through: weights that differ, an optional text, one in an object; and what it must not look through. */
export const Article: AnyEntity = entity(
  'contract_articles',
  {
    id: uuid().primaryKey(),
    label: text(),
    title: text(),
    body: text().optional(),
    about: object({ author: text().optional(), rating: integer().optional() }).optional(),
    notes: text().optional(),
    secret: text().hidden().optional(),
    ...softDelete(),
  },
  {
    search: { title: 'A', body: 'C', 'about.author': 'D' },
    computed: { heading: (row: { title: string; label: string }) => `${row.label}: ${row.title}` },
  },
);
