import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { NearCommand } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { distanceBetween, type Position } from '../../../src/util/sphere.js';
import { type Defect, defect, type Fault, freshShape, valueAt } from './planted.js';

type Measure = (from: Position, to: Position) => number;

const METRES_OF_DEGREE = 111_318.845;

/** A fault in what is asked for. */
function asked(change: (command: NearCommand) => Partial<NearCommand>): Fault {
  return {
    command: (command) => (command.kind === 'near' ? { ...command, ...change(command), shape: freshShape() } : command),
  };
}

/** A fault in the rows that come back. */
function told(change: (rows: StoredRow[], command: NearCommand) => StoredRow[]): Fault {
  return {
    run: (command, memory) =>
      command.kind === 'near' ? memory.run<StoredRow[]>(command).then((rows) => change(rows, command)) : undefined,
  };
}

/** Measures in another way, and is right in all that follows from it. */
function measuring(measure: Measure): Fault {
  return {
    run: (command, memory) => (command.kind === 'near' ? remeasured(command, memory, measure) : undefined),
  };
}

async function remeasured(command: NearCommand, memory: MemoryDatabase, measure: Measure): Promise<StoredRow[]> {
  const { entity, field, origin, select, minDistance, maxDistance, limit, offset } = command;
  const whole = { minDistance: 0, maxDistance: Number.POSITIVE_INFINITY, limit: 10_000, offset: 0 };
  const rows = await memory.run<StoredRow[]>({ ...command, ...whole, select: entity.fields, shape: freshShape() });
  return rows
    .map((row) => ({ row, distance: measure(origin, valueAt(row, field.segments).coordinates) }))
    .filter(({ distance }) => distance >= minDistance && distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance)
    .slice(offset, offset + limit)
    .map(({ row, distance }) => ({ ...Object.fromEntries(select.map(({ name }) => [name, row[name]])), distance }));
}

export const nearDefects: readonly Defect[] = [
  defect(
    '`near` takes the latitude for the longitude',
    measuring(([a, b], [c, d]) => distanceBetween([b, a], [d, c])),
  ),
  defect(
    '`near` takes the latitude of its point for the longitude',
    asked(({ origin: [longitude, latitude] }) => ({ origin: [latitude, longitude] })),
  ),
  defect(
    '`near` does not go over the date line',
    measuring((from, to) => {
      const real = distanceBetween(from, to);
      return Math.abs(from[0] - to[0]) > 180 ? 40_074_784 - real : real;
    }),
  ),
  defect(
    '`near` measures on a plane',
    measuring(([a, b], [c, d]) => METRES_OF_DEGREE * Math.hypot(a - c, b - d)),
  ),
  defect(
    '`near` measures on a plane, with degrees of longitude as they are at its point',
    measuring(([a, b], [c, d]) => METRES_OF_DEGREE * Math.hypot((a - c) * Math.cos((b * Math.PI) / 180), b - d)),
  ),
  defect(
    '`near` measures on a sphere of another size',
    measuring((from, to) => (distanceBetween(from, to) * 6_371_008.8) / 6_378_100),
  ),
  defect(
    '`near` tells kilometres',
    told((rows) => rows.map((row) => ({ ...row, distance: (row['distance'] as number) / 1000 }))),
  ),
  defect(
    '`near` takes its bounds for kilometres',
    asked(({ minDistance, maxDistance }) => ({
      minDistance: minDistance * 1000,
      maxDistance: maxDistance * 1000,
    })),
  ),
  defect(
    '`near` leaves out the rows on its greatest distance',
    told((rows, { maxDistance }) => rows.filter((row) => (row['distance'] as number) < maxDistance)),
  ),
  defect(
    '`near` leaves out the rows on its least distance',
    told((rows, { minDistance }) =>
      rows.filter((row) => minDistance === 0 || (row['distance'] as number) > minDistance),
    ),
  ),
  defect(
    '`near` ignores its least distance',
    asked(() => ({ minDistance: 0 })),
  ),
  defect(
    '`near` gives rows that are equally far against the order of their keys',
    asked(({ orderBy }) => ({ orderBy: orderBy.map(({ field }) => ({ field, direction: 'desc' })) })),
  ),
  defect(
    '`near` ignores its filter',
    asked(({ entity }) => ({ where: { op: 'isNull', field: entity.deletedAt! } })),
  ),
  defect(
    '`near` sees deleted rows',
    asked(({ where }) => ({
      where: where.op === 'isNull' ? { op: 'and', clauses: [] } : where,
    })),
  ),
  defect(
    '`near` gives the farthest rows',
    told((rows) => rows.toReversed()),
  ),
  defect(
    '`near` ignores its offset',
    asked(() => ({ offset: 0 })),
  ),
];
