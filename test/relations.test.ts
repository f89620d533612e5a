import {
  anyOf,
  belongsTo,
  date,
  decimal,
  entity,
  hasMany,
  hasOne,
  integer,
  MemoryDatabase,
  MongoDatabase,
  objectId,
  PostgresDatabase,
  Repository,
  softDelete,
  text,
  timestamp,
  uuid,
} from 'trivet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mongoDatabase, postgresDatabase } from './setup/databases.js';

const { url } = await postgresDatabase();
const { url: mongoUrl, name } = await mongoDatabase();
const postgres = new PostgresDatabase({ url });
const mongo = new MongoDatabase({ url: mongoUrl, name });
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

const Post = entity('posts', {
  id: uuid().primaryKey(),
  title: text(),
  /** The event that made it, as a service without a type for it keeps it. */
  originId: text().optional(),
  ...softDelete(),
});
const Event = entity('events', {
  id: objectId().primaryKey(),
  postId: text(),
  kind: text(),
  at: timestamp(),
});

describe('events of MongoDB beside posts of PostgreSQL', () => {
  const posts = new Repository(postgres, Post);
  const events = new Repository(mongo, Event);
  const [first, second, third] = [1, 2, 3].map((i) => `0190b5a0-0000-7000-8000-00000000000${i}`) as [
    string,
    string,
    string,
  ];
  let origin: string;

  beforeAll(async () => {
    await posts.ensureSchema();
    await events.ensureSchema();
    const drafts = [first, first, first, second].map((postId, i) => ({
      postId,
      kind: i % 2 === 0 ? 'view' : 'share',
      at: new Date(Date.UTC(2024, 0, 1 + i)),
    }));
    const stored = await events.insertMany(drafts);
    origin = stored[3]!.id;
    await posts.insertMany([
      { id: first, title: 'one' },
      { id: second, title: 'two', originId: origin.toUpperCase() },
      { id: third, title: 'three', originId: 'no id of an event' },
    ]);
  });

  const related = {
    views: hasMany(events, 'postId', { where: { kind: 'view' }, count: true }),
    latest: hasMany(events, 'postId', { select: ['at'], orderBy: { at: 'desc' }, limit: 2 }),
    origin: belongsTo(events, 'originId', { select: ['kind'] }),
  };

  it('come along with their posts', async () => {
    const rows = await posts.find({}, { select: ['title'], orderBy: { id: 'asc' }, include: related });
    const on = (day: number) => ({ at: new Date(Date.UTC(2024, 0, day)) });
    expect(rows).toEqual([
      { title: 'one', views: 2, latest: [on(3), on(2)], origin: null },
      { title: 'two', views: 0, latest: [on(4)], origin: { kind: 'share' } },
      { title: 'three', views: 0, latest: [], origin: null },
    ]);
  });

  it('bring their posts along, and nothing for a post that is deleted or never was', async () => {
    await posts.insert({ id: '0190b5a0-0000-7000-8000-00000000000d', title: 'gone' });
    await posts.delete('0190b5a0-0000-7000-8000-00000000000d');
    const strays = await events.insertMany(
      ['0190b5a0-0000-7000-8000-00000000000d', '0190b5a0-0000-7000-8000-00000000000e', 'no uuid'].map((postId) => ({
        postId,
        kind: 'stray',
        at: new Date(0),
      })),
    );
    const include = { post: belongsTo(posts, 'postId', { select: ['title'] }) };
    const rows = await events.find({}, { select: ['kind'], orderBy: { at: 'asc', kind: 'asc' }, include });
    expect(rows.map(({ kind, post }) => `${kind} ${post?.title}`)).toEqual([
      'stray undefined',
      'stray undefined',
      'stray undefined',
      'view one',
      'share one',
      'view one',
      'share two',
    ]);
    await events.deleteMany({ id: anyOf(...strays.map(({ id }) => id)) });
  });

  it('are those that are stored, inside a transaction of PostgreSQL too, beside what it wrote', async () => {
    await expect(
      postgres.transaction(async () => {
        await posts.insert({ id: '0190b5a0-0000-7000-8000-00000000000f', title: 'new' });
        await posts.update(first, { title: 'changed' });
        const rows = await posts.find({}, { orderBy: { id: 'asc' }, include: { views: related.views } });
        expect(rows.map(({ title, views }) => [title, views])).toEqual([
          ['changed', 2],
          ['two', 0],
          ['three', 0],
          ['new', 0],
        ]);
        const [event] = await events.find(
          { postId: first },
          { orderBy: { at: 'asc' }, include: { post: belongsTo(posts, 'postId') } },
        );
        expect(event?.post?.title).toBe('changed');
        throw new RangeError('undone');
      }),
    ).rejects.toThrow(RangeError);
    expect((await posts.get(first)).title).toBe('one');
  });
});

