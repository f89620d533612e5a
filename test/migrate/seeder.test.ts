import { describe, expect, it } from 'vitest';
import { Comment, Like, Post, User } from '../../examples/05-migrations/entities.js';
import blog from '../../examples/05-migrations/seeds/01_blog.js';
import {
  AbortedError,
  bigint,
  binary,
  boolean,
  date,
  decimal,
  entity,
  enumOf,
  geoPoint,
  integer,
  json,
  list,
  type Middleware,
  object,
  Repository,
  real,
  softDelete,
  text,
  timestamp,
  timestamps,
  uuid,
  versioned,
} from '../../src/index.js';
import { defineSeed, factory, Seeder, SeedFailedError } from '../../src/migrate/index.js';
import { ensureAll, rowsOf, seedEngines } from './seed-kit.js';
import { caught } from './sql-kit.js';

const BLOG = [User, Post, Comment, Like] as const;
const engines = await seedEngines();

/** Every kind of field that comes back from a server in a form of its own, or that nobody may compare. */
const Thing = entity('things', {
  id: uuid().primaryKey(),
  name: text().max(60).unique(),
  size: integer().min(1).max(9),
  price: decimal(8, 2).min(0),
  weight: real().min(0.1).max(0.9),
  views: bigint(),
  isOpen: boolean(),
  kind: enumOf('a', 'b'),
  day: date(),
  at: timestamp(),
  place: geoPoint(),
  bytes: binary(),
  tags: list(text().max(20)),
  extra: json(),
  inner: object({ a: text().min(1).max(9), b: integer().default(7) }),
  secret: text().max(40).hidden().optional(),
  ownerId: uuid().references('things', { onDelete: 'restrict' }).optional(),
  ...timestamps(),
  ...softDelete(),
  ...versioned(),
});

function thingsSeed(count: number, name: (number: number) => string = (number) => `thing ${number}`) {
  return defineSeed({
    name: 'things',
    total: count,
    run: async ({ factory, put }) => {
      const things = factory(Thing, ({ number, key, random }) => ({
        name: name(number),
        extra: { b: [1, { y: null, x: number }], a: random.fraction() },
        secret: `secret ${number}`,
        ownerId: number === 0 ? null : key(number - 1),
      }));
      await put(Thing, things.make(count));
    },
  });
}

function withoutSecret({ secret: _, ...row }: Record<string, unknown>) {
  return row;
}

