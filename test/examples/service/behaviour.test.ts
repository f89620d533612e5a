import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { mongoDatabase, postgresDatabase, redisPrefix } from '../../setup/databases.js';
import { until } from '../../setup/outcomes.js';
import type { Answer, Client } from './client.js';
import { enginesOf, PASSWORD, type RunningService, startService } from './kit.js';

const engines = enginesOf(await postgresDatabase(), await mongoDatabase());
const redis = await redisPrefix();
const statusesOf = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status).sort();

// PGlite has one session.
describe.skipIf(!inject('postgresReal')).each(engines)('two processes of the service on %s', (name, engine) => {
  let here: RunningService;
  let there: RunningService;
  let ann: Client;
  let admin: Client;
  beforeAll(async () => {
    const own = { ...redis, prefix: `${redis.prefix}${name}:` };
    here = await startService(engine, own);
    there = await startService(engine, own);
    [ann, admin] = await Promise.all([here.userOf('ann', 'author'), here.userOf('root', 'admin')]);
  });
  afterAll(() => Promise.all([here?.close(), there?.close()]));

  const publish = async (title: string): Promise<string> => {
    const { slug } = (await ann.post('/posts', { title, body: `All of ${title}.` })).body;
    await ann.post(`/posts/${slug}/publication`);
    return slug;
  };
  const front = async (service: RunningService): Promise<string[]> =>
    (await service.client.get('/posts')).body.rows.map(({ title }: { title: string }) => title);

  test('what is written in one is seen in the other at once, though both have the list cached', async () => {
    await publish('Before');
    for (const service of [here, there, here, there]) expect(await front(service)).toEqual(['Before']);
    const slug = await publish('After');
    for (const service of [there, here]) expect(await front(service)).toEqual(['After', 'Before']);
    await ann.patch(`/posts/${slug}`, { title: 'After all' });
    for (const service of [there, here]) expect(await front(service)).toEqual(['After all', 'Before']);
    await ann.delete(`/posts/${slug}`);
    for (const service of [there, here]) expect(await front(service)).toEqual(['Before']);
  });

  test('five wrong passwords lock the account in both, and the right one does not open it', async () => {
    await here.userOf('lena', 'reader');
    const logIn = (service: RunningService, password: string) =>
      service.client.post('/sessions', { email: 'lena@blog.example', password });
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await logIn(i % 2 === 0 ? here : there, `wrong password ${i}`));
    expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const locked = await logIn(there, PASSWORD);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[4]!.status).toBe(locked.status);
  });

  test('of two imports at once one is refused, and a second one inserts nothing', async () => {
    const authorId = (await ann.get('/me')).body.id;
    const posts = Array.from({ length: 300 }, (_, i) => ({
      reference: `old:${i}`,
      authorId,
      title: `Old post ${i}`,
      body: 'It was long ago.',
    }));
    const send = (service: RunningService) => service.client.as(admin.token).post('/admin/posts/import', { posts });
    const answers = await Promise.all([send(here), send(there)]);
    expect(statusesOf(answers)).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 200)!.body).toEqual({ inserted: 300, skipped: 0 });
    expect((await send(there)).body).toEqual({ inserted: 0, skipped: 300 });
  });
});

describe.skipIf(!inject('postgresReal')).each(engines)('the service on %s, when things go wrong,', (name, engine) => {
  const own = (part: string) => ({ ...redis, prefix: `${redis.prefix}${name}:${part}:` });

  test('refuses who comes too often with 429, and says when to come again', async () => {
    const service = await startService(engine, own('limits'), { limit: 5 });
    try {
      const answers = [];
      for (let i = 0; i < 7; i++) answers.push(await service.client.get('/posts'));
      expect(statusesOf(answers)).toEqual([200, 200, 200, 200, 200, 429, 429]);
      expect(answers[6]!.body).toMatchObject({ status: 429, 'violated-policies': [expect.any(String)] });
      expect(Number(answers[6]!.headers.get('retry-after'))).toBeGreaterThan(0);
      // Whoever watches over the service asks as often as it likes.
      expect((await service.client.get('/livez')).status).toBe(200);
    } finally {
      await service.close();
    }
  });

  test('says that it is not ready while its database is away, and still that it is alive', async () => {
    const service = await startService(engine, own('ready'));
    try {
      expect((await service.client.get('/readyz')).body).toMatchObject({ status: 'pass' });
      await service.database.close();
      // One failed check is no outage yet.
      await until(async () => (await service.client.get('/readyz')).status === 503);
      expect((await service.client.get('/readyz')).body.status).toBe('fail');
      expect((await service.client.get('/livez')).status).toBe(200);
      const failed = await service.client.get('/users/ann');
      expect(failed.body).toMatchObject({ status: 503, code: 'CLOSED' });
    } finally {
      await service.close();
    }
  });

  test('ends in order: a request that is under way is answered, and a new one is not', async () => {
    const service = await startService(engine, own('end'));
    const slow = service.client.post('/users', {
      username: 'slow',
      email: 'slow@blog.example',
      password: PASSWORD,
      profile: { firstName: 'Slow', lastName: 'Poke' },
    });
    await service.arrived(1);
    const closed = service.close();
    expect((await slow).status).toBe(201);
    await closed;
    await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  });
});
