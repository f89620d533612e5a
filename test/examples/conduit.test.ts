import { describe, expect, test } from 'vitest';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';
import { expectNothingUncaught } from '../setup/outcomes.js';
import { type Call, enginesOf, PASSWORD, refused, useConduit } from './conduit/kit.js';

const engines = enginesOf(await postgresDatabase(), await mongoDatabase());

expectNothingUncaught();

describe.each(engines)('Conduit on %s', (_name, open) => {
  const api = useConduit(open);
  const call: Call = (...request) => api.call(...request);

  describe('users', () => {
    test('are registered, log in, are shown to themselves and change what they give', async () => {
      const user = { username: ' zoe ', email: 'Zoe@Conduit.example', password: PASSWORD };
      const registered = await call('POST', '/users', null, { user });
      const zoe = { username: 'zoe', email: 'zoe@conduit.example', bio: null, image: null, token: expect.any(String) };
      expect(registered).toMatchObject({ status: 201, body: { user: zoe } });
      expect(Object.keys(registered.body.user).sort()).toEqual(['bio', 'email', 'image', 'token', 'username']);
      const { email } = user;
      const loggedIn = await call('POST', '/users/login', null, { user: { email, password: PASSWORD } });
      expect(loggedIn).toMatchObject({ status: 200, body: { user: zoe } });
      const { token } = loggedIn.body.user;
      expect(await call('GET', '/user', `Bearer ${token}`)).toMatchObject({ status: 200, body: { user: zoe } });
      const changes = { bio: 'Writes.', image: 'https://conduit.example/z.png', password: 'another secret' };
      const changed = await call('PUT', '/user', token, { user: { ...changes, id: 'x', createdAt: 1 } });
      expect(changed.body.user).toMatchObject({ ...zoe, bio: changes.bio, image: changes.image });
      // The published tests go on with the token of before, too.
      for (const nothing of ['', null]) {
        await call('PUT', '/user', token, { user: { bio: 'Writes.' } });
        expect((await call('PUT', '/user', token, { user: { bio: nothing } })).body.user.bio).toBeNull();
      }
      await refused(
        401,
        { credentials: ['invalid'] },
        call('POST', '/users/login', null, { user: { email, password: PASSWORD } }),
      );
      const right = { user: { email, password: changes.password } };
      expect((await call('POST', '/users/login', null, right)).status).toBe(200);
    });

    test('are refused with what is wrong, field by field', async () => {
      const blank = ["can't be blank"];
      const nothing = {
        username: blank,
        email: [...blank, 'is invalid'],
        password: [...blank, expect.stringContaining('too short')],
      };
      for (const body of [{}, { user: {} }, { user: [] }, { user: { username: '', email: null, password: '' } }])
        await refused(422, nothing, call('POST', '/users', null, body));
      const user = { username: 'xan', email: 'no address', password: 'short' };
      await refused(
        422,
        { email: ['is invalid'], password: [expect.stringContaining('too short')] },
        call('POST', '/users', null, { user }),
      );
      await refused(422, { user: blank }, call('PUT', '/user', api.ann, { user: { admin: true } }));
      for (const field of ['username', 'email', 'password'])
        for (const value of ['', null, 5, { $ne: null }]) {
          const { status, body } = await call('PUT', '/user', api.ann, { user: { [field]: value } });
          expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
        }
    });

    test('have a name and an address that nobody else has', async () => {
      const user = { username: 'ann', email: 'ann2@conduit.example', password: PASSWORD };
      await refused(409, { username: ['has already been taken'] }, call('POST', '/users', null, { user }));
      const other = { ...user, username: 'ann2', email: 'ANN@conduit.example' };
      await refused(409, { email: ['has already been taken'] }, call('POST', '/users', null, { user: other }));
      await refused(
        409,
        { username: ['has already been taken'] },
        call('PUT', '/user', api.bob, { user: { username: 'ann' } }),
      );
    });

    test('of one name that register at once are one user', async () => {
      const user = (i: number) => ({ username: 'twin', email: `twin${i}@conduit.example`, password: PASSWORD });
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => call('POST', '/users', null, { user: user(i) })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    });

    test('log in with nothing but a right address and a right password', async () => {
      const logIn = (user: unknown) => call('POST', '/users/login', null, { user });
      await refused(422, { email: ["can't be blank"], password: ["can't be blank"] }, logIn({}));
      await refused(422, { password: ["can't be blank"] }, logIn({ email: 'ann@conduit.example', password: '' }));
      await refused(422, { email: ["can't be blank"] }, logIn({ email: { $ne: null }, password: PASSWORD }));
      await refused(
        422,
        { password: ["can't be blank"] },
        logIn({ email: 'ann@conduit.example', password: { $gt: '' } }),
      );
      for (const email of ['ann@conduit.example', 'nobody@conduit.example'])
        await refused(401, { credentials: ['invalid'] }, logIn({ email, password: 'a wrong secret' }));
    });
  });

  test('whatever needs a user is refused without a token, and everything with one that is not good', async () => {
    const own = [
      'GET /user',
      'PUT /user',
      'GET /articles/feed',
      'POST /articles',
      'PUT /articles/x',
      'DELETE /articles/x',
    ];
    const others = ['/profiles/ann/follow', '/articles/x/favorite'].flatMap((path) => [
      `POST ${path}`,
      `DELETE ${path}`,
    ]);
    const comments = ['POST /articles/x/comments', 'DELETE /articles/x/comments/1'];
    const open = ['GET /profiles/ann', 'GET /articles', 'GET /articles/x', 'GET /articles/x/comments'];
    for (const each of [...own, ...others, ...comments]) {
      const [method, path] = each.split(' ') as [string, string];
      await refused(401, { token: ['is missing'] }, call(method, path));
      await refused(401, { token: ['is missing'] }, call(method, path, 'Basic YW5uOnNlY3JldA=='));
    }
    const unsigned = `${btoa('{"alg":"none"}')}.${api.ann.split('.')[1]}.`.replaceAll('=', '');
    for (const each of [...own, ...others, ...comments, ...open]) {
      const [method, path] = each.split(' ') as [string, string];
      for (const token of ['nonsense', unsigned, `${api.ann.slice(0, -4)}AAAA`])
        await refused(401, { token: ['is invalid'] }, call(method, path, token));
    }
  });

  test('profiles tell everybody who somebody is, and a user whom they follow', async () => {
    const profile = { username: 'bob', bio: null, image: null, following: false };
    const followed = { profile: { ...profile, following: true } };
    expect(await call('GET', '/profiles/bob')).toMatchObject({ status: 200, body: { profile } });
    for (let i = 0; i < 2; i++)
      expect(await call('POST', '/profiles/bob/follow', api.ann)).toMatchObject({ status: 200, body: followed });
    expect((await call('GET', '/profiles/bob', api.ann)).body).toEqual(followed);
    expect((await call('GET', '/profiles/bob')).body).toEqual({ profile });
    for (let i = 0; i < 2; i++)
      expect(await call('DELETE', '/profiles/bob/follow', api.ann)).toMatchObject({ status: 200, body: { profile } });
    const missing = { profile: ['not found'] };
    await refused(404, missing, call('GET', '/profiles/nobody'));
    for (const method of ['POST', 'DELETE'])
      await refused(404, missing, call(method, '/profiles/nobody/follow', api.ann));
  });

  test('a body that is no JSON or too large, and a path that is none, are refused in the same form', async () => {
    for (const body of ['{"user":', 'null', '"text"'])
      await refused(400, { request: ['bad request'] }, call('POST', '/users', null, body));
    const large = { article: { title: 'x', description: 'x', body: 'x'.repeat(200_000) } };
    await refused(413, { request: ['payload too large'] }, call('POST', '/articles', api.ann, large));
    await refused(400, { request: ['bad request'] }, call('GET', '/profiles/%zz'));
    await refused(404, { path: ['not found'] }, call('GET', '/nothing'));
    await refused(422, { slug: [expect.stringContaining('well-formed')] }, call('GET', '/articles/%00'));
    await refused(422, { username: ['must be text, not a list'] }, call('GET', '/articles?author=a&author=b'));
  });

  test('pages of other origins may ask', async () => {
    const { status, headers } = await call('OPTIONS', '/articles');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const answer = await call('GET', '/tags');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });
});
