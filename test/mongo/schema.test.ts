import { afterAll, describe, expect, it } from 'vitest';
import {
  entity,
  geoPoint,
  gte,
  index,
  integer,
  Repository,
  softDelete,
  startsWith,
  text,
  timestamp,
  uuid,
} from '../../src/index.js';
import { collectionOf, MongoDatabase, MongoRepository } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());

const Place = entity(
  'places',
  {
    code: text().max(20).primaryKey(),
    email: text().max(60).unique(),
    name: text().max(60),
    language: text().max(20).optional(),
    position: geoPoint().optional(),
    seen: timestamp().optional(),
    rank: integer().optional(),
    ...softDelete(),
  },
  {
    indexes: [
      index('name'),
      index({ rank: 'desc' }).where({ deletedAt: null }),
      index.geo('position'),
      index.ttl('seen', '30d'),
    ],
    search: { name: 'A' },
    unique: [['name', 'rank']],
  },
);
const Member = entity('members', { group: integer(), user: uuid() }, { primaryKey: ['group', 'user'] });

type Plan = { readonly stage: string; readonly inputStage?: Plan; readonly indexName?: string };
const stages = (plan: Plan): string =>
  `${plan.stage}${plan.indexName === undefined ? '' : `(${plan.indexName})`}${plan.inputStage === undefined ? '' : ` ${stages(plan.inputStage)}`}`;

describe('ensureSchema', () => {
  it('makes each thing once, however many call it at once, and nothing the second time', async () => {
    const reports = await Promise.all(Array.from({ length: 4 }, () => database.ensureSchema([Place, Member])));
    expect(reports.flatMap((each) => each.drift)).toEqual([]);
    const created = reports.flatMap((each) => each.created);
    expect(created.filter((each) => each.startsWith('collection ')).sort()).toEqual([
      'collection members',
      'collection places',
    ]);
    expect(created).toEqual(
      expect.arrayContaining(['index places_email_key', 'index members_pkey', 'index places_name_rank_key']),
    );
    expect(await database.ensureSchema([Place, Member])).toEqual({ created: [], drift: [] });
  });

  it('makes a TTL index with its seconds, and partial ones with their tests', async () => {
    const Session = entity(
      'sessions',
      {
        id: uuid().primaryKey(),
        seen: timestamp().optional(),
        token: text().max(40).optional().unique(),
        rank: integer(),
        ...softDelete(),
      },
      { indexes: [index.ttl('seen', '30d'), index('rank').where({ rank: gte(5), deletedAt: null })] },
    );
    await database.ensureSchema([Session]);
    const made = await (await collectionOf(new MongoRepository(database, Session))).indexes();
    const byKey = (field: string) => made.find(({ key }) => Object.keys(key)[0] === field);
    expect(byKey('seen')).toMatchObject({ key: { seen: 1 }, expireAfterSeconds: 30 * 86_400 });
    expect(byKey('rank')).toMatchObject({ partialFilterExpression: { rank: { $gte: 5 }, deletedAt: { $eq: null } } });
    expect(byKey('token')).toMatchObject({
      unique: true,
      partialFilterExpression: { token: { $exists: true }, deletedAt: { $eq: null } },
    });
  });

  it('tells what differs and leaves it alone', async () => {
    const collection = await collectionOf(new MongoRepository(database, Place));
    await collection.dropIndex('places_email_key');
    await collection.createIndex({ email: 1 }, { name: 'places_email_key' });
    await collection.dropIndex('places_name_idx');
    await collection.createIndex({ name: 1, _id: 1 }, { name: 'mine' });
    const report = await database.ensureSchema([Place]);
    expect(report.created).toEqual([]);
    expect(report.drift).toEqual(["Index `places_email_key` of collection `places` is not the entity's"]);
    await collection.dropIndex('places_email_key');
    expect((await database.ensureSchema([Place])).created).toEqual(['index places_email_key']);
  });

  it('gives a validator to a collection that has none, and tells another one', async () => {
    const Old = entity('old', { id: integer().primaryKey(), n: integer().max(5) });
    const collection = await collectionOf(new MongoRepository(database, Old));
    await collection.insertOne({ _id: 1 as never, n: 'text' });
    expect((await database.ensureSchema([Old])).created).toEqual(['validator old']);
    expect(await collection.updateOne({ _id: 1 as never }, { $set: { other: 1 } })).toMatchObject({ modifiedCount: 1 });
    await expect(collection.insertOne({ _id: 2 as never, n: 6 })).rejects.toMatchObject({ code: 121 });
    const Other = entity('old', { id: integer().primaryKey(), n: integer().max(6) });
    expect((await database.ensureSchema([Other])).drift).toEqual([
      "The validator of collection `old` is not the entity's",
    ]);
  });

  it('fails where stored rows break a unique index', async () => {
    const Plain = entity('plain', { id: integer().primaryKey(), code: text().max(9) });
    const Unique = entity('plain', { id: integer().primaryKey(), code: text().max(9).unique() });
    await new Repository(database, Plain).insertMany([
      { id: 1, code: 'a' },
      { id: 2, code: 'a' },
    ]);
    await expect(database.ensureSchema([Unique])).rejects.toMatchObject({
      code: 'DUPLICATE_KEY',
      entity: 'plain',
      fields: ['code'],
    });
  });
});

