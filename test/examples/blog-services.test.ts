import { belongsTo, isNotNull, MemoryDatabase, ValidationError } from 'trivet';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Blog, memoryBlog } from '../../examples/02-blog/blog.js';
import { seedId } from '../../examples/02-blog/seed/ids.js';
import { loadSeed } from '../../examples/02-blog/seed/load.js';
import { makeSeed, OPENED, STORY_BEGINS } from '../../examples/02-blog/seed/seed.js';
import { LogInError } from '../../examples/06-service/errors.js';
import { hashPassword, isPassword, NOBODY } from '../../examples/06-service/passwords.js';
import type { NewAccount } from '../../examples/06-service/services/accounts.js';
import { excerptOf, readingMinutesOf, slugOf, wordCountOf } from '../../examples/06-service/text.js';
import { caught } from '../setup/outcomes.js';
import { CountingDatabase } from './blog/counting.js';

// The services know no engine, so memory is enough for their rules; that all engines answer alike is tested beside.

const PASSWORD = 'a long enough secret';
const ACCOUNT: NewAccount = {
  email: 'zoe@blog.example',
  username: 'zoe',
  password: PASSWORD,
  profile: { firstName: 'Zoë', lastName: 'Quist' },
};

async function reasonOf(logIn: Promise<unknown>): Promise<string> {
  try {
    await logIn;
    return 'accepted';
  } catch (error) {
    if (error instanceof LogInError) return error.reason;
    throw error;
  }
}

describe('accounts', () => {
  let blog: Blog;
  let id: string;
  beforeAll(async () => {
    blog = memoryBlog();
    ({ id } = await blog.accounts.register(ACCOUNT));
  });
  const stored = () => blog.repositories.users.get(id, { reveal: ['password'] });
  const logIn = (password: string) => reasonOf(blog.accounts.logIn(ACCOUNT.email, password));

  test('a form cannot bring a role, a key or a lock along', async () => {
    const form = { ...ACCOUNT, email: 'eve@blog.example', username: 'eve', role: 'admin', isActive: false, id };
    const eve = await blog.accounts.register(form);
    expect(eve).toMatchObject({ role: 'reader', isActive: true, failedLogins: 0 });
    expect(eve.id).not.toBe(id);
  });

  test('a password that is too short is refused with everything else that is wrong, at first and later', async () => {
    const short = { password: 'too short', username: 'x' };
    const later = { ...short, currentPassword: PASSWORD };
    for (const refused of [blog.accounts.register({ ...ACCOUNT, ...short }), blog.accounts.change(id, later)]) {
      const error = await refused.catch((each: unknown) => each as ValidationError);
      expect(error).toBeInstanceOf(ValidationError);
      expect((error as ValidationError).issues.map(({ path }) => path).sort()).toEqual(['password', 'username']);
      expect((error as Error).message).not.toContain('too short');
    }
  });

  test('no answer of a service has the password or its hash', async () => {
    const { password } = await stored();
    const answers = [
      await blog.accounts.logIn(ACCOUNT.email, PASSWORD),
      await blog.accounts.change(id, { 'profile.bio': 'Hello.' }),
      await blog.repositories.users.findByEmail(ACCOUNT.email),
      await blog.directory.list(''),
    ];
    for (const answer of answers) {
      expect(JSON.stringify(answer)).toContain('Zoë');
      expect(JSON.stringify(answer)).not.toContain(password);
      expect(JSON.stringify(answer)).not.toContain(PASSWORD);
    }
  });

  test('five wrong passwords lock the account, however many come at once', async () => {
    const reasons = await Promise.all(Array.from({ length: 5 }, (_, i) => logIn(`wrong password ${i}`)));
    expect(reasons.sort()).toEqual(['locked', 'wrong', 'wrong', 'wrong', 'wrong']);
    expect(await stored()).toMatchObject({ failedLogins: 5, lockedUntil: new Date(OPENED.getTime() + 7_200_000) });
    expect(await logIn(PASSWORD)).toBe('locked');
  });

  test('a lock ends after two hours; then the count begins anew, and the right password ends it', async () => {
    blog.clock.advance(120);
    expect(await logIn('wrong password')).toBe('wrong');
    expect(await stored()).toMatchObject({ failedLogins: 1, lockedUntil: null });
    expect(await logIn(PASSWORD)).toBe('accepted');
    expect(await stored()).toMatchObject({ failedLogins: 0, lockedUntil: null, lastLoginAt: blog.clock.date() });
  });

  test('another password needs the current one, and wrong guesses at it lock the account as those of a log-in do', async () => {
    const change = (currentPassword?: string) =>
      reasonOf(
        blog.accounts.change(id, { password: 'another long secret', ...(currentPassword && { currentPassword }) }),
      );
    const before = (await stored()).password;
    expect(await caught(change())).toMatchObject({ issues: [{ path: 'currentPassword' }] });
    const guesses = await Promise.all(Array.from({ length: 5 }, (_, i) => change(`wrong password ${i}`)));
    expect(guesses.sort()).toEqual(['locked', 'wrong', 'wrong', 'wrong', 'wrong']);
    expect(await change(PASSWORD)).toBe('locked');
    expect((await stored()).password).toBe(before);
    blog.clock.advance(121);
    expect(await change(PASSWORD)).toBe('accepted');
    expect(await logIn('another long secret')).toBe('accepted');
    await blog.accounts.change(id, { password: PASSWORD, currentPassword: 'another long secret' });
  });

  test('the stored hash is itself no password', async () => {
    expect(await logIn((await stored()).password)).toBe('wrong');
    expect(await logIn(PASSWORD)).toBe('accepted');
  });
});

