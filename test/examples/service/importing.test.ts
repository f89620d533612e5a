import {
  LockContendedError,
  Locks,
  type LockTime,
  MemoryDatabase,
  MemoryLockStore,
  MongoDatabase,
  PostgresDatabase,
  StaleFenceError,
  ValidationError,
} from 'trivet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoryClock } from '../../../examples/02-blog/clock.js';
import { Posts } from '../../../examples/06-service/repositories/posts.js';
import { type Repositories, repositoriesOf } from '../../../examples/06-service/repositories.js';
import type { PostToImport } from '../../../examples/06-service/services/import-drafts.js';
import { type ImportCounts, Importing, ImportStoppedError } from '../../../examples/06-service/services/importing.js';
import { mongoDatabase, postgresDatabase } from '../../setup/databases.js';
import { caught, gate } from '../../setup/outcomes.js';

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();
const clock = new StoryClock(new Date('2026-07-01T09:00:00Z'));
const engines = [
  new MemoryDatabase(),
  new PostgresDatabase({ url: postgres.url }),
  new MongoDatabase({ url: mongo.url, name: mongo.name }),
];
afterAll(() => Promise.all(engines.map((database) => database.close())));

describe.each(engines.map((database) => [database.engine, database] as const))('an import on %s', (_, database) => {
  let repositories: Repositories;
  let importing: Importing;
  let authorId: string;
  let run = 0;
  beforeAll(async () => {
    repositories = repositoriesOf(database, database, clock);
    for (const repository of Object.values(repositories)) await repository.ensureSchema();
    importing = new Importing(repositories, new Locks(new MemoryLockStore()));
    const author = {
      email: 'zoe@blog.example',
      username: 'zoe',
      password: 'a long enough secret',
      profile: { firstName: 'Zoë', lastName: 'Quist' },
    };
    authorId = (await repositories.users.insert(author)).id;
  });

  /** Posts that no other test imports. */
  function drafts(count: number, more: Partial<PostToImport> = {}): PostToImport[] {
    run++;
    return Array.from({ length: count }, (__, i) => ({
      reference: `old:${run}:${i}`,
      authorId,
      title: `Old post ${run} ${i}`,
      body: `It was number ${i}.`,
      ...more,
    }));
  }
  const stored = async (given: readonly PostToImport[]): Promise<number> => {
    const references = new Set(given.map(({ reference }) => reference));
    const known = await repositories.importedPosts.find({});
    return known.filter(({ reference }) => references.has(reference)).length;
  };

  test('stores every post with its words, tags and time, batch by batch, and tells of each batch', async () => {
    const told: (readonly [ImportCounts, number])[] = [];
    const given = drafts(25, {
      status: 'published',
      publishedAt: '2019-05-04T03:02:01Z',
      tags: ['Old', 'old ', 'maps'],
    });
    const progress = (done: ImportCounts, total: number) => void told.push([done, total]);
    expect(await importing.importPosts(given, { batch: 10, progress })).toEqual({ inserted: 25, skipped: 0 });
    expect(told).toEqual([10, 20, 25].map((inserted) => [{ inserted, skipped: 0 }, 25]));
    const { postId } = await repositories.importedPosts.get(given[17]!.reference);
    expect(await repositories.posts.get(postId)).toMatchObject({
      title: given[17]!.title,
      slug: `old-post-${run}-17`,
      excerpt: 'It was number 17.',
      wordCount: 4,
      status: 'published',
      publishedAt: new Date('2019-05-04T03:02:01Z'),
    });
    const tagIds = (await repositories.postTags.find({ postId })).map(({ tagId }) => tagId);
    expect(tagIds.sort()).toEqual((await repositories.tags.idsOf(['old', 'maps'])).sort());
  });

  test('gives each of many posts with one title a slug of its own, beside those that are there', async () => {
    await repositories.posts.insert({ authorId, title: 'Once more', body: 'x' });
    const given = drafts(4, { title: 'Once more' });
    await importing.importPosts(given, { batch: 2 });
    const slugs = await repositories.posts.find({ title: 'Once more' }, { select: ['slug'], orderBy: { slug: 'asc' } });
    expect(slugs.map(({ slug }) => slug)).toEqual([
      'once-more',
      ...[2, 3, 4, 5].map((number) => `once-more-${number}`),
    ]);
  });

  test('stores nothing the second time, also of what was deleted since, and goes on where a list has grown', async () => {
    const given = drafts(6);
    await importing.importPosts(given.slice(0, 4));
    await repositories.posts.delete((await repositories.importedPosts.get(given[0]!.reference)).postId);
    expect(await importing.importPosts(given.slice(0, 4))).toEqual({ inserted: 0, skipped: 4 });
    expect(await importing.importPosts([...given, ...given], { batch: 5 })).toEqual({ inserted: 2, skipped: 10 });
    expect(await stored(given)).toBe(6);
  });

  test('stores nothing where one draft does not fit, and names everything that is wrong', async () => {
    const given = drafts(4);
    const wrong = [
      ...given,
      { ...given[0]!, reference: '', title: 'x', tags: ['ok', 'y'] },
      { ...given[0]!, authorId: { $ne: null }, reference: 7, tags: 'maps' },
      null,
    ];
    const error = await caught(importing.importPosts(wrong as never, { batch: 2 }));
    expect(error).toBeInstanceOf(ValidationError);
    const paths = [
      '[4].reference',
      '[4].title',
      '[4].tags[1]',
      '[5].authorId',
      '[5].reference',
      '[5].tags',
      '[6].title',
    ];
    expect(error.issues.map(({ path }: { path: string }) => path)).toEqual(expect.arrayContaining(paths));
    expect(error.issues.every(({ path }: { path: string }) => /^\[[456]\]/.test(path))).toBe(true);
    expect(await stored(given)).toBe(0);
  });

  test('refuses an author that is not there, on every engine', async () => {
    const given = drafts(2);
    const wrong = [given[0]!, { ...given[1]!, authorId: '00000000-0000-7000-8000-00000000dead' }];
    const error = await caught(importing.importPosts(wrong));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.issues).toEqual([{ path: '[1].authorId', message: 'must be the key of a user' }]);
    expect(await stored(given)).toBe(0);
  });

  test('is refused while another is at work, and nothing of it is stored', async () => {
    const [first, second] = [drafts(2), drafts(2)];
    const begun = gate();
    const end = gate();
    const progress = () => {
      begun.open();
      return end.opened;
    };
    const running = importing.importPosts(first, { progress });
    await begun.opened;
    expect(await caught(importing.importPosts(second))).toBeInstanceOf(LockContendedError);
    end.open();
    expect(await running).toEqual({ inserted: 2, skipped: 0 });
    expect([await stored(first), await stored(second)]).toEqual([2, 0]);
  });

  test('that has lost its lock without knowing it stores nothing more, and tells what is stored', async () => {
    const given = drafts(6);
    const progress = async () => {
      const [row] = await repositories.imports.find({}, { reveal: ['fence'] });
      await repositories.imports.update(row!.id, {}, { fence: row!.fence + 1n });
    };
    const own = new Importing(repositories, new Locks(new MemoryLockStore()));
    const error = await caught(own.importPosts(given, { batch: 2, progress }));
    expect(error).toBeInstanceOf(ImportStoppedError);
    expect(error.done).toEqual({ inserted: 2, skipped: 0 });
    expect(error.cause).toBeInstanceOf(StaleFenceError);
    expect(await stored(given)).toBe(2);
    expect(await importing.importPosts(given)).toEqual({ inserted: 4, skipped: 2 });
  });

  test('whose lock ends behind the last batch is done: the database took the fence of each', async () => {
    const given = drafts(4);
    let now = 0;
    const time: LockTime = { now: () => now, after: () => () => {} };
    const own = new Importing(repositories, new Locks(new MemoryLockStore({ time }), { time }));
    const progress = ({ inserted }: ImportCounts) => {
      if (inserted === 4) now += 86_400_000;
    };
    expect(await own.importPosts(given, { batch: 2, progress })).toEqual({ inserted: 4, skipped: 0 });
  });

  test('ends between two batches when it is called off', async () => {
    const given = drafts(6);
    const stop = new AbortController();
    const progress = () => stop.abort(new Error('enough'));
    const error = await caught(importing.importPosts(given, { batch: 4, progress, signal: stop.signal }));
    expect(error).toMatchObject({
      name: 'ImportStoppedError',
      done: { inserted: 4, skipped: 0 },
      cause: stop.signal.reason,
    });
    expect(await stored(given)).toBe(4);
  });

  test('begins a batch again when somebody takes one of its slugs meanwhile', async () => {
    const given = drafts(2, { title: 'Contested title' });
    let taken = 0;
    class ContestedPosts extends Posts {
      override async freeSlugs(titles: readonly string[]): Promise<string[]> {
        const slugs = await super.freeSlugs(titles);
        const somebodys = { authorId, title: titles[0]!, body: 'First.' };
        if (taken++ === 0) await database.detached(() => repositories.posts.insert(somebodys));
        return slugs;
      }
    }
    const contested = new ContestedPosts(database, { clock });
    const own = new Importing({ ...repositories, posts: contested }, new Locks(new MemoryLockStore()));
    expect(await own.importPosts(given)).toEqual({ inserted: 2, skipped: 0 });
    const rows = await repositories.posts.find({ title: 'Contested title' }, { orderBy: { slug: 'asc' } });
    expect(rows.map(({ slug }) => slug)).toEqual(['', '-2', '-3'].map((end) => `contested-title${end}`));
  });
});
