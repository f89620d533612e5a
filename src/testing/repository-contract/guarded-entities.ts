import { geoPoint } from '../../schema/composites.js';
import { entity } from '../../schema/entity.js';
import { index } from '../../schema/index-spec.js';
import { integer } from '../../schema/numbers.js';
import { softDelete, timestamps, versioned } from '../../schema/presets.js';
import { uuid } from '../../schema/scalars.js';
import { text } from '../../schema/text.js';
import type { AnyEntity } from '../../schema/types.js';

/** Rows of tenants: one unique set has the tenant in it, one unique field is for all of them. */
export const Parcel: AnyEntity = entity(
  'contract_parcels',
  {
    id: uuid().primaryKey(),
    tenant: text().trim().max(40).generated(),
    code: text().max(40),
    label: text().max(40).optional().unique(),
    weight: integer().default(0),
    holder: text().max(100).optional(),
    spot: geoPoint().optional(),
    ...softDelete(),
    ...versioned(),
  },
  { unique: [['tenant', 'code']], indexes: [index.geo('spot')], search: { code: 'A', label: 'B' } },
);

/** The same without soft delete; the tenant may be left out. */
export const Crate: AnyEntity = entity(
  'contract_crates',
  {
    id: uuid().primaryKey(),
    tenant: text().max(40).optional(),
    code: text().max(40),
    label: text().max(40).optional().unique(),
    weight: integer().default(0),
    holder: text().max(100).optional(),
    spot: geoPoint().optional(),
  },
  { unique: [['tenant', 'code']], indexes: [index.geo('spot')], search: { code: 'A', label: 'B' } },
);

/** What hooks fill and change: a slug, a hidden hash that is longer than a password may be, a text with a pattern. */
export const Writer: AnyEntity = entity('contract_writers', {
  id: uuid().primaryKey(),
  name: text()
    .trim()
    .lowercase()
    .max(20)
    .check((name) => !name.includes(' '))
    .unique(),
  slug: text().max(40).unique().generated(),
  password: text().min(8).max(12).hidden(),
  pin: text().max(4).hidden().optional(),
  level: integer().min(0).max(5).default(1),
  ...timestamps(),
  ...softDelete(),
});
