import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  AbortedError,
  entity,
  ForeignKeyError,
  type Insert,
  MemoryDatabase,
  PostgresDatabase,
  QueryError,
  Repository,
  serial,
  softDelete,
  text,
  timestamp,
  uuid,
  ValidationError,
  versioned,
} from '../../src/index.js';
import { defineSeed, type Seed, Seeder, SeedFailedError, SeedFileError } from '../../src/migrate/index.js';
import { postgresDatabase } from '../setup/databases.js';
import { caught } from './sql-kit.js';

const Tag = entity('tags', {
  id: uuid().primaryKey(),
  name: text().max(50).unique(),
  slug: text().max(60).generated(),
  ...softDelete(),
  ...versioned(),
});
const Line = entity('lines', { id: serial().primaryKey(), code: text().max(20).unique(), word: text().max(20) });

class Tags extends Repository<typeof Tag> {
  protected override beforeInsert(draft: Insert<typeof Tag>) {
    return { slug: draft.name.replaceAll(' ', '-'), ...draft };
  }
}

let database: MemoryDatabase;
beforeEach(() => {
  database = new MemoryDatabase();
});

function tagsSeed(name: string, count: number, more: Partial<Seed> = {}): Seed {
  return defineSeed({
    name,
    run: async ({ db, factory, put }) => {
      const tags = factory(Tag, ({ sequence }) => ({ name: sequence(`${name} `) }), { series: name });
      await put(new Tags(db, Tag), tags.make(count));
    },
    ...more,
  });
}

