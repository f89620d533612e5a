import type { ParentCount } from '../query/command.js';
import { copyOf } from '../schema/copy.js';
import type { FieldModel, Value } from '../schema/model.js';
import type { Entry } from './table.js';
import { type Identity, identifier, reader } from './values.js';

/** At most `limit` rows of each value, in the order in which they come. */
export function firstOfEach(entries: readonly Entry[], field: FieldModel, limit: number): Entry[] {
  const read = reader(field);
  const identify = identifier(field);
  const taken = new Map<Identity, number>();
  return entries.filter(({ row }) => {
    const identity = identify(read(row));
    const count = taken.get(identity) ?? 0;
    taken.set(identity, count + 1);
    return count < limit;
  });
}

/** How many rows have each value. */
export function countBy(entries: readonly Entry[], field: FieldModel): ParentCount[] {
  const read = reader(field);
  const identify = identifier(field);
  const counts = new Map<Identity, { value: Value; count: number }>();
  for (const { row } of entries) {
    const value = read(row);
    const known = counts.get(identify(value));
    if (known === undefined) counts.set(identify(value), { value: copyOf(field, value), count: 1 });
    else known.count++;
  }
  return [...counts.values()];
}
