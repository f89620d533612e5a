import { conditionDefects } from './defects/conditions.js';
import { deletedDefects } from './defects/deleted.js';
import { fenceDefects } from './defects/fences.js';
import { groupDefects } from './defects/groups.js';
import { insertDefects } from './defects/inserts.js';
import { manyDefects } from './defects/many.js';
import { listDefects, textDefects } from './defects/matches.js';
import { nearDefects } from './defects/near.js';
import { orderDefects } from './defects/order.js';
import { pageDefects } from './defects/pages.js';
import type { Defect } from './defects/planted.js';
import { readDefects } from './defects/reads.js';
import { relationDefects } from './defects/relations.js';
import { searchDefects } from './defects/searches.js';
import { updateDefects } from './defects/updates.js';
import { deleteDefects, guardDefects, upsertDefects } from './defects/upserts.js';
import { valueDefects } from './defects/values.js';

/** Engines that do one thing wrong each. */
export const plantedDefects: readonly Defect[] = [
  ...conditionDefects,
  ...textDefects,
  ...listDefects,
  ...orderDefects,
  ...pageDefects,
  ...readDefects,
  ...groupDefects,
  ...searchDefects,
  ...nearDefects,
  ...relationDefects,
  ...insertDefects,
  ...updateDefects,
  ...fenceDefects,
  ...upsertDefects,
  ...manyDefects,
  ...guardDefects,
  ...deleteDefects,
  ...deletedDefects,
  ...valueDefects,
];
