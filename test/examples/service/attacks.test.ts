import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../../setup/databases.js';
import type { Answer, Client } from './client.js';
import { enginesOf, PASSWORD, type RunningService, startService } from './kit.js';

const engines = enginesOf(await postgresDatabase(), await mongoDatabase());
const redis = await redisPrefix();

/** The one thing that is wrong, with its status. */
const wrong = ({ status, body }: Answer) => [status, body.issues?.map(({ path }: { path: string }) => path).join()];

// PGlite has one session.
describe.skipIf(!inject('postgresReal')).each(engines)('the service on %s', (name, engine) => {
  let service: RunningService;
  let ann: Client;
  let admin: Client;
  beforeAll(async () => {
    service = await startService(engine, { ...redis, prefix: `${redis.prefix}attacks:${name}:` });
    [ann, admin] = await Promise.all([service.userOf('ann', 'author'), service.userOf('root', 'admin')]);
  });
  afterAll(() => service?.close());

  const logIn = async (username: string, password: string): Promise<Answer> =>
    service.client.post('/sessions', { email: `${username}@blog.example`, password });
  const published = async (title: string): Promise<string> => {
    const { body } = await ann.post('/posts', { title, body: 'All of it.' });
    await ann.post(`/posts/${body.slug}/publication`);
    return body.slug;
  };
  /** How often the cache was asked for something that it had not. */
  const misses = async (): Promise<number> => (await admin.get('/admin/status')).body.cache.misses;

  test.each([[5], [null], [{ $ne: null }], [['a long enough secret']]])(
    'a new password that is no text, such as %j, is refused by its name',
    async (password) => {
      const answer = await ann.patch('/me', { password, currentPassword: PASSWORD });
      expect(wrong(answer)).toEqual([422, 'password']);
    },
  );

  test('another password ends the tokens of before, those of thieves too, and no other change does', async () => {
    const owner = await service.userOf('olga', 'reader');
    const thief = owner.as((await logIn('olga', PASSWORD)).body.token);
    await owner.patch('/me', { username: 'olga_q', password: PASSWORD, currentPassword: PASSWORD });
    expect((await thief.get('/me')).status).toBe(200);

    expect((await owner.patch('/me', { password: `${PASSWORD}!`, currentPassword: PASSWORD })).status).toBe(200);
    for (const token of [owner, thief]) expect((await token.get('/me')).status).toBe(401);
    const { status, body } = await logIn('olga', `${PASSWORD}!`);
    expect([status, (await owner.as(body.token).get('/me')).status]).toEqual([200, 200]);
  });

  test('an author who is made a reader writes on no post of before, publishes no draft, and may take them away', async () => {
    const dora = await service.userOf('dora', 'author');
    const { body: draft } = await dora.post('/posts', { title: 'Left behind', body: 'A draft.' });
    const { id } = (await dora.get('/me')).body;
    expect((await admin.patch(`/admin/users/${id}`, { role: 'reader' })).status).toBe(200);
    const path = `/posts/${draft.slug}`;
    expect((await dora.patch(path, { body: 'Something else.' })).status).toBe(403);
    expect((await dora.post(`${path}/publication`)).status).toBe(403);
    expect((await dora.delete(path)).status).toBe(204);
  });

  test('an administrator does not leave: the last one would leave nobody who can make another', async () => {
    expect((await admin.delete('/me')).status).toBe(403);
    expect((await admin.get('/me')).status).toBe(200);
  });

  test('a tag that is named twice is one tag, and a post has no more than twenty', async () => {
    const tagged = (tags: unknown) => ann.post('/posts', { title: 'Tagged', body: 'With tags.', tags });
    expect((await tagged(['bread', 'Bread ', 'bread'])).status).toBe(201);
    const many = Array.from({ length: 21 }, (_, i) => `tag ${i}`);
    expect((await tagged(many.slice(1))).status).toBe(201);
    expect(wrong(await tagged(many))).toEqual([422, 'tags']);
    const authorId = (await ann.get('/me')).body.id;
    const post = { reference: 'many', authorId, title: 'Tagged', body: 'With tags.', tags: many };
    expect(wrong(await admin.post('/admin/posts/import', { posts: [post] }))).toEqual([422, '[0].tags']);
  });

  test('a title of signs that are many letters each has a slug, here and in an import', async () => {
    const title = '㎉'.repeat(120);
    const { status, body } = await ann.post('/posts', { title, body: 'Energy.' });
    expect([status, body.slug]).toEqual([201, 'kcal'.repeat(30)]);
    const posts = [{ reference: 'kcal', authorId: body.authorId, title, body: 'Energy.' }];
    expect((await admin.post('/admin/posts/import', { posts })).body).toEqual({ inserted: 1, skipped: 0 });
  });

  test('an import of more posts than can be checked at once is refused whole, in a word', async () => {
    const answer = await admin.post('/admin/posts/import', { posts: Array.from({ length: 10_001 }, () => 0) });
    expect(wrong(answer)).toEqual([422, '']);
  });

  test('questions that somebody makes up are not kept in the cache: they would have no end', async () => {
    const slug = await published('Asked for');
    const before = await misses();
    for (let i = 10; i < 20; i++) {
      expect((await service.client.get(`/posts/popular?from=2026-01-01T00:00:00.0${i}Z`)).status).toBe(200);
      expect((await service.client.get(`/posts?page=${i * 10}`)).status).toBe(200);
      expect((await service.client.get(`/authors/ann/posts?page=${i * 10}`)).status).toBe(200);
    }
    expect(await misses()).toBe(before);
    const popular = await service.client.get('/posts/popular');
    expect(popular.body.rows.map((row: { slug: string }) => row.slug)).toContain(slug);
    expect(await misses()).toBe(before + 1);
  });

  test('a post comes with its first threads, and a thread takes no answers without end', async () => {
    const slug = await published('Talked about');
    const say = (body: string, parentId?: string) => ann.post(`/posts/${slug}/comments`, { body, parentId });
    const comments = await Promise.all(Array.from({ length: 25 }, (_, i) => say(`Thread ${i}`)));
    expect(comments.every(({ status }) => status === 201)).toBe(true);
    expect((await ann.get(`/posts/${slug}`)).body.threads).toHaveLength(20);
    expect((await ann.get(`/posts/${slug}/comments?page=2`)).body.rows).toHaveLength(5);

    const { id } = comments[0]!.body;
    await Promise.all(Array.from({ length: 50 }, (_, i) => say(`Answer ${i}`, id)));
    expect(wrong(await say('One more.', id))).toEqual([422, 'parentId']);
    expect((await say('Another thread.')).status).toBe(201);
  });
});

describe.skipIf(!inject('postgresReal')).each(engines)('the limits of the service on %s', (name, engine) => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService(engine, { ...redis, prefix: `${redis.prefix}limits:${name}:` }, { limit: 100 });
  });
  afterAll(() => service?.close());

  test('count a new password with log-ins: each of them hashes one', async () => {
    const client = await service.userOf('gil', 'reader');
    const answers: number[] = [];
    for (let i = 0; i < 10; i++) answers.push((await client.patch('/me', { preferences: { theme: 'dark' } })).status);
    expect(answers).toEqual([...Array(9).fill(200), 429]);
    expect((await client.get('/me')).status).toBe(200);
  });
});
