import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../../setup/databases.js';
import type { Answer, Client } from './client.js';
import { enginesOf, PASSWORD, type RunningService, startService } from './kit.js';

const engines = enginesOf(await postgresDatabase(), await mongoDatabase());
const redis = await redisPrefix();

/** What a refusal says in short. */
const refusal = ({ status, body }: Answer) => [status, body?.status];
const issuesOf = ({ body }: Answer): string[] => (body.issues ?? []).map(({ path }: { path: string }) => path).sort();

/** `get /posts/{slug}` of each operation. */
const paths = (document: { readonly paths: Readonly<Record<string, object>> }): Record<string, true> =>
  Object.fromEntries(
    Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => [`${method} ${path}`, true]),
    ),
  );

// PGlite has one session.
describe.skipIf(!inject('postgresReal')).each(engines)('the service on %s', (name, engine) => {
  let service: RunningService;
  let anyone: Client;
  let ann: Client;
  let ben: Client;
  let reader: Client;
  let admin: Client;
  beforeAll(async () => {
    service = await startService(engine, { ...redis, prefix: `${redis.prefix}${name}:` });
    anyone = service.client;
    [ann, ben, reader, admin] = await Promise.all([
      service.userOf('ann', 'author'),
      service.userOf('ben', 'author'),
      service.userOf('rita', 'reader'),
      service.userOf('root', 'admin'),
    ]);
  });
  afterAll(() => service?.close());

  const written = async (title: string, more: object = {}): Promise<any> => {
    const { status, body } = await ann.post('/posts', { title, body: `All of ${title}.`, ...more });
    expect(status).toBe(201);
    return body;
  };
  const published = async (title: string, more: object = {}): Promise<any> => {
    const { slug } = await written(title, more);
    const { status } = await ann.post(`/posts/${slug}/publication`);
    expect(status).toBe(200);
    return (await anyone.get(`/posts/${slug}`)).body;
  };

  describe('accounts', () => {
    const account = (username: string, more: object = {}) => ({
      username,
      email: `${username}@blog.example`,
      password: PASSWORD,
      profile: { firstName: 'New', lastName: 'Comer' },
      ...more,
    });

    test('a user registers, logs in, reads and changes the account, and leaves', async () => {
      expect(await anyone.post('/users', account('nora'))).toMatchObject({
        status: 201,
        body: { username: 'nora', role: 'reader' },
      });
      const { status, body } = await anyone.post('/sessions', { email: 'nora@blog.example', password: PASSWORD });
      expect([status, body.user.username]).toEqual([200, 'nora']);
      const nora = anyone.as(body.token);
      expect((await nora.get('/me')).body).toMatchObject({ username: 'nora', email: 'nora@blog.example' });
      expect((await nora.patch('/me', { username: 'nora_q' })).body).toMatchObject({ username: 'nora_q' });
      expect((await anyone.get('/users/nora_q')).body).toMatchObject({ username: 'nora_q' });
      expect((await nora.delete('/me')).status).toBe(204);
      expect(refusal(await nora.get('/me'))).toEqual([401, 401]);
      expect(refusal(await anyone.get('/users/nora_q'))).toEqual([404, 404]);
    });

    test('a name that is taken is 409 and says which field it is', async () => {
      const answer = await anyone.post('/users', account('ann'));
      expect(refusal(answer)).toEqual([409, 409]);
      expect(answer.text).not.toContain('ann@');
    });

    test('everything that is wrong with a form is told at once', async () => {
      const wrong = account('x', { email: 'no address', password: 'short', profile: { firstName: '' } });
      const answer = await anyone.post('/users', wrong);
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual(['email', 'password', 'profile.firstName', 'profile.lastName', 'username']);
      expect(answer.text).not.toContain('short');
    });

    test('a form cannot bring a role along', async () => {
      const form = { ...account('eve'), role: 'admin', isActive: false, failedLogins: -9 };
      expect((await anyone.post('/users', form)).body).toMatchObject({
        role: 'reader',
        isActive: true,
        failedLogins: 0,
      });
    });

    test('the wrong password and an unknown address are refused alike', async () => {
      const wrong = await anyone.post('/sessions', { email: 'ann@blog.example', password: 'another secret' });
      const unknown = await anyone.post('/sessions', { email: 'nobody@blog.example', password: 'another secret' });
      expect(refusal(wrong)).toEqual([401, 401]);
      expect(unknown.text).toBe(wrong.text);
    });

    test('an operator in place of a value is refused, wherever it stands', async () => {
      const operator = { $ne: null };
      expect(refusal(await anyone.post('/sessions', { email: operator, password: operator }))[0]).toBe(422);
      expect(refusal(await anyone.post('/users', account('mallory', { email: operator })))[0]).toBe(422);
      expect(refusal(await ann.patch('/me', { username: operator }))[0]).toBe(422);
      expect(refusal(await anyone.get('/posts?featured[$ne]=true'))[0]).toBe(422);
    });

    test('another password needs the current one', async () => {
      const lena = await service.userOf('lena', 'reader');
      const password = 'a secret of my own';
      const missing = await lena.patch('/me', { password });
      expect(refusal(missing)).toEqual([422, 422]);
      expect(issuesOf(missing)).toEqual(['currentPassword']);
      expect(refusal(await lena.patch('/me', { password, currentPassword: { $ne: null } }))).toEqual([422, 422]);
      const wrong = await lena.patch('/me', { password, currentPassword: 'a guess of somebody' });
      expect([wrong.status, wrong.body.code]).toEqual([401, 'WRONG_LOG_IN']);
      expect((await lena.patch('/me', { password, currentPassword: PASSWORD })).status).toBe(200);
      const logIn = async (given: string) =>
        (await anyone.post('/sessions', { email: 'lena@blog.example', password: given })).status;
      expect([await logIn(PASSWORD), await logIn(password)]).toEqual([401, 200]);
    });

    test('a token that is none, or of another service, is 401', async () => {
      for (const token of ['x', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.']) {
        const answer = await anyone.as(token).get('/me');
        expect(refusal(answer)).toEqual([401, 401]);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
      expect(refusal(await anyone.get('/me'))).toEqual([401, 401]);
    });

    test('JSON that cannot be read is 400', async () => {
      expect(refusal(await anyone.post('/sessions', '{"email":'))).toEqual([400, 400]);
    });
  });

  describe('posts', () => {
    test('a post is a draft at first, which readers do not see, and comes out once', async () => {
      const { slug } = await written('Night trains');
      expect(slug).toBe('night-trains');
      expect(refusal(await anyone.get(`/posts/${slug}`))).toEqual([404, 404]);
      expect((await ann.post(`/posts/${slug}/publication`)).body).toMatchObject({ slug, status: 'published' });
      expect((await anyone.get(`/posts/${slug}`)).body).toMatchObject({
        title: 'Night trains',
        author: { username: 'ann' },
      });
      const [once, again] = [await anyone.get(`/posts/${slug}`), await ann.post(`/posts/${slug}/publication`)];
      expect(again.status).toBe(200);
      expect(again.body.publishedAt).toBe(once.body.publishedAt);
    });

    test('a reader writes no post, and nobody changes the post of another', async () => {
      const { slug } = await published('Rye bread');
      const form = { title: 'Of a reader', body: 'x' };
      expect(refusal(await anyone.post('/posts', form))).toEqual([401, 401]);
      expect(refusal(await reader.post('/posts', form))).toEqual([403, 403]);
      expect(refusal(await ben.patch(`/posts/${slug}`, { title: 'Mine' }))).toEqual([403, 403]);
      expect(refusal(await ben.delete(`/posts/${slug}`))).toEqual([403, 403]);
      expect(refusal(await anyone.delete(`/posts/${slug}`))).toEqual([401, 401]);
      expect((await anyone.get(`/posts/${slug}`)).body).toMatchObject({ title: 'Rye bread' });
    });

    test('what does not fit is named', async () => {
      const answer = await ann.post('/posts', { title: 'x', body: '' });
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual(['body', 'title']);
    });

    test('a change of a version that is not the last one is refused', async () => {
      const { slug, version } = await written('Paper maps');
      const changed = await ann.patch(`/posts/${slug}`, { title: 'Paper maps, again', version });
      expect(changed.body).toMatchObject({ title: 'Paper maps, again', version: version + 1 });
      expect(refusal(await ann.patch(`/posts/${slug}`, { title: 'Late', version }))).toEqual([409, 409]);
    });

    test('of two changes of one version at once one is made', async () => {
      const { slug, version } = await written('Contested');
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => ann.patch(`/posts/${slug}`, { title: `Contested ${i}`, version })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    });

    test('a post that is deleted is gone', async () => {
      const { slug } = await published('Against slow queries');
      expect((await ann.delete(`/posts/${slug}`)).status).toBe(204);
      for (const answer of [await anyone.get(`/posts/${slug}`), await ann.delete(`/posts/${slug}`)])
        expect(refusal(answer)).toEqual([404, 404]);
    });

    test('lists show published posts, page by page, in the order that is asked for', async () => {
      for (const title of ['List one', 'List two', 'List three']) await published(title);
      await written('List of drafts');
      const { body } = await anyone.get('/posts?limit=2&sort=title');
      expect(body).toMatchObject({ page: 1, hasNext: true, hasPrevious: false });
      expect(body.rows).toHaveLength(2);
      const all = (await anyone.get('/posts?limit=50&sort=title')).body.rows.map(
        ({ title }: { title: string }) => title,
      );
      expect(all).toEqual([...all].sort());
      expect(all).toEqual(expect.arrayContaining(['List one', 'List two', 'List three']));
      expect(all).not.toContain('List of drafts');
      const next = await anyone.get('/posts?limit=2&sort=title&page=2');
      expect(next.body.rows[0].title).toBe(all[2]);
    });

    test.each([
      ['a field that no list has', 'password=x', 'password'],
      ['a page size beyond the most', 'limit=100000', 'limit'],
      ['an order that no list has', 'sort=body', 'sort'],
      ['a page that is none', 'page=0', 'page'],
    ])('a list refuses %s by its name', async (_, query, field) => {
      const answer = await anyone.get(`/posts?${query}`);
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual([field]);
    });

    test('views are all counted, also many at once, and the most viewed post leads', async () => {
      const { slug } = await published('Seen by many');
      const before = (await anyone.get(`/posts/${slug}`)).body.views;
      const answers = await Promise.all(Array.from({ length: 20 }, () => anyone.get(`/posts/${slug}`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await anyone.get(`/posts/${slug}`)).body.views).toBe(before + 21);
      const { body } = await anyone.get('/posts/popular?from=2020-01-01&to=2100-01-01');
      expect(body.rows[0]).toMatchObject({ slug });
    });

    test('words are searched for, among what fits', async () => {
      const { slug } = await published('Sourdough in the mountains', { tags: ['bread', 'maps'] });
      const found = async (query: string): Promise<string[]> =>
        (await anyone.get(`/posts/search?${query}`)).body.rows.map((each: { slug: string }) => each.slug);
      expect(await found('q=sourdough')).toEqual([slug]);
      expect(await found('q=sourdough&author=ann&tags=bread,maps')).toEqual([slug]);
      for (const query of [
        'q=sourdough&author=ben',
        'q=sourdough&tags=trains',
        'q=sourdough&minViews=100000',
        'q=zeppelin',
      ])
        expect(await found(query)).toEqual([]);
      expect((await anyone.get('/posts/search?author=ben')).body.rows).toEqual([]);
      expect(refusal(await anyone.get('/posts/search?q=a&q=b'))[0]).toBe(422);
    });

    test('an author sees the own posts of any status, and no others', async () => {
      await written('Mine and not done');
      await published('Mine and out');
      const titles = async (client: Client, query: string): Promise<string[]> =>
        (await client.get(`/me/posts?${query}`)).body.rows.map(({ title }: { title: string }) => title);
      expect((await titles(ann, 'limit=2')).sort()).toEqual(['Mine and not done', 'Mine and out']);
      expect(await titles(ann, 'status=draft&limit=1')).toEqual(['Mine and not done']);
      expect(await titles(ann, 'status=draft&limit=50')).not.toContain('Mine and out');
      expect(await titles(ben, '')).toEqual([]);
      expect(refusal(await anyone.get('/me/posts'))).toEqual([401, 401]);
      const answer = await ann.get('/me/posts?authorId=x');
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual(['authorId']);
    });

    test('the categories at the top are listed with those below them, without what is turned off', async () => {
      const { categories } = service.repositories;
      const { id: parentId } = await categories.insert({ name: 'Travel' });
      await categories.insertMany(
        [{ name: 'Trains' }, { name: 'Airships', isActive: false }].map((each) => ({ ...each, parentId })),
      );
      await categories.insert({ name: 'Closed', isActive: false });
      const below = [{ id: expect.any(String), name: 'Trains', slug: 'trains' }];
      expect((await anyone.get('/categories')).body).toEqual({
        rows: [{ id: parentId, name: 'Travel', slug: 'travel', description: null, below }],
      });
    });

    test('an author has a page', async () => {
      await published('On my page');
      const { body } = await anyone.get('/authors/ann/posts');
      expect(body.rows.map(({ title }: { title: string }) => title)).toContain('On my page');
      expect(refusal(await anyone.get('/authors/nobody_here/posts'))).toEqual([404, 404]);
    });
  });

  describe('likes and comments', () => {
    test('a like counts once, however often and however many at once it is given', async () => {
      const { slug } = await published('Liked');
      const path = `/posts/${slug}/like`;
      await Promise.all(Array.from({ length: 10 }, () => reader.put(path)));
      expect((await ben.put(path)).body).toMatchObject({ liked: true, likes: 2 });
      await Promise.all(Array.from({ length: 10 }, () => reader.delete(path)));
      expect((await reader.delete(path)).body).toMatchObject({ liked: false, likes: 1 });
      expect(refusal(await anyone.put(path))).toEqual([401, 401]);
      expect(refusal(await reader.put('/posts/no-such-post/like'))).toEqual([404, 404]);
    });

    test('comments are threads of two levels, and go with whoever wrote them', async () => {
      const { slug } = await published('Discussed');
      const path = `/posts/${slug}/comments`;
      const first = await reader.post(path, { body: 'First!' });
      expect(first.status).toBe(201);
      const second = await ben.post(path, { body: 'Second.', parentId: first.body.id });
      const third = await reader.post(path, { body: 'Third.', parentId: second.body.id });
      expect(third.body).toMatchObject({ parentId: first.body.id });
      const threads = (await anyone.get(path)).body.rows;
      expect(threads).toMatchObject([{ body: 'First!', replies: [{ body: 'Second.' }, { body: 'Third.' }] }]);
      expect(refusal(await ben.delete(`/comments/${first.body.id}`))).toEqual([403, 403]);
      expect((await reader.delete(`/comments/${third.body.id}`)).status).toBe(204);
      expect((await anyone.get(path)).body.rows[0].replies).toHaveLength(1);
    });

    test('a comment without words, on nothing or below nothing is refused', async () => {
      const { slug } = await published('Not discussed');
      const path = `/posts/${slug}/comments`;
      const nowhere = '00000000-0000-7000-8000-00000000dead';
      expect(refusal(await anyone.post(path, { body: 'x' }))).toEqual([401, 401]);
      expect(refusal(await reader.post(path, { body: ' ' }))).toEqual([422, 422]);
      expect(refusal(await reader.post('/posts/no-such-post/comments', { body: 'x' }))).toEqual([404, 404]);
      expect(refusal(await reader.post(path, { body: 'x', parentId: nowhere }))).toEqual([404, 404]);
      expect(refusal(await reader.delete(`/comments/${nowhere}`))).toEqual([404, 404]);
      expect(refusal(await reader.delete('/comments/no-key'))[0]).toBe(422);
    });
  });

  describe('figures', () => {
    const frame = 'from=2020-01-01&to=2100-01-01';
    test.each(['overview', 'categories', 'months', 'authors', 'posts'])('%s are for everybody', async (figures) => {
      const { status, body } = await anyone.get(`/analytics/${figures}?${frame}`);
      expect(status).toBe(200);
      const { rows = [body] } = body;
      expect(rows.length).toBeGreaterThan(figures === 'categories' ? -1 : 0);
    });

    test('a time that is none is refused by its name', async () => {
      const answer = await admin.get('/analytics/overview?from=yesterday&to=2100-01-01');
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual(['from']);
    });
  });

  describe('administration', () => {
    test('is for administrators', async () => {
      for (const path of ['/admin/users', '/admin/users/statistics', '/admin/status']) {
        expect(refusal(await anyone.get(path))).toEqual([401, 401]);
        expect(refusal(await ann.get(path))).toEqual([403, 403]);
        expect((await admin.get(path)).status).toBe(200);
      }
      expect(refusal(await ann.post('/admin/posts/import', { posts: [] }))).toEqual([403, 403]);
      const author = (await ann.get('/me')).body.id;
      const old = { reference: 'old:1', authorId: author, title: 'An old post', body: 'It was long ago.' };
      const answer = await admin.post('/admin/posts/import', { posts: [old] });
      expect([answer.status, answer.body]).toEqual([200, { inserted: 1, skipped: 0 }]);
    });

    test('lists users as it is asked, and refuses what it may not be asked', async () => {
      const { body } = await admin.get('/admin/users?role=author&sort=username');
      expect(body.rows.map(({ username }: { username: string }) => username)).toEqual(['ann', 'ben']);
      const answer = await admin.get('/admin/users?password[startsWith]=a');
      expect(refusal(answer)).toEqual([422, 422]);
      expect(issuesOf(answer)).toEqual(['password[startsWith]']);
    });

    test('gives a user a role, and takes a user out', async () => {
      const tom = await service.userOf('tom', 'reader');
      const { id } = (await tom.get('/me')).body;
      expect((await admin.patch(`/admin/users/${id}`, { role: 'author' })).body).toMatchObject({ role: 'author' });
      expect((await tom.post('/posts', { title: 'By Tom', body: 'x' })).status).toBe(201);
      expect((await admin.patch(`/admin/users/${id}`, { isActive: false })).body).toMatchObject({ isActive: false });
      expect(refusal(await tom.get('/me'))).toEqual([401, 401]);
      expect(refusal(await admin.patch(`/admin/users/${id}`, { role: 'king' }))).toEqual([422, 422]);
      const nobody = '00000000-0000-7000-8000-00000000dead';
      expect(refusal(await admin.patch(`/admin/users/${nobody}`, { role: 'reader' }))).toEqual([404, 404]);
    });
  });

  test('the document is valid, has every route of the application, and none that nobody has asked above', async () => {
    const { body } = await anyone.get('/openapi.json');
    expect(await new Validator().validate(body)).toEqual({ valid: true });
    expect(service.routes().filter((route) => !(route in paths(body)))).toEqual([]);
    await Promise.all(['/livez', '/readyz'].map((path) => anyone.get(path)));
    expect(service.conformance.unseen()).toEqual([]);
  });

  test('an address that is not there is 404, as a problem', async () => {
    // It is in no document.
    const response = await fetch(`${service.url}/no/such/path`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
