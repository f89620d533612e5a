import { beforeAll, describe, expect, inject, it } from 'vitest';
import { entity, type GeoPoint, geoPoint, index, integer, object, Repository, softDelete } from '../../src/index.js';
import { distanceBetween } from '../../src/util/sphere.js';
import { postgresDatabase } from '../setup/databases.js';
import { commandOf, compile } from '../unit/postgres/compiled.js';
import { openedAt } from './kit.js';

const { url } = await postgresDatabase();
/** Settings and prepared statements belong to one connection. */
const database = openedAt(url, { max: 1 });

const Spot = entity(
  'spots',
  { id: integer().primaryKey(), part: integer(), at: object({ point: geoPoint().optional() }), ...softDelete() },
  { indexes: [index.geo('at.point')] },
);
const spots = new Repository(database, Spot);

const SPREAD = 60_000;
/** As many again in each of four places of a few kilometres: at both poles and on both sides of the date line. */
const CLUSTER = 10_000;

beforeAll(async () => {
  await spots.ensureSchema();
  const places = [
    `select i, random() * 360 - 180, degrees(asin(random() * 2 - 1)) from generate_series(1, ${SPREAD}) i`,
    `select ${SPREAD} + i, random() * 360 - 180, 90 - random() * 0.02 from generate_series(1, ${CLUSTER}) i`,
    `select ${SPREAD + CLUSTER} + i, random() * 360 - 180, -90 + random() * 0.02 from generate_series(1, ${CLUSTER}) i`,
    `select ${SPREAD + 2 * CLUSTER} + i, -180 + random() * 0.02, random() * 0.02 - 0.01 from generate_series(1, ${CLUSTER}) i`,
    `select ${SPREAD + 3 * CLUSTER} + i, 180 - random() * 0.02, 70 + random() * 0.02 from generate_series(1, ${CLUSTER}) i`,
  ];
  await database.query('select setseed(0.5)');
  await database.query(
    `insert into spots (id, part, at) select id, id % 10, jsonb_build_object('point', jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(x, y)))
     from (${places.join(' union all ')}) as places (id, x, y)`,
  );
  await database.query('vacuum analyze spots');
}, 120_000);

const point = (longitude: number, latitude: number): GeoPoint => ({
  type: 'Point',
  coordinates: [longitude, latitude],
});

const ORIGINS: readonly (readonly [string, GeoPoint])[] = [
  ['somewhere', point(13.4, 52.5)],
  ['at the north pole', point(77, 90)],
  ['beside the north pole', point(-120, 89.999)],
  ['at the south pole', point(0, -90)],
  ['on the date line', point(180, 0)],
  ['on this side of the date line, with a crowd on the other', point(179.9, 0.1)],
  ['beside the date line, in the north', point(-179.999, 70)],
  ['on the equator', point(-40, 0)],
  ['on the other side of the earth from a crowd', point(0, 0)],
];

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** What `near` does on the server: all of its plan as text, and the blocks that it reads. */
async function planOf(from: GeoPoint, options: object, mode: 'custom' | 'generic') {
  const { text, values } = compile(await commandOf(Spot, (each) => each.near('at.point', from, options)));
  await database.query(`set plan_cache_mode = force_${mode}_plan`);
  await database.query('deallocate all');
  await database.query(`prepare planned as ${text}`);
  const given = values.map((value) => `'${String(value)}'`).join(', ');
  const rows = await database.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
    `explain (analyze, buffers, format json) execute planned(${given})`,
  );
  const plan = rows[0]!['QUERY PLAN'][0]!.Plan;
  const nodes = JSON.stringify(plan).match(/"Node Type":"(?:Index|Bitmap Index|Seq)[^"]*"/g)!;
  return { nodes, blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

// PGlite keeps statements in a namespace of its own.
describe.skipIf(!inject('postgresReal'))('`near` among 100,000 points', () => {
  const served = ['Index Scan', 'Index Scan', 'Bitmap Index Scan', 'Bitmap Index Scan'];

  it.each(ORIGINS)('is served by the index, without a bound: %s', async (_, from) => {
    for (const mode of ['custom', 'generic'] as const) {
      const { nodes, blocks } = await planOf(from, {}, mode);
      expect(nodes).toEqual(served.map((each) => `"Node Type":"${each}"`));
      expect(blocks).toBeLessThan(250);
    }
  });

  it.each(ORIGINS)('reads next to nothing where nothing is within the bound: %s', async (_, from) => {
    const { blocks } = await planOf(from, { maxDistance: 0 }, 'custom');
    expect(blocks).toBeLessThan(60);
  });
});

describe('`near` among 100,000 points, with crowds at the poles and at the date line,', () => {
  it('gives what measuring every row gives', async () => {
    const all = await database.query<{ id: number; part: number; x: number; y: number }>(
      "select id, part, (at->'point'->'coordinates'->>0)::float8 as x, (at->'point'->'coordinates'->>1)::float8 as y from spots",
    );
    expect(all.length).toBe(SPREAD + 4 * CLUSTER);
    for (const [, from] of ORIGINS) {
      const measured = all
        .map(({ id, part, x, y }) => ({ id, part, distance: distanceBetween(from.coordinates, [x, y]) }))
        .sort((a, b) => a.distance - b.distance || a.id - b.id);
      const options = { select: ['id', 'part'] } as const;
      expect(await spots.near('at.point', from, options)).toEqual(measured.slice(0, 20));
      expect(await spots.near('at.point', from, { ...options, limit: 300, offset: 50 })).toEqual(
        measured.slice(50, 350),
      );
      const some = measured.filter(({ part }) => part === 7).slice(0, 30);
      expect(await spots.near('at.point', from, { ...options, where: { part: 7 }, limit: 30 })).toEqual(some);
      const ring = measured.filter(({ distance }) => distance >= 900 && distance <= 200_000).slice(0, 40);
      const bounds = { minDistance: 900, maxDistance: 200_000 };
      expect(await spots.near('at.point', from, { ...options, ...bounds, limit: 40 })).toEqual(ring);
    }
  }, 120_000);

  it('stores points that are nothing but a rounding error away from an axis', async () => {
    const tiny = [5e-324, 2.87e-322, 1e-200, 1e-16];
    const drafts = tiny.flatMap((each, i) =>
      [point(each, 33), point(33, each), point(-each, -each)].map((at, n) => ({
        id: -10 * i - n - 1,
        part: 99,
        at: { point: at },
      })),
    );
    await spots.insertMany(drafts);
    for (const { at } of drafts) {
      const [first] = await spots.near('at.point', at.point, { where: { part: 99 } });
      expect(first!.distance).toBe(0);
    }
    await spots.deleteMany({ part: 99 });
  });
});
