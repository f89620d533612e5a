import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entity, type GeoPoint, geoPoint, index, integer, Repository } from '../../src/index.js';
import { clear, seed, threeEngines } from './fuzz/engines.js';

// What measuring every row tells, every engine tells. FC_SEED runs a failure again, FC_RUNS says how many datasets.
const numRuns = Number(process.env['FC_RUNS'] ?? 60);

const Spot = entity(
  'spots',
  { id: integer().primaryKey(), part: integer(), at: geoPoint().optional() },
  { indexes: [index.geo('at')] },
);
const { databases } = await threeEngines('near', [Spot]);
const repositories = databases.map((database) => new Repository(database as never, Spot));

type Degrees = readonly [longitude: number, latitude: number];

/** Half of the last digit that is told, and what two ways of computing may differ by. */
const ROUNDING = 0.0005 + 1e-6;
const RADIUS = 6_378_100;

function direction([longitude, latitude]: Degrees): [x: number, y: number, z: number] {
  const [along, up] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  return [Math.cos(up) * Math.cos(along), Math.cos(up) * Math.sin(along), Math.sin(up)];
}

/** By the angle between two directions: another way than that of the library. */
function measured(a: Degrees, b: Degrees): number {
  const [[x, y, z], [u, v, w]] = [direction(a), direction(b)];
  return RADIUS * Math.atan2(Math.hypot(y * w - z * v, z * u - x * w, x * v - y * u), x * u + y * v + z * w);
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true });
const within = (from: number, to: number) => fraction.map((part) => from + (to - from) * part);
const longitude = within(-180, 180);
/** A kilometre is about a hundredth of a degree. */
const small = within(0, 0.01);
const sign = fc.constantFrom(1, -1);

const degrees: fc.Arbitrary<Degrees> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(longitude, within(-90, 90)) },
  { weight: 2, arbitrary: fc.tuple(longitude, small, sign).map(([a, b, side]): Degrees => [a, side * (90 - b)]) },
  {
    weight: 2,
    arbitrary: fc.tuple(small, within(-90, 90), sign).map(([a, b, side]): Degrees => [side * (180 - a), b]),
  },
  { weight: 1, arbitrary: fc.tuple(small, small, sign).map(([a, b, side]): Degrees => [side * (180 - a), side * b]) },
  { weight: 1, arbitrary: fc.tuple(longitude, small, sign).map(([a, b, side]): Degrees => [a, side * b]) },
  { weight: 1, arbitrary: fc.tuple(small, small).map(([a, b]): Degrees => [13.4 + a, 52.5 + b]) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(-180, -90, 0, 90, 180), fc.constantFrom(-90, -45, 0, 45, 90)) },
);

const call = fc.record({
  origin: degrees,
  part: fc.option(fc.nat(2)),
  limit: fc.constantFrom(1, 2, 5, 20, 100),
  offset: fc.constantFrom(0, 0, 0, 1, 7),
  least: fc.option(fraction, { freq: 3 }),
  most: fc.option(fraction, { freq: 2 }),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

interface Row {
  readonly id: number;
  readonly part: number;
  readonly at: GeoPoint | null;
}

const counts = { calls: 0, rows: 0, cut: 0, bounded: 0, empty: 0 };

/** Bounds at rows that are there: what lies on one is the interesting case. */
function boundsOf(
  { least, most }: Call,
  distances: readonly number[],
): { min: number | undefined; max: number | undefined } {
  const at = (part: number | null) =>
    part === null || distances.length === 0 ? undefined : distances[Math.floor(part * (distances.length - 1))]!;
  const [min, max] = [at(least), at(most)];
  return min !== undefined && max !== undefined && min > max ? { min: max, max: min } : { min, max };
}

function check(
  given: readonly Row[],
  call: Call,
  bounds: ReturnType<typeof boundsOf>,
  told: readonly (Row & { distance: number })[],
): void {
  const real = new Map(given.map((row) => [row.id, measured(call.origin, row.at!.coordinates)]));
  const { min = 0, max = Number.POSITIVE_INFINITY } = bounds;
  for (const [i, { id, distance }] of told.entries()) {
    expect(Math.abs(distance - real.get(id)!)).toBeLessThan(ROUNDING);
    expect(distance >= min && distance <= max).toBe(true);
    const before = told[i - 1];
    if (before !== undefined)
      expect(before.distance < distance || (before.distance === distance && before.id < id)).toBe(true);
  }
  const all = [...real.values()].sort((a, b) => a - b);
  const sure = all.filter((each) => each >= min + ROUNDING && each <= max - ROUNDING).length;
  const possible = all.filter((each) => each >= min - ROUNDING && each <= max + ROUNDING);
  const page = (length: number) => Math.min(Math.max(length - call.offset, 0), call.limit);
  expect(told.length).toBeGreaterThanOrEqual(page(sure));
  expect(told.length).toBeLessThanOrEqual(page(possible.length));
  // The rows on the lower bound may be out: then each row is that much further on.
  const onBound = possible.filter((each) => each < min + ROUNDING).length;
  for (const [i, { distance }] of told.entries()) {
    expect(distance).toBeGreaterThanOrEqual(possible[call.offset + i]! - ROUNDING);
    expect(distance).toBeLessThanOrEqual((possible[call.offset + i + onBound] ?? Number.POSITIVE_INFINITY) + ROUNDING);
  }
  counts.calls++;
  counts.rows += told.length;
  if (told.length === call.limit) counts.cut++;
  if (told.length === 0) counts.empty++;
  if (bounds.min !== undefined || bounds.max !== undefined) counts.bounded++;
}

it('`near` finds on every engine what measuring every row finds, at the poles and at the date line too', async () => {
  const places = fc.array(fc.option(degrees, { freq: 10 }), { maxLength: 70, size: 'max' });
  const property = fc.asyncProperty(places, fc.array(call, { minLength: 4, maxLength: 4 }), async (ats, calls) => {
    const rows = ats.map(
      (coordinates, id): Row => ({ id, part: id % 3, at: coordinates && { type: 'Point', coordinates } }),
    );
    for (const [i, repository] of repositories.entries()) {
      await clear(databases[i]!, Spot);
      if (rows.length > 0) await repository.insertMany(rows);
    }
    for (const each of calls) {
      const { origin, part, limit, offset } = each;
      const given = rows.filter((row) => row.at !== null && (part === null || row.part === part));
      const point: GeoPoint = { type: 'Point', coordinates: origin };
      const where = part === null ? {} : { part };
      const [memory] = repositories;
      const every = await memory!.near('at', point, { where, limit: 100 });
      check(given, { ...each, limit: 100, offset: 0 }, { min: undefined, max: undefined }, every);
      const bounds = boundsOf(
        each,
        every.map(({ distance }) => distance),
      );
      const options = { where, limit, offset, minDistance: bounds.min, maxDistance: bounds.max };
      for (const repository of repositories) check(given, each, bounds, await repository.near('at', point, options));
    }
  });
  await fc.assert(property, { seed, numRuns });
  expect(Math.min(counts.cut, counts.bounded, counts.empty)).toBeGreaterThan(numRuns / 3);
  expect(counts.rows).toBeGreaterThan(counts.calls);
}, 300_000);
