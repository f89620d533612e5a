import { MemoryDatabase, MongoDatabase, PostgresDatabase } from 'trivet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Blog, memoryBlog, mongoBlog, postgresBlog } from '../../examples/02-blog/blog.js';
import { AnswersDifferError, assertAgreement, canonical } from '../../examples/02-blog/compare.js';
import { print } from '../../examples/02-blog/print.js';
import { loadSeed } from '../../examples/02-blog/seed/load.js';
import { makeSeed, OPENED, STORY_BEGINS } from '../../examples/02-blog/seed/seed.js';
import { story, type TimedAnswer, tell } from '../../examples/02-blog/story/story.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';
import * as expected from './blog/expected.js';

const postgres = await postgresDatabase();
const mongo = await mongoDatabase();
const logOfPostgres = await mongoDatabase();

const sql = new PostgresDatabase({ url: postgres.url });
const docs = new MongoDatabase({ url: mongo.url, name: mongo.name });
const log = new MongoDatabase({ url: logOfPostgres.url, name: logOfPostgres.name });
afterAll(() => Promise.all([sql.close(), docs.close(), log.close()]));

const seed = makeSeed();
const FRAME = { from: OPENED, to: STORY_BEGINS };
const ROME = [12.496, 41.903] as const;
const SPRING = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };

const blogs: Readonly<Record<string, Blog>> = {
  PostgreSQL: postgresBlog(sql, log),
  MongoDB: mongoBlog(docs),
  memory: memoryBlog(),
};
const told: Record<string, TimedAnswer[]> = {};

for (const [engine, blog] of Object.entries(blogs)) {
  describe(`the blog on ${engine}`, () => {
    beforeAll(async () => {
      const [beginning, ...others] = story;
      told[engine] = await tell(blog, [beginning!]);
      figures = await read(blog);
      told[engine].push(...(await tell(blog, others)));
    });
    let figures: Awaited<ReturnType<typeof read>>;

    test('has the rows of the seed, without those that were deleted', () => {
      expect(told[engine]![0]!.answer).toEqual(expected.counts(seed));
    });

    test('counts as plain JavaScript does: over half a year and over a spring', () => {
      for (const [i, frame] of [FRAME, SPRING].entries()) {
        expect(figures.frames[i]).toEqual({
          overview: expected.overview(seed, frame),
          byCategory: expected.byCategory(seed, frame),
          byMonth: expected.byMonth(seed, frame),
          topAuthors: expected.topAuthors(seed, frame, 3),
        });
      }
      expect(figures.authors).toEqual(expected.authors(seed));
      expect(figures.months).toEqual(expected.months(seed));
    });

    test('brings the right authors, tags, categories and counts along with each post, none twice, none lost', () => {
      expect(figures.pages).toEqual(expected.frontPage(seed));
    });

    test('finds posts by their words and users around a point, as plain JavaScript does', () => {
      for (const [phrase, found] of Object.entries(figures.found)) {
        expect(found.length).toBeGreaterThan(2);
        expect(found).toEqual(expected.titlesWith(seed, phrase));
      }
      expect(figures.around.length).toBeGreaterThan(5);
      expect(figures.around).toEqual(expected.around(seed, ROME, 2_000));
    });

    test('reads threads in their order, without deleted comments', () => {
      for (const [id, lines] of Object.entries(figures.threads)) expect(lines).toEqual(expected.threads(seed, id));
      expect(
        Object.values(figures.threads)
          .flat()
          .some((line) => line.startsWith('> ')),
      ).toBe(true);
    });
  });
}

