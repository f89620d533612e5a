import { beforeAll, describe, expect, test } from 'vitest';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';
import { expectNothingUncaught } from '../setup/outcomes.js';
import { type Call, enginesOf, refused, useConduit } from './conduit/kit.js';

const engines = enginesOf(await postgresDatabase(), await mongoDatabase());

expectNothingUncaught();

describe.each(engines)('The articles of Conduit on %s', (_name, open) => {
  const api = useConduit(open);
  const call: Call = (...request) => api.call(...request);

  describe('articles', () => {
    test('are written, read, changed and deleted by their authors', async () => {
      const article = {
        title: 'Crème brûlée',
        description: 'Sweet',
        body: 'Cream, sugar.',
        tagList: ['b', 'a', ' a '],
      };
      const written = await call('POST', '/articles', api.ann, {
        article: { ...article, authorId: 'x', slug: 'mine' },
      });
      const author = { username: 'ann', bio: null, image: null, following: false };
      const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const shown = { favorited: false, favoritesCount: 0, createdAt: moment, updatedAt: moment, author };
      const whole = { ...article, ...shown, tagList: ['b', 'a'], slug: expect.stringMatching(/^creme-brulee-/) };
      expect(written).toMatchObject({ status: 201 });
      expect(written.body).toEqual({ article: whole });
      const { slug, createdAt } = written.body.article;
      expect((await call('GET', `/articles/${slug}`)).body).toEqual(written.body);

      // The title is what it was, and so is the slug.
      const same = await call('PUT', `/articles/${slug}`, api.ann, {
        article: { title: article.title, body: 'More.' },
      });
      expect(same.body.article).toEqual({ ...whole, slug, body: 'More.', createdAt });
      expect(same.body.article.updatedAt > createdAt).toBe(true);
      const renamed = await call('PUT', `/articles/${slug}`, api.ann, { article: { title: 'Flan', tagList: [] } });
      expect(renamed.body.article).toMatchObject({ title: 'Flan', slug: expect.stringMatching(/^flan-/), tagList: [] });
      await refused(404, { article: ['not found'] }, call('GET', `/articles/${slug}`));
      const now = `/articles/${renamed.body.article.slug}`;

      for (const method of ['PUT', 'DELETE'])
        await refused(403, { article: ['forbidden'] }, call(method, now, api.bob, { article: { body: 'Salt.' } }));
      expect(await call('DELETE', now, api.ann)).toMatchObject({ status: 204, body: null });
      await refused(404, { article: ['not found'] }, call('GET', now));
    });

    test('are refused with what is wrong, field by field', async () => {
      const blank = ["can't be blank"];
      for (const body of [{}, { article: { title: ' ', description: null } }])
        await refused(422, { title: blank, description: blank, body: blank }, call('POST', '/articles', api.ann, body));
      const slug = await api.publish(api.ann, 'Refused');
      const put = (article: unknown) => call('PUT', `/articles/${slug}`, api.ann, { article });
      await refused(422, { article: blank }, put({}));
      await refused(422, { tagList: ['must be a list'] }, put({ tagList: null }));
      await refused(422, { tagList: ['must be text', 'must not be null'] }, put({ tagList: [5, null] }));
      await refused(422, { title: ['must be text'], body: ['must be text'] }, put({ title: { $ne: 1 }, body: 5 }));
      for (const method of ['PUT', 'DELETE'])
        await refused(
          404,
          { article: ['not found'] },
          call(method, '/articles/none', api.ann, { article: { body: 'x' } }),
        );
    });

    test('may have the same title: their slugs differ', async () => {
      const slugs = await Promise.all(Array.from({ length: 5 }, () => api.publish(api.ann, '🦊')));
      expect(new Set(slugs).size).toBe(5);
    });

    test('are listed without their bodies, the latest first, a page at a time, by tag, author and who likes them', async () => {
      const cat = await api.register('cat');
      const slugs: string[] = [];
      for (const n of [1, 2, 3]) slugs.unshift(await api.publish(cat, `Listed ${n}`, n === 2 ? ['l', 'two'] : ['l']));
      const list = async (query: string) => {
        const { status, body } = await call('GET', `/articles?${query}`);
        expect(status).toBe(200);
        return [body.articlesCount, ...body.articles.map((each: { slug: string }) => each.slug)];
      };
      expect(await list('author=cat')).toEqual([3, ...slugs]);
      expect(await list('tag=l&limit=2')).toEqual([3, ...slugs.slice(0, 2)]);
      expect(await list('tag=l&limit=2&offset=2')).toEqual([3, slugs[2]]);
      expect(await list('tag=two&author=cat')).toEqual([1, slugs[1]]);
      expect(await list('favorited=bob&author=cat')).toEqual([0]);
      await call('POST', `/articles/${slugs[2]}/favorite`, api.bob);
      expect(await list('favorited=bob&author=cat')).toEqual([1, slugs[2]]);
      for (const none of ['author=nobody', 'favorited=nobody', 'tag=none', 'author=cat&offset=9007199254740991'])
        expect((await list(none)).slice(1)).toEqual([]);
      const [first] = (await call('GET', '/articles?author=cat', api.bob)).body.articles;
      const names = [
        'author',
        'createdAt',
        'description',
        'favorited',
        'favoritesCount',
        'slug',
        'tagList',
        'title',
        'updatedAt',
      ];
      expect(Object.keys(first).sort()).toEqual(names);
      expect((await call('GET', '/tags')).body.tags).toEqual(expect.arrayContaining(['l', 'two']));
    });

    test.each(['limit=-1', 'limit=0', 'limit=abc', 'limit=1.5', 'limit=', 'limit=1&limit=2', 'offset=-1', 'offset=x'])(
      'are not listed with %s',
      async (query) => {
        const errors = { [query.split('=')[0]!]: [expect.stringMatching(/^must be an integer from [01]$/)] };
        for (const path of ['/articles', '/articles/feed'])
          await refused(422, errors, call('GET', `${path}?${query}`, api.ann));
      },
    );

    test('of those whom a user follows are the feed', async () => {
      const [dan, eve] = [await api.register('dan'), await api.register('eve')];
      const slug = await api.publish(eve, 'For the feed');
      expect((await call('GET', '/articles/feed', dan)).body).toEqual({ articles: [], articlesCount: 0 });
      await call('POST', '/profiles/eve/follow', dan);
      const { articles, articlesCount } = (await call('GET', '/articles/feed?limit=1', dan)).body;
      expect([articlesCount, articles[0].slug, articles[0].author.following]).toEqual([1, slug, true]);
      expect((await call('GET', '/articles/feed?offset=1', dan)).body).toEqual({ articles: [], articlesCount: 1 });
    });

    test('are one query for each relation, however many are listed', async () => {
      for (const n of [1, 2, 3]) await api.publish(api.bob, `Counted ${n}`);
      // The viewer and the author; both counts of favourites; the rows and their number.
      const expected = { users: 2, follows: 1, favorites: 2, articles: 2 };
      expect(await api.database.sentBy(() => call('GET', '/articles?limit=1', api.ann))).toEqual(expected);
      expect(await api.database.sentBy(() => call('GET', '/articles?limit=100', api.ann))).toEqual(expected);
    });
  });

  test('a favourite counts once for each user, whatever happens at once', async () => {
    const slug = await api.publish(api.ann, 'Liked');
    const path = `/articles/${slug}/favorite`;
    const liked = await Promise.all(Array.from({ length: 8 }, (_, i) => call('POST', path, i % 2 ? api.ann : api.bob)));
    expect(liked.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const seen = async (token: string | null) => {
      const { favorited, favoritesCount } = (await call('GET', `/articles/${slug}`, token)).body.article;
      return [favorited, favoritesCount];
    };
    expect([await seen(api.ann), await seen(null)]).toEqual([
      [true, 2],
      [false, 2],
    ]);
    const { article } = (await call('DELETE', path, api.ann)).body;
    expect([article.favorited, article.favoritesCount, article.body]).toEqual([false, 1, 'All of Liked']);
    await Promise.all(Array.from({ length: 8 }, (_, i) => call(i % 2 ? 'POST' : 'DELETE', path, api.bob)));
    const [favorited, count] = await seen(api.bob);
    expect(count).toBe(favorited ? 1 : 0);
    for (const method of ['POST', 'DELETE'])
      await refused(404, { article: ['not found'] }, call(method, '/articles/none/favorite', api.ann));
  });

  describe('comments', () => {
    let path: string;
    beforeAll(async () => {
      path = `/articles/${await api.publish(api.ann, 'Discussed')}/comments`;
    });

    test('are made, listed and deleted by whoever made them', async () => {
      const made = await call('POST', path, api.bob, { comment: { body: 'Fine.', id: 7 } });
      const author = { username: 'bob', bio: null, image: null, following: false };
      const moment = expect.any(String);
      expect(made.status).toBe(201);
      expect(made.body.comment).toEqual({
        id: expect.any(Number),
        body: 'Fine.',
        author,
        createdAt: moment,
        updatedAt: moment,
      });
      expect((await call('GET', path)).body).toEqual({ comments: [made.body.comment] });
      const own = `${path}/${made.body.comment.id}`;
      await refused(403, { comment: ['forbidden'] }, call('DELETE', own, api.ann));
      const elsewhere = await api.publish(api.bob, 'Elsewhere');
      await refused(
        404,
        { comment: ['not found'] },
        call('DELETE', own.replace(/articles\/[^/]+/, `articles/${elsewhere}`), api.bob),
      );
      expect(await call('DELETE', own, api.bob)).toMatchObject({ status: 204, body: null });
      await refused(404, { comment: ['not found'] }, call('DELETE', own, api.bob));
      expect((await call('GET', path)).body).toEqual({ comments: [] });
    });

    test('are refused with what is wrong', async () => {
      for (const body of [{}, { comment: { body: '' } }, { comment: { body: null } }])
        await refused(422, { body: ["can't be blank"] }, call('POST', path, api.ann, body));
      await refused(422, { body: ['must be text'] }, call('POST', path, api.ann, { comment: { body: { $gt: '' } } }));
      for (const id of ['abc', '1.5', '99999999999999999999'])
        await refused(
          422,
          { id: [expect.stringContaining('must be an integer')] },
          call('DELETE', `${path}/${id}`, api.ann),
        );
      const none = { article: ['not found'] };
      await refused(404, none, call('GET', '/articles/none/comments'));
      await refused(404, none, call('POST', '/articles/none/comments', api.ann, { comment: { body: 'x' } }));
      await refused(404, none, call('DELETE', '/articles/none/comments/1', api.ann));
    });

    test('that are made at once have numbers that differ, and come with their authors in one query each', async () => {
      const make = (i: number) => call('POST', path, i % 2 ? api.ann : api.bob, { comment: { body: `Number ${i}` } });
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => make(i)));
      const ids = made.map(({ body }) => body.comment.id);
      expect(ids.every(Number.isInteger)).toBe(true);
      expect(new Set(ids).size).toBe(20);
      const list = () => call('GET', path, api.ann);
      expect(await api.database.sentBy(list)).toEqual({ users: 2, follows: 1, articles: 1, comments: 1 });
      expect((await list()).body.comments.map(({ id }: { id: number }) => id)).toEqual(ids.sort((a, b) => b - a));
    });

    test('to an article that is deleted meanwhile are made before or refused', async () => {
      const slug = await api.publish(api.ann, 'Gone soon');
      const make = () => call('POST', `/articles/${slug}/comments`, api.bob, { comment: { body: 'Late?' } });
      const like = () => call('POST', `/articles/${slug}/favorite`, api.bob);
      const [gone, ...rest] = await Promise.all([
        call('DELETE', `/articles/${slug}`, api.ann),
        ...Array.from({ length: 6 }, () => [make(), like()]).flat(),
      ]);
      expect(gone.status).toBe(204);
      expect(rest.filter(({ status }) => ![200, 201, 404].includes(status))).toEqual([]);
      await refused(404, { article: ['not found'] }, call('GET', `/articles/${slug}/comments`));
    });
  });
});