describe('a seeder', () => {
  it('writes through a repository, with its hooks', async () => {
    const seeder = new Seeder(database, { seeds: [tagsSeed('a', 2)] });
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 2 }]);
    expect((await seeder.run()).seeds).toMatchObject([{ inserted: 0, updated: 0 }]);
    const rows = await new Tags(database, Tag).find({}, { orderBy: { name: 'asc' } });
    expect(rows.map(({ slug, version }) => [slug, version])).toEqual([
      ['a-1', 1],
      ['a-2', 1],
    ]);
  });

  it('runs its seeds in their order and undoes them in the reverse one', async () => {
    const seeder = new Seeder(database, { seeds: [tagsSeed('b', 1), tagsSeed('a', 2)] });
    const finished: string[] = [];
    seeder.on('finished', ({ name }) => finished.push(name));
    expect((await seeder.run()).seeds.map(({ name }) => name)).toEqual(['b', 'a']);
    expect((await seeder.undo()).seeds.map(({ name, deleted }) => [name, deleted])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(finished).toEqual(['b', 'a', 'a', 'b']);
  });

  it('runs those that are named, and knows no others', async () => {
    const seeder = new Seeder(database, { seeds: [tagsSeed('a', 1), tagsSeed('b', 1)] });
    expect((await seeder.run({ only: ['b'] })).seeds.map(({ name }) => name)).toEqual(['b']);
    expect(await caught(seeder.run({ only: ['b', 'c'] }))).toEqual(
      new TypeError("Expected `only` to be names of seeds (a, b), got `'c'` (string)"),
    );
  });

  it('finds rows again by another unique field, where the database makes the keys', async () => {
    const seed = (word: string) =>
      defineSeed<MemoryDatabase>({
        name: 'lines',
        run: async ({ factory, put }) => {
          const lines = factory(Line, () => ({ word }));
          await put(Line, lines.make(3), { on: 'code' });
        },
      });
    const first = new Seeder(database, { seeds: [seed('a')] });
    expect((await first.run()).seeds).toMatchObject([{ inserted: 3 }]);
    expect((await first.run()).seeds).toMatchObject([{ inserted: 0, updated: 0 }]);
    const second = new Seeder(database, { seeds: [seed('b')] });
    expect((await second.run()).seeds).toMatchObject([{ inserted: 0, updated: 3 }]);
    expect(await new Repository(database, Line).count()).toBe(3);
    expect((await second.undo()).seeds).toMatchObject([{ deleted: 3 }]);
  });

  it('sets back what was changed in a row of a factory, what may be missing too, and leaves alone what is taken out of its draft', async () => {
    const Member = entity('members', {
      id: uuid().primaryKey(),
      name: text().max(20),
      bio: text().max(20).optional(),
      seenAt: timestamp().optional(),
    });
    const members = new Repository(database, Member);
    const seed = defineSeed<MemoryDatabase>({
      name: 'members',
      run: async ({ factory, put }) => {
        const all = factory(Member, () => ({ name: 'Ann' })).make(1);
        await put(
          Member,
          all.map(({ seenAt: _, ...draft }) => draft),
        );
      },
    });
    const seeder = new Seeder(database, { seeds: [seed] });
    await seeder.run();
    const { id } = (await members.find({}))[0]!;
    const seenAt = new Date('2026-03-01T00:00:00Z');
    await members.update(id, { seenAt });
    expect((await seeder.run()).seeds).toMatchObject([{ updated: 0 }]);
    await members.update(id, { bio: 'Hello.' });
    expect((await seeder.run()).seeds).toMatchObject([{ updated: 1 }]);
    expect(await members.get(id)).toMatchObject({ name: 'Ann', bio: null, seenAt });
  });

  it('says when there is nothing to find the rows by', async () => {
    const seed = defineSeed<MemoryDatabase>({
      name: 'lines',
      run: async ({ factory, put }) => {
        await put(Line, factory(Line, () => ({})).make(1));
      },
    });
    const error = await caught(new Seeder(database, { seeds: [seed] }).run());
    expect((error as Error).cause).toBeInstanceOf(ValidationError);
    expect(String(error)).toContain('`[0].id` must be given a value: the row is found again by it');
  });

  it.each([
    [
      'two drafts of one row',
      [
        { id: '00000000-0000-4000-8000-000000000001', name: 'a' },
        { id: '00000000-0000-4000-8000-000000000001', name: 'b' },
      ],
      '`[1]` must be about another row: [0] has the same `id`',
    ],
    [
      'a draft that is not valid',
      [{ id: '00000000-0000-4000-8000-000000000001', name: 'x'.repeat(51) }],
      '`[0].name` must have at most 50 characters',
    ],
    ['a draft without its key', [{ name: 'a' }], '`[0].id` must be given a value'],
  ])('refuses %s before anything is stored', async (_what, drafts, message) => {
    const seed = defineSeed({ name: 'bad', run: ({ put, db }) => put(new Tags(db, Tag), drafts) });
    const error = await caught(new Seeder(database, { seeds: [seed] }).run());
    expect(error).toBeInstanceOf(SeedFailedError);
    expect(String(error)).toContain(message);
    expect(String(error)).toContain('Nothing of it was done');
    expect(await new Tags(database, Tag).count()).toBe(0);
  });

  it('tells what a seed says of itself, and how many rows there are where the seed says it', async () => {
    const told: unknown[] = [];
    const own = tagsSeed('own', 0, {
      run: ({ progress }) => {
        progress(1, 2);
        progress(3);
      },
    });
    const seeder = new Seeder(database, {
      seeds: [own, tagsSeed('all', 5, { total: 5 }), tagsSeed('some', 2)],
      batch: 3,
    });
    seeder.on('progress', (...values) => told.push(values));
    await seeder.run();
    expect(told).toEqual([
      ['own', 1, 2],
      ['own', 3, null],
      ['all', 3, 5],
      ['all', 5, 5],
      ['some', 2, null],
    ]);
  });

  it('ends before the first seed by a signal that has aborted, and says so whatever the seed threw', async () => {
    const seeder = new Seeder(database, { seeds: [tagsSeed('a', 1)] });
    expect(await caught(seeder.run({ signal: AbortSignal.abort() }))).toBeInstanceOf(AbortedError);
    const ended = new AbortController();
    const seed = defineSeed({
      name: 'ends',
      run: ({ signal }) => {
        ended.abort();
        signal.throwIfAborted();
      },
    });
    expect(await caught(new Seeder(database, { seeds: [seed] }).run({ signal: ended.signal }))).toBeInstanceOf(
      AbortedError,
    );
    expect(await new Tags(database, Tag).count()).toBe(0);
  });

  it('undoes in the way of the seed, where it has one', async () => {
    const seed = tagsSeed('a', 3, {
      undo: async ({ db, factory, remove }) => {
        const tags = factory(Tag, ({ sequence }) => ({ name: sequence('a ') }), { series: 'a' });
        expect(await remove(new Tags(db, Tag), tags.make(2))).toBe(2);
      },
    });
    const seeder = new Seeder(database, { seeds: [seed] });
    await seeder.run();
    expect((await seeder.undo()).seeds).toMatchObject([{ deleted: 2 }]);
    expect((await new Tags(database, Tag).find()).map(({ name }) => name)).toEqual(['a 3']);
  });

  it('does not undo by writing once more what a seed writes otherwise than by `put`', async () => {
    const seed = defineSeed({
      name: 'past',
      run: async ({ db }) => {
        await new Tags(db, Tag).insert({ name: 'past' });
      },
    });
    const seeder = new Seeder(database, { seeds: [seed] });
    await seeder.run();
    const error = await caught(seeder.undo());
    expect(error).toBeInstanceOf(SeedFailedError);
    expect((error as Error).cause).toBeInstanceOf(QueryError);
    expect(String(error)).toContain('needs an `undo` of its own');
    expect(await new Tags(database, Tag).count()).toBe(1);
  });

  it.each([
    ['seeds', () => new Seeder(database, { seeds: 1 as never })],
    ['batch', () => new Seeder(database, { seeds: [], batch: 0 })],
    ['seed', () => new Seeder(database, { seeds: [], seed: '' })],
    ['base', () => new Seeder(database, { seeds: [], base: 'x' as never })],
    ['load', () => new Seeder(database, { seeds: [], load: 'x' as never })],
    ['database', () => new Seeder({} as never, { seeds: [] })],
    ['run', () => defineSeed({ name: 'x' } as never)],
    ['name', () => defineSeed({ name: '', run: () => {} })],
    ['total', () => defineSeed({ name: 'x', total: -1, run: () => {} })],
    ['undo', () => defineSeed({ name: 'x', run: () => {}, undo: 1 as never })],
  ])('refuses a wrong `%s`', (option, work) => {
    expect(work).toThrow(TypeError);
    expect(work).toThrow(`Expected \`${option}\` to be`);
  });

  it('refuses two seeds of one name', async () => {
    const seeder = new Seeder(database, { seeds: [tagsSeed('a', 1), tagsSeed('a', 2)] });
    expect(await caught(seeder.run())).toBeInstanceOf(TypeError);
    expect(await new Tags(database, Tag).count()).toBe(0);
  });
});