/** What the seed alone decides, from the services. */
async function read({ analytics, directory, months, reading, repositories }: Blog) {
  const frames = [];
  for (const frame of [FRAME, SPRING]) {
    frames.push({
      overview: await analytics.overview(frame),
      byCategory: await analytics.byCategory(frame),
      byMonth: await analytics.byMonth(frame),
      topAuthors: await analytics.topAuthors(frame, 3),
    });
  }
  const pages = [];
  for (let page = 1, more = true; more; page++) {
    const { rows, hasNext } = await reading.frontPage(page, 7);
    for (const { title, author, tags, categories, comments, likes, shares } of rows) {
      const names = (each: readonly { readonly name: string }[]) => each.map(({ name }) => name);
      pages.push({
        title,
        author: author?.username ?? null,
        tags: names(tags),
        categories: names(categories),
        comments,
        likes,
        shares,
      });
    }
    more = hasNext;
  }
  const found: Record<string, string[]> = {};
  for (const phrase of ['night trains', 'measured it', 'rye bread'])
    found[phrase] = (await reading.search(`"${phrase}"`, {}, 100)).map(({ title }) => title).sort();
  const near = await directory.near({ type: 'Point', coordinates: ROME }, 2_000);
  const around = near.map(({ username, distance }) => ({ username, kilometres: Math.round(distance / 1_000) }));

  const threads: Record<string, string[]> = {};
  for (const { id, slug } of await repositories.posts.find({ status: 'published' }, { select: ['id', 'slug'] })) {
    const post = await reading.read(slug);
    threads[id] = post!.threads.flatMap(({ author, body, replies }) => [
      `${author?.username ?? null}: ${body}`,
      ...replies.map((each) => `> ${each.author?.username ?? null}: ${each.body}`),
    ]);
  }
  // Reading was written into the log; the story begins without.
  await repositories.events.deleteMany({ kind: 'view', userId: null, at: STORY_BEGINS });
  return { frames, found, around, authors: await analytics.authors(), months: await months.all(), pages, threads };
}

describe('the story', () => {
  test('is the same on PostgreSQL, on MongoDB and in memory', () => {
    expect(Object.keys(told)).toEqual(['PostgreSQL', 'MongoDB', 'memory']);
    for (const answers of Object.values(told)) expect(answers).toHaveLength(story.length);
    assertAgreement(told);
  });

  test('has no key of a row in it, which would be another one on each engine', () => {
    for (const { answer } of told['memory']!) {
      expect(canonical(answer)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/);
    }
  });

  test('is printed step by step, and no password or hash with it', () => {
    const text = print(told, 140);
    for (const { title } of story) expect(text).toContain(title);
    expect(text).toMatch(/PostgreSQL \d+ ms, MongoDB \d+ ms, memory \d+ ms/);
    expect(text).not.toMatch(/scrypt\$|correct horse|mind the gap|all stations/);
  });

  test('is found out where an engine tells it otherwise: the step, the part and both answers are named', () => {
    const right = told['memory']!;
    for (const [i, { title }] of story.entries()) {
      const [part] = Object.keys(right[i]!.answer);
      const wrong = right.with(i, { answer: { ...right[i]!.answer, [part!]: 'something else' }, milliseconds: 0 });
      let message = '';
      try {
        assertAgreement({ right, wrong });
      } catch (error) {
        expect(error).toBeInstanceOf(AnswersDifferError);
        message = (error as Error).message;
      }
      expect(message.split('\n')).toHaveLength(4);
      expect(message).toContain(`${i + 1}. ${title}: ${part}\n  right: `);
      expect(message).toContain('\n  wrong: "something else"');
    }
  });
});

describe('what is stored of passwords', () => {
  const secrets = /correct horse|mind the gap|all stations|guess number/;

  test('is a hash on PostgreSQL, of a salt of its own for each user', async () => {
    const rows = await sql.query<{ password: string }>('select password from users', []);
    expect(rows.length).toBeGreaterThan(10);
    for (const { password } of rows) expect(password).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(new Set(rows.map(({ password }) => password)).size).toBe(rows.length);
    const whole = await sql.query<{ row: string }>('select users::text as row from users', []);
    for (const { row } of whole) expect(row).not.toMatch(secrets);
  });

  test('is a hash on MongoDB', async () => {
    const collection = await docs.collection(blogs['MongoDB']!.repositories.users.entity);
    const rows = await collection.aggregate([]).toArray();
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      expect((row as { password: unknown }).password).toMatch(/^scrypt\$/);
      expect(JSON.stringify(row)).not.toMatch(secrets);
    }
  });
});

test('the seed fits the blog: nothing in it is about nothing', () => {
  expect(makeSeed()).toEqual(seed);
  expect(new Set(seed.posts.map(({ title }) => title)).size).toBe(seed.posts.length);
  expect(seed.posts.filter(({ categoryIds }) => categoryIds!.length > 1).length).toBeGreaterThan(3);
  expect(seed.comments.filter(({ authorId }) => seed.deleted.users.includes(authorId)).length).toBeGreaterThan(3);
  expect(seed.comments.filter(({ parentId }) => seed.deleted.comments.includes(parentId!)).length).toBeGreaterThan(0);
});

test('a seed that is loaded twice is refused, and nothing of it is stored', async () => {
  const blog = memoryBlog(new MemoryDatabase());
  await loadSeed(blog, seed);
  await expect(loadSeed(blog, seed)).rejects.toThrow(/same unique value/);
  expect(await blog.repositories.users.count()).toBe(seed.users.length - 1);
});
