import { list } from '../../schema/composites.js';
import { entity } from '../../schema/entity.js';
import { bigint, integer } from '../../schema/numbers.js';
import { softDelete } from '../../schema/presets.js';
import { text } from '../../schema/text.js';
import type { AnyEntity } from '../../schema/types.js';

/** Soft delete, a hidden and a computed field, a boss and friends who are people too. */
export const Person: AnyEntity = entity(
  'contract_people',
  {
    id: integer().primaryKey(),
    label: text(),
    secret: text().hidden().default('hidden'),
    bossId: integer().optional(),
    friendIds: list(integer()).default([]),
    ...softDelete(),
  },
  { computed: { loud: (row: { label: string }) => row.label.toUpperCase() } },
);

/** Each may have a person, by a `bigint`, where the person's own key is an `integer`. */
export const Memo: AnyEntity = entity('contract_memos', {
  id: integer().primaryKey(),
  label: text(),
  personId: bigint().optional(),
  rank: integer().optional(),
  tags: list(text()).default([]),
});

/** Rows between memos and people; nothing keeps a pair from being there twice. */
export const Liking: AnyEntity = entity('contract_likings', {
  id: integer().primaryKey(),
  memoId: integer().optional(),
  personId: integer().optional(),
  ...softDelete(),
});