describe.each([
  ['PostgreSQL', postgres],
  ['MongoDB', mongo],
  ['memory', new MemoryDatabase()],
])('references to another field than the key, on %s', (_, database) => {
  const Day = entity('days', {
    id: integer().primaryKey(),
    at: timestamp().unique(),
    on: date().unique(),
    price: decimal(10, 2).unique(),
  });
  const Note = entity('notes', {
    id: integer().primaryKey(),
    at: timestamp().optional().references('days', { field: 'at' }),
    on: date().optional().references('days', { field: 'on' }),
    price: decimal(10, 2).optional().references('days', { field: 'price' }),
  });
  const days = new Repository<typeof Day>(database as never, Day);
  const notes = new Repository<typeof Note>(database as never, Note);
  const day = (id: number) => ({
    id,
    at: new Date(Date.UTC(2024, 0, id)),
    on: `2024-01-0${id}`,
    price: `${id}.50`,
  });

  beforeAll(async () => {
    await days.ensureSchema();
    await notes.ensureSchema();
    await days.insertMany([1, 2, 3].map(day));
    const { at, on, price } = day(2);
    await notes.insertMany([
      { id: 1, at },
      { id: 2, at: new Date(at), on },
      { id: 3, price: `0${price}` },
      { id: 4, at: day(1).at, on: day(3).on, price: day(1).price },
    ]);
  });

  it('are followed from the row that names: a moment, a day, an amount', async () => {
    const include = {
      atDay: belongsTo(days, 'at', { select: ['id'] }),
      onDay: belongsTo(days, 'on', { select: ['id'] }),
      priceDay: belongsTo(days, 'price', { select: ['id'] }),
    };
    const rows = await notes.find({}, { select: ['id'], orderBy: { id: 'asc' }, include });
    expect(rows.map(({ atDay, onDay, priceDay }) => [atDay, onDay, priceDay].map((each) => each?.id ?? null))).toEqual([
      [2, null, null],
      [2, 2, null],
      [null, null, 2],
      [1, 3, 1],
    ]);
  });

  it('are followed from the row that is named, with a limit and a count', async () => {
    const include = {
      ats: hasMany(notes, 'at', { select: ['id'] }),
      firstAt: hasMany(notes, 'at', { select: ['id'], orderBy: { id: 'desc' }, limit: 1 }),
      ons: hasMany(notes, 'on', { count: true }),
      priced: hasOne(notes, 'price', { select: ['id'] }),
      prices: hasMany(notes, 'price', { count: true }),
      counted: hasMany(notes, 'at', { count: true }),
    };
    const rows = await days.find({}, { select: ['id'], orderBy: { id: 'asc' }, include });
    expect(rows).toEqual([
      { id: 1, ats: [{ id: 4 }], firstAt: [{ id: 4 }], ons: 0, priced: { id: 4 }, prices: 1, counted: 1 },
      { id: 2, ats: [{ id: 1 }, { id: 2 }], firstAt: [{ id: 2 }], ons: 1, priced: { id: 3 }, prices: 1, counted: 2 },
      { id: 3, ats: [], firstAt: [], ons: 1, priced: null, prices: 0, counted: 0 },
    ]);
  });
});
