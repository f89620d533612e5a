import {
  bigserial,
  decimal,
  entity,
  enumOf,
  type Insert,
  index,
  integer,
  objectId,
  type Row,
  text,
  timestamps,
  uuid,
  versioned,
} from 'trivet';

/** What every entity of this service has. */
export const owned = {
  tenant: text().max(40).generated(),
  changedBy: text().max(40).generated(),
  ...timestamps(),
};

/** Kept on both engines. */
export const Project = entity(
  'projects',
  {
    id: uuid().primaryKey(),
    slug: text().trim().lowercase().max(80),
    title: text().trim().min(1).max(200),
    state: enumOf('open', 'closed').default('open'),
    visits: integer().min(0).default(0),
    ...owned,
    ...versioned(),
  },
  { unique: [['tenant', 'slug']], indexes: [index({ createdAt: 'desc' })] },
);
export type Project = Row<typeof Project>;
export type ProjectDraft = Insert<typeof Project>;

/** Keyed by what only MongoDB makes. */
export const Visit = entity('visits', {
  id: objectId().primaryKey(),
  projectId: uuid(),
  path: text().max(200),
  ...owned,
});
export type Visit = Row<typeof Visit>;

/** Keyed by what only PostgreSQL makes. */
export const Invoice = entity('invoices', {
  id: bigserial().primaryKey(),
  projectId: uuid(),
  amount: decimal(12, 2),
  ...owned,
});
export type Invoice = Row<typeof Invoice>;