describe.each(engines)('a seeder on $name', ({ database }) => {
  it('writes the rows of the demo, none of them twice', async () => {
    await ensureAll(database, BLOG);
    const seeder = new Seeder(database, { seeds: [blog] });
    const told: unknown[] = [];
    seeder.on('progress', (...values) => told.push(values));
    const first = await seeder.run();
    expect(first.seeds).toMatchObject([{ name: 'blog', inserted: 2_800, updated: 0, deleted: 0 }]);
    expect(told.at(-1)).toEqual(['blog', 2_800, 2_800]);
    expect(told).toHaveLength(1 + 1 + 2 + 3);

    const before = await rowsOf(database, Post);
    const second = await seeder.run();
    expect(second.seeds).toMatchObject([{ inserted: 0, updated: 0, deleted: 0 }]);
    expect(await rowsOf(database, Post)).toEqual(before);
  });

  it('writes no row again that is there, of whatever kind its fields are, and changes what differs', async () => {
    await ensureAll(database, [Thing]);
    const seeder = new Seeder(database, { seeds: [thingsSeed(7)], batch: 3 });
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 7, updated: 0 }]);
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 0, updated: 0 }]);
    const rows = await rowsOf(database, Thing);
    expect(rows.every(({ version }) => version === 1)).toBe(true);

    const renamed = thingsSeed(8, (number) => (number === 2 ? 'another' : `thing ${number}`));
    const changed = await new Seeder(database, { seeds: [renamed], batch: 3 }).run();
    expect(changed.seeds).toMatchObject([{ inserted: 1, updated: 1 }]);
    const after = await rowsOf(database, Thing);
    expect(after.filter(({ version }) => version === 2).map(({ name }) => name)).toEqual(['another']);

    // Back again, and as if nothing had ever been changed.
    await seeder.run();
    const things = new Repository(database, Thing);
    const row = (await things.find({ name: 'thing 2' }))[0]!;
    expect({ ...row, version: 1 }).toEqual(withoutSecret(rows.find(({ id }) => id === row.id)!));
  });

  it('brings a deleted row of its own back', async () => {
    const things = new Repository(database, Thing);
    const [row] = await things.find({ name: 'thing 6' });
    await things.delete(row!.id);
    const seeder = new Seeder(database, { seeds: [thingsSeed(8)] });
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 0, updated: 1 }]);
    expect(await things.findById(row!.id)).not.toBeNull();
  });

  it('takes exactly its own rows away, the deleted ones too', async () => {
    const things = new Repository(database, Thing);
    const others = factory(Thing, () => ({ name: 'of somebody else', extra: {} }), { series: 'others' });
    const other = await things.insert(others.one(0));
    const seeder = new Seeder(database, { seeds: [thingsSeed(8)], batch: 3 });
    const [last] = await things.find({ name: 'thing 7' });
    await things.delete(last!.id);
    expect((await seeder.undo()).seeds).toMatchObject([{ name: 'things', inserted: 0, updated: 0, deleted: 8 }]);
    expect((await rowsOf(database, Thing)).map(({ id }) => id)).toEqual([other.id]);
    expect((await seeder.undo()).seeds).toMatchObject([{ deleted: 0 }]);
  });

  it('leaves whole batches when it is ended in the middle, and the next run writes the rest', async () => {
    const ended = new AbortController();
    const seeder = new Seeder(database, { seeds: [thingsSeed(10)], batch: 3 });
    const stop = seeder.on('progress', (_name, done) => {
      if (done === 6) ended.abort();
    });
    expect(await caught(seeder.run({ signal: ended.signal }))).toBeInstanceOf(AbortedError);
    stop();
    // One is somebody else's.
    expect(await rowsOf(database, Thing)).toHaveLength(1 + 6);
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 4, updated: 0 }]);
    await seeder.undo();
  });

  it('stores nothing of the batch that is under way when it is ended', async () => {
    const ended = new AbortController();
    let writes = 0;
    const abort: Middleware = (command, next) => {
      if (command.kind === 'upsertMany' && ++writes === 3) ended.abort();
      return next(command);
    };
    const through = (use: readonly Middleware[]) =>
      defineSeed({
        name: 'under way',
        run: async ({ db, factory, put }) => {
          const things = factory(Thing, ({ number }) => ({ name: `thing ${number}`, extra: {} }));
          await put(new Repository(db, Thing, { use }), things.make(10));
        },
      });
    const own = new Seeder(database, { seeds: [through([abort])], batch: 3 });
    expect(await caught(own.run({ signal: ended.signal }))).toBeInstanceOf(AbortedError);
    expect(await rowsOf(database, Thing)).toHaveLength(1 + 6);
    const again = new Seeder(database, { seeds: [through([])], batch: 4 });
    expect((await again.run()).seeds).toMatchObject([{ inserted: 4, updated: 0 }]);
    expect((await again.undo()).seeds).toMatchObject([{ deleted: 10 }]);
  });

  it('stores nothing of a batch of which one row is refused, and says what stays', async () => {
    // The owner of the last row comes nowhere.
    const seed = defineSeed({
      name: 'refused',
      run: async ({ factory, put }) => {
        const things = factory(Thing, ({ number }) => ({
          extra: {},
          name: number === 5 ? 'of somebody else' : `new ${number}`,
        }));
        await put(Thing, things.make(6));
      },
    });
    const error = await caught(new Seeder(database, { seeds: [seed], batch: 3 }).run());
    expect(error).toBeInstanceOf(SeedFailedError);
    expect(error).toMatchObject({ seed: 'refused', direction: 'run', done: 3, code: 'SEED_FAILED' });
    expect(String(error)).toContain('What was done before stays (3 rows)');
    expect((await rowsOf(database, Thing)).map(({ name }) => name).sort()).toEqual([
      'new 0',
      'new 1',
      'new 2',
      'of somebody else',
    ]);
    await new Repository(database, Thing).deleteMany({}, { all: true });
  });

  it('undoes the demo against its references', async () => {
    const { seeds } = await new Seeder(database, { seeds: [blog] }).undo();
    expect(seeds).toMatchObject([{ deleted: 2_800 }]);
    for (const each of BLOG) expect(await rowsOf(database, each)).toEqual([]);
  });
});

it('the same seed makes the same rows on every engine, and another seed makes others', async () => {
  const filled = async (database: (typeof engines)[number]['database'], seed: number | string) => {
    const seeder = new Seeder(database, { seeds: [blog], seed });
    await seeder.run();
    const rows = [];
    for (const each of BLOG) rows.push(await rowsOf(database, each));
    await seeder.undo();
    return rows;
  };
  const [sql, docs, memory] = engines.map(({ database }) => database);
  const expected = await filled(memory!, 7);
  expect(await filled(sql!, 7)).toEqual(expected);
  expect(await filled(docs!, 7)).toEqual(expected);
  expect(await filled(memory!, '7')).toEqual(expected);
  expect(await filled(memory!, 8)).not.toEqual(expected);
});