describe('an index', () => {
  const places = new MongoRepository(database, Place);
  const explain = async (filter: object, sort?: object): Promise<string> => {
    const cursor = (await collectionOf(places)).find(filter);
    if (sort !== undefined) cursor.sort(sort as never);
    return stages((await cursor.explain('queryPlanner')).queryPlanner.winningPlan);
  };

  it('serves `startsWith`, a unique value among rows that are not deleted, and the key', async () => {
    await database.ensureSchema([Place]);
    await places.insertMany(
      Array.from({ length: 50 }, (_, i) => ({ code: `c${i}`, email: `e${i}@x.io`, name: `n${i}`, rank: i })),
    );
    expect(await places.find({ email: startsWith('e4') }, { orderBy: { code: 'asc' } })).toHaveLength(11);
    // What those reads sent, as `compile-where` makes it.
    expect(await explain({ email: { $gte: 'e4', $lt: 'e5' }, deletedAt: { $eq: null } })).toBe(
      'FETCH IXSCAN(places_email_key)',
    );
    expect(await explain({ email: { $eq: 'e4@x.io' }, deletedAt: { $eq: null } })).toBe(
      'FETCH IXSCAN(places_email_key)',
    );
    expect(await explain({ _id: 'c4' })).toBe('IDHACK');
    expect(await explain({ deletedAt: { $eq: null } }, { rank: -1 })).toBe('FETCH IXSCAN(places_rank_idx)');
  });

  it('for search takes no field for a language', async () => {
    await places.insert({ code: 'x', email: 'x@x.io', name: 'x', language: 'klingon' });
    const found = await places.aggregate([{ $match: { $text: { $search: 'n7' } } }]);
    expect(found).toEqual([expect.objectContaining({ _id: 'c7' })]);
  });
});

describe('aggregate', () => {
  const places = new MongoRepository(database, Place);

  it('gives documents as they are stored', async () => {
    const groups = await places.aggregate<{ _id: null; n: number }>([
      { $match: { name: { $regex: '^n' } } },
      { $group: { _id: null, n: { $sum: 1 } } },
    ]);
    expect(groups).toEqual([{ _id: null, n: 50 }]);
  });

  it('that the server refuses says which stage it does not know', async () => {
    const error = await places.aggregate([{ $nonsense: 1 }]).catch((each) => each);
    expect(error).toMatchObject({ code: 'QUERY' });
    expect(error.message).toContain('$nonsense');
  });
});
