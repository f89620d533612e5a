import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bigint,
  ConstraintError,
  DuplicateKeyError,
  decimal,
  entity,
  increment,
  integer,
  list,
  object,
  push,
  Repository,
  real,
  softDelete,
  text,
  uuid,
  versioned,
} from '../../src/index.js';
import { type MongoCollectionLike, MongoDatabase } from '../../src/mongo/index.js';
import { modelOf } from '../../src/schema/entity.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });

const Account = entity('accounts', {
  id: uuid().primaryKey(),
  email: text().max(60).unique(),
  handle: text().max(60).optional().unique(),
  hits: integer().max(1_000).default(0),
  ratio: real().optional(),
  big: bigint().optional(),
  price: decimal().optional(),
  tags: list(text()).max(2).optional(),
  profile: object({ bio: text().optional(), level: integer().optional() }).optional(),
  ...softDelete(),
  ...versioned(),
});
const accounts = new Repository(database, Account);
let stored: MongoCollectionLike;

beforeAll(async () => {
  await database.ensureSchema([Account]);
  stored = await database.collection(Account);
});
beforeEach(async () => {
  await accounts.deleteMany({}, { all: true });
  await (stored as unknown as { deleteMany(filter: object): Promise<unknown> }).deleteMany({});
});
afterAll(() => database.close());

const emails = async (): Promise<string[]> =>
  (await accounts.find({}, { orderBy: { email: 'asc' } })).map((each) => each.email);
const ofType = async (path: string, type: string): Promise<number> =>
  (await stored.find({ [path]: { $type: type } }).toArray()).length;

describe('a write of many rows', () => {
  it('is undone as a whole when an insert fails, and names the position', async () => {
    const drafts = [1, 2, 3, 2, 4].map((i) => ({ email: `u${i}@x.io` }));
    const error = await accounts.insertMany(drafts).catch((each) => each);
    expect(error).toBeInstanceOf(DuplicateKeyError);
    expect(error).toMatchObject({
      position: 3,
      fields: ['email'],
      constraint: 'accounts_email_key',
      entity: 'accounts',
    });
    expect(await emails()).toEqual([]);
  });

  it('names the position across chunks, and gives rows in the order of their drafts', async () => {
    const drafts = Array.from({ length: 6_000 }, (_, i) => ({ email: `u${i}@x.io` }));
    const error = await accounts.insertMany([...drafts, { email: 'u5@x.io' }]).catch((each) => each);
    expect(error).toMatchObject({ code: 'DUPLICATE_KEY', position: 6_000 });
    const rows = await accounts.insertMany(drafts);
    expect(rows.map((each) => each.email)).toEqual(drafts.map((each) => each.email));
    expect(await accounts.count()).toBe(6_000);
  });

  it('is split by size: documents that do not fit into one message are stored', async () => {
    const bio = 'x'.repeat(4_000_000);
    await accounts.insertMany(Array.from({ length: 14 }, (_, i) => ({ email: `big${i}@x.io`, profile: { bio } })));
    const rows = await accounts.find({}, { limit: 14, orderBy: { email: 'asc' } });
    expect(rows).toHaveLength(14);
    expect(rows.every((each) => each.profile!.bio!.length === bio.length)).toBe(true);
  });

  it('is undone as a whole when an update fails in the middle', async () => {
    await accounts.insertMany([
      { email: 'a@x.io', hits: 1 },
      { email: 'b@x.io', hits: 999 },
      { email: 'c@x.io', hits: 1 },
    ]);
    const error = await accounts.updateMany({}, { hits: increment(5) }, { all: true }).catch((each) => each);
    expect(error).toBeInstanceOf(ConstraintError);
    expect(error.fields).toEqual(['hits']);
    expect((await accounts.find()).map((each) => each.hits).sort()).toEqual([1, 1, 999]);
  });

  it('meets another one on the same rows and still happens', async () => {
    await accounts.insertMany(Array.from({ length: 20 }, (_, i) => ({ email: `u${i}@x.io` })));
    await Promise.all(Array.from({ length: 6 }, () => accounts.updateMany({}, { hits: increment(1) }, { all: true })));
    expect(await accounts.distinct('hits')).toEqual([6]);
  });
});

