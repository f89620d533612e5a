import type { FieldModel } from '../schema/model.js';
import type { Entry } from './table.js';
import { type Identity, identityOf, reader } from './values.js';

/** At most `limit` rows of each value, in the order in which they come. */
export function firstOfEach(entries: readonly Entry[], field: FieldModel, limit: number): Entry[] {
  const read = reader(field);
  const identify = identityOf(field);
  const taken = new Map<Identity, number>();
  return entries.filter(({ row }) => {
    const identity = identify(read(row));
    const count = taken.get(identity) ?? 0;
    taken.set(identity, count + 1);
    return count < limit;
  });
}
