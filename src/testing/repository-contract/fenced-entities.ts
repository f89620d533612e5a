import { entity } from '../../schema/entity.js';
import { integer } from '../../schema/numbers.js';
import { fenced, softDelete, timestamps, versioned } from '../../schema/presets.js';
import { uuid } from '../../schema/scalars.js';
import { text } from '../../schema/text.js';
import type { AnyEntity } from '../../schema/types.js';

/** Rows that are written under a lock, beside all else that the library keeps of a row. */
export const Job: AnyEntity = entity('contract_jobs', {
  id: uuid().primaryKey(),
  name: text().max(40).unique(),
  tenant: text().max(40).default('me'),
  step: integer().default(0),
  note: text().optional(),
  ...timestamps(),
  ...softDelete(),
  ...versioned(),
  ...fenced(),
});

/** The same with a composite key, deleted for good, and nothing else. */
export const Share: AnyEntity = entity(
  'contract_shares',
  { job: integer(), part: integer(), done: integer().default(0), ...fenced() },
  { primaryKey: ['job', 'part'] },
);

/** Two views of one table: from before it was fenced, and from then on. */
export const Loose: AnyEntity = entity('contract_fences', { id: uuid().primaryKey(), step: integer() });
export const Tight: AnyEntity = entity('contract_fences', { id: uuid().primaryKey(), step: integer(), ...fenced() });