describe('a password', () => {
  test('is recognised by its hash, and no other one is', async () => {
    const hash = await hashPassword(PASSWORD);
    expect(await isPassword(PASSWORD, hash)).toBe(true);
    expect(await isPassword(`${PASSWORD} `, hash)).toBe(false);
    expect(await isPassword('', hash)).toBe(false);
    expect(await isPassword('', NOBODY)).toBe(false);
  });

  test('has another hash each time, and is the same one in either normal form of Unicode', async () => {
    expect(await hashPassword(PASSWORD)).not.toBe(await hashPassword(PASSWORD));
    expect(await isPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
  });
});

test('the views of the log are added to their posts, each its own, and those of a deleted post to none', async () => {
  const blog = memoryBlog();
  const seed = makeSeed();
  await loadSeed(blog, seed);
  const since = new Date(STORY_BEGINS.getTime() - 7 * 86_400_000);
  const viewsOf = (id: string) =>
    seed.events.filter(({ kind, postId, at }) => kind === 'view' && postId === id && at >= since).length;
  const viewed = seed.posts.filter(({ id }) => viewsOf(id!) > 0);
  expect(viewed.map(({ id }) => id)).toContain(seed.deleted.posts[0]);
  expect(new Set(viewed.map(({ id }) => viewsOf(id!))).size).toBeGreaterThan(3);

  expect(await blog.viewCounts.add(since)).toEqual({ posts: viewed.length - 1, ofViewed: viewed.length });
  const rows = await blog.repositories.posts.find({}, { deleted: 'with', select: ['id', 'views'] });
  for (const { id, views } of rows) {
    const { views: before } = seed.posts.find((each) => each.id === id)!;
    expect(views).toBe(seed.deleted.posts.includes(id) ? before : before! + viewsOf(id));
  }
});

test('slugs, words, minutes and excerpts are made of the text', () => {
  expect(slugOf('  Crème brûlée, twice! ')).toBe('creme-brulee-twice');
  expect(slugOf('§§§')).toBe('untitled');
  expect(wordCountOf(' one two\nthree ')).toBe(3);
  expect([readingMinutesOf(0), readingMinutesOf(200), readingMinutesOf(201)]).toEqual([1, 1, 2]);
  expect(excerptOf('short')).toBe('short');
  expect(excerptOf('one two three', 9)).toBe('one two…');
  expect(excerptOf('onetwothree', 5)).toBe('onetw…');
});

describe('the number of queries', () => {
  const database = new CountingDatabase(new MemoryDatabase());
  const blog = memoryBlog(database);
  const frame = { from: OPENED, to: STORY_BEGINS };
  beforeAll(() => loadSeed(blog, makeSeed()));

  test('of the front page does not grow with the page', async () => {
    const one = await database.sentBy(() => blog.reading.frontPage(1, 1));
    // The rows and their count; the tags by the rows between.
    expect(one).toEqual({
      posts: 2,
      users: 1,
      post_tags: 1,
      tags: 1,
      categories: 1,
      comments: 1,
      likes: 1,
      events: 1,
    });
    expect(await database.sentBy(() => blog.reading.frontPage(1, 25))).toEqual(one);
  });

  test('of a post with its threads does not grow with the threads', async () => {
    const { comments, posts } = blog.repositories;
    const answers = await comments.find(
      { parentId: isNotNull() },
      { include: { parent: belongsTo(comments, 'parentId') } },
    );
    const { slug } = await posts.get(answers.find(({ parent }) => parent !== null)!.postId);
    // Comments: those that begin threads, and the answers; users: of the post, of the comments, of the answers.
    expect(await database.sentBy(() => blog.reading.read(slug))).toMatchObject({
      posts: 1,
      comments: 2,
      users: 3,
    });
  });

  test('of the figures is one for each question and one for the names', async () => {
    expect(await database.sentBy(() => blog.analytics.byCategory(frame))).toEqual({ posts: 1, categories: 1 });
    expect(await database.sentBy(() => blog.analytics.topAuthors(frame, 5))).toEqual({ posts: 1, users: 1 });
    expect(await database.sentBy(() => blog.analytics.authors())).toEqual({ posts: 1, users: 1 });
    expect(await database.sentBy(() => blog.analytics.posts(frame, 20))).toEqual({
      posts: 1,
      comments: 1,
      likes: 1,
      events: 1,
    });
    expect(await database.sentBy(() => blog.viewCounts.add(OPENED))).toEqual({ events: 1, posts: 1 });
    expect(await database.sentBy(() => blog.directory.list('?limit=50'))).toEqual({ users: 1, posts: 1 });
  });

  test('of a new post with three tags is two for a new tag, one for one that is there, and two', async () => {
    const draft = {
      authorId: seedId('user', 1),
      title: 'On counting',
      body: 'One, two.',
      tags: ['maps', 'bread', 'new'],
    };
    const { posts, ...others } = await database.sentBy(() => blog.publishing.write(draft));
    expect(others).toEqual({ tags: 4, post_tags: 1 });
    expect(posts).toBe(2);
  });
});
