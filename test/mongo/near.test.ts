import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entity, type GeoPoint, geoPoint, index, integer, Repository, SchemaError, text } from '../../src/index.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { withMongo } from '../../src/testing/servers/mongo-login.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const Spot = entity(
  'spots',
  {
    id: integer().primaryKey(),
    label: text().column('distance').optional(),
    at: geoPoint().optional(),
    other: geoPoint().optional(),
  },
  { indexes: [index.geo('at'), index.geo('other')] },
);
const spots = new Repository(database, Spot);

const point = (longitude: number, latitude: number): GeoPoint => ({
  type: 'Point',
  coordinates: [longitude, latitude],
});
const ROWS = 5_000;

beforeAll(async () => {
  await spots.ensureSchema();
  await spots.insertMany(
    Array.from({ length: ROWS }, (_, id) => ({
      id,
      label: `l${id}`,
      at: point((id % 100) / 10, Math.floor(id / 100) / 10),
    })),
  );
});

/** What the server notes of the searches that `work` makes. */
async function profiled(work: () => Promise<unknown>): Promise<Record<string, any>[]> {
  return withMongo(url, async (client) => {
    const db = client.db(name);
    await db.command({ profile: 2 });
    await work();
    await db.command({ profile: 0 });
    const notes = await db.collection('system.profile').find({ 'command.aggregate': 'spots' }).toArray();
    await db.collection('system.profile').drop();
    return notes;
  });
}

describe('`near` on MongoDB', () => {
  it('is served by the index of its own field, within its bound', async () => {
    const from = point(5, 2);
    const [note] = await profiled(async () => {
      const rows = await spots.near('at', from, { limit: 10, maxDistance: 50_000 });
      expect(rows[0]).toEqual({ id: 2_050, label: 'l2050', at: from, other: null, distance: 0 });
    });
    expect(note!['planSummary']).toBe('GEO_NEAR_2DSPHERE { at: "2dsphere" }');
    expect(note!['docsExamined']).toBeLessThan(ROWS / 10);
  });

  it('tells the metres beside a column that is called distance', async () => {
    const [row] = await spots.near('at', point(0, 0), { limit: 1, select: ['label'] });
    expect(row).toEqual({ label: 'l0', distance: 0 });
  });

  it('asks twice only where a limit cuts rows that are equally far', async () => {
    const searches = async (limit: number) =>
      (await profiled(() => spots.near('at', point(0.15, 0.17), { limit }))).length;
    expect([await searches(2), await searches(1)]).toEqual([1, 2]);
    const rows = await spots.near('at', point(0.15, 0.17), { limit: 1 });
    expect(rows.map(({ id }) => id)).toEqual([201]);
  });

  it('says which index is missing, and what makes it', async () => {
    await withMongo(url, (client) => client.db(name).collection('spots').dropIndex('spots_other_geo_idx'));
    const failed = await spots.near('other', point(0, 0)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SchemaError);
    expect((failed as Error).message).toBe(
      "`near` needs the index that `index.geo('other')` of `spots` declares: run `ensureSchema()`",
    );
  });
});