describe('a stored document', () => {
  it('never holds a null, whatever wrote it', async () => {
    const [a] = await accounts.insertMany([
      { email: 'a@x.io', handle: null, profile: { bio: null } },
      { email: 'b@x.io', tags: null },
    ]);
    await accounts.update(a!.id, { handle: 'h', profile: { bio: 'x', level: 1 } });
    await accounts.update(a!.id, { handle: null, 'profile.bio': null, big: null });
    await accounts.upsert({ email: 'c@x.io', handle: null, ratio: null }, { on: 'email' });
    await accounts.upsert({ email: 'c@x.io', handle: null, profile: { level: null } }, { on: 'email' });
    await accounts.delete(a!.id);
    const paths = [...modelOf(Account).paths.keys()];
    for (const path of paths) expect(await ofType(path, 'null'), path).toBe(0);
    expect(await stored.find({}).toArray()).toHaveLength(3);
  });

  it('holds integers as int or long, reals as double, each of them also after an update', async () => {
    const { id } = await accounts.insert({
      email: 'a@x.io',
      hits: 1,
      ratio: 1,
      big: 1n,
      price: '1',
      profile: { level: 2 ** 40 },
    });
    await accounts.update(id, { hits: increment(1), ratio: increment(1), big: increment(1n), price: increment('1') });
    await accounts.update(id, { 'profile.level': increment(1) });
    const [raw] = (await stored
      .aggregate([
        {
          $project: {
            _id: { $type: '$_id' },
            hits: { $type: '$hits' },
            ratio: { $type: '$ratio' },
            big: { $type: '$big' },
            price: { $type: '$price' },
            level: { $type: '$profile.level' },
            version: { $type: '$version' },
          },
        },
      ])
      .toArray()) as object[];
    expect(raw).toEqual({
      _id: 'binData',
      hits: 'int',
      ratio: 'double',
      big: 'long',
      price: 'decimal',
      level: 'long',
      version: 'int',
    });
  });

  it('is kept within its bounds by the server', async () => {
    const { id } = await accounts.insert({
      email: 'a@x.io',
      hits: 1_000,
      tags: ['a', 'b'],
      ratio: 1e308,
      profile: { level: Number.MAX_SAFE_INTEGER },
    });
    for (const [patch, path] of [
      [{ hits: increment(1) }, 'hits'],
      [{ ratio: increment(1.7e308) }, 'ratio'],
      [{ tags: push('c') }, 'tags'],
      [{ 'profile.level': increment(1) }, 'profile.level'],
    ] as const) {
      const error = await accounts.update(id, patch).catch((each) => each);
      expect(error, path).toBeInstanceOf(ConstraintError);
      expect(error.fields).toEqual([path]);
      expect(error.cause.message).not.toMatch(/\d{3}/);
    }
    const huge = await accounts.update(id, { big: 2n ** 63n - 1n });
    await expect(accounts.update(huge.id, { big: increment(1n) })).rejects.toMatchObject({
      code: 'CONSTRAINT',
      fields: ['big'],
    });
  });

  it('that is larger than the server takes is a ConstraintError', async () => {
    const error = await accounts
      .insert({ email: 'a@x.io', profile: { bio: 'x'.repeat(17_000_000) } })
      .catch((each) => each);
    expect(error).toBeInstanceOf(ConstraintError);
  });
});

describe('upserts of one row at once', () => {
  it('count every one, without an error, among the rows that are not deleted', async () => {
    const gone = await accounts.insert({ email: 'race0@x.io' });
    await accounts.delete(gone.id);
    for (let round = 0; round < 50; round++) {
      const email = `race${round % 10}@x.io`;
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          accounts.upsert({ email, handle: `h${round % 10}`, hits: i }, { on: 'email' }),
        ),
      );
      expect(new Set(results.map((each) => each.row.id)).size).toBe(1);
      expect(results.filter((each) => each.action === 'inserted')).toHaveLength(round < 10 ? 1 : 0);
    }
    const rows = await accounts.find({});
    expect(rows.map((each) => each.version)).toEqual(Array.from({ length: 10 }, () => 40));
    expect(await accounts.count({}, { deleted: 'only' })).toBe(1);
    expect(await ofType('deletedAt', 'null')).toBe(0);
  });

  it('of another unique value that is taken are a DuplicateKeyError', async () => {
    await accounts.insert({ email: 'a@x.io', handle: 'taken' });
    const error = await accounts.upsert({ email: 'b@x.io', handle: 'taken' }, { on: 'email' }).catch((each) => each);
    expect(error).toMatchObject({ code: 'DUPLICATE_KEY', fields: ['handle'] });
  });
});