describe('a folder of seeds', () => {
  const root = mkdtempSync(join(tmpdir(), 'trivet-seeds-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const folderOf = (files: Readonly<Record<string, string>>): string => {
    const folder = mkdtempSync(join(root, 'f-'));
    mkdirSync(join(folder, 'nested'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  };
  const seed = (name: string) => `export default { name: '${name}', run: () => {} };`;

  it('is read in the order of the names, without what lies beside the seeds', async () => {
    const folder = folderOf({
      '02_b.mjs': seed('b'),
      '01_a.mjs': seed('a'),
      '_texts.mjs': 'throw new Error("not a seed")',
      '01_a.d.mts': 'nothing',
      '01_a.test.mjs': 'throw new Error("a test")',
      'README.md': '',
      'c.cjs': `module.exports = { default: { name: 'c', run() {} } };`,
    });
    const { seeds } = await new Seeder(database, { seeds: folder }).run();
    expect(seeds.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('is read by `load`, if there is one', async () => {
    const folder = folderOf({ 'a.ts': 'nothing' });
    const load = async (file: string) => ({ default: { name: file.slice(folder.length + 1), run: () => {} } });
    expect((await new Seeder(database, { seeds: folder, load }).run()).seeds).toMatchObject([{ name: 'a.ts' }]);
  });

  it.each([
    ['a file that is no seed', { 'a.mjs': 'export const a = 1;' }, 'it has no seed as its default export'],
    ['a file that cannot be read', { 'a.mjs': 'throw new Error("oh no")' }, 'it cannot be imported: oh no'],
    ['two files of one name', { 'a.mjs': seed('x'), 'b.mjs': seed('x') }, 'two seeds with the name `x`'],
  ])('refuses %s, and names it', async (_what, files, message) => {
    const error = await caught(new Seeder(database, { seeds: folderOf(files as Record<string, string>) }).run());
    expect(error).toBeInstanceOf(SeedFileError);
    expect((error as SeedFileError).file).toContain(root);
    expect(String(error)).toContain(message);
  });

  it('has to be there', async () => {
    expect(String(await caught(new Seeder(database, { seeds: join(root, 'none') }).run()))).toContain(
      'there is no such folder',
    );
  });
});

describe('a seed against the references of PostgreSQL', async () => {
  const { url } = await postgresDatabase();
  const sql = new PostgresDatabase({ url, max: inject('postgresReal') ? 2 : 1 });
  afterAll(() => sql.close());
  const Owner = entity('owners', { id: uuid().primaryKey(), name: text().max(20) });
  const Pet = entity('pets', { id: uuid().primaryKey(), ownerId: uuid().references('owners') });
  const seed = defineSeed({
    name: 'owners',
    run: async ({ factory, put }) => {
      await put(Owner, factory(Owner, () => ({})).make(4));
    },
  });

  it('takes no row away that somebody else refers to, and stores nothing of its batch', async () => {
    await new Repository(sql, Owner).ensureSchema();
    await new Repository(sql, Pet).ensureSchema();
    const seeder = new Seeder(sql, { seeds: [seed], batch: 2 });
    await seeder.run();
    const [first] = await new Repository(sql, Owner).find({}, { orderBy: { id: 'asc' } });
    await new Repository(sql, Pet).insert({ ownerId: first!.id });
    const error = await caught(seeder.undo());
    expect(error).toBeInstanceOf(SeedFailedError);
    expect((error as Error).cause).toBeInstanceOf(ForeignKeyError);
    expect(await new Repository(sql, Owner).count()).toBeGreaterThanOrEqual(2);
    await new Repository(sql, Pet).deleteMany({}, { all: true });
    await seeder.undo();
    expect(await new Repository(sql, Owner).count()).toBe(0);
  });

  it('lets the server refuse what a seed writes past `put` while its rows are noted', async () => {
    const past = defineSeed<PostgresDatabase>({
      name: 'past',
      run: async ({ db }) => {
        await db.query("insert into owners values (gen_random_uuid(), 'past')");
      },
    });
    expect(String(await caught(new Seeder(sql, { seeds: [past] }).undo()))).toContain('needs an `undo` of its own');
    expect(await new Repository(sql, Owner).count()).toBe(0);
  });
});
