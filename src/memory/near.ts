import type { NearCommand } from '../query/command.js';
import { copyRow } from '../schema/copy.js';
import type { StoredRow } from '../schema/model.js';
import { distanceBetween, type Position } from '../util/sphere.js';
import { rowComparator } from './order.js';
import { reader } from './values.js';

/** Of the rows that fit the command's filter those that it asks for, copied. */
export function near(rows: readonly StoredRow[], command: NearCommand): StoredRow[] {
  const { field, origin, minDistance, maxDistance, orderBy, select, limit, offset } = command;
  const read = reader(field);
  const compare = rowComparator(orderBy)!;
  const found: { readonly row: StoredRow; readonly distance: number }[] = [];
  for (const row of rows) {
    const point = read(row) as { readonly coordinates: Position } | null;
    if (point === null) continue;
    const distance = distanceBetween(origin, point.coordinates);
    if (distance >= minDistance && distance <= maxDistance) found.push({ row, distance });
  }
  found.sort((a, b) => a.distance - b.distance || compare(a.row, b.row));
  return found.slice(offset, offset + limit).map(({ row, distance }) => ({ ...copyRow(row, select), distance }));
}
