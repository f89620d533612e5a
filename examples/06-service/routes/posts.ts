import { NotFoundError } from 'trivet';
import type { Service } from '../composition.js';
import { Category } from '../entities/category.js';
import { Post } from '../entities/post.js';
import { visitorOf } from '../http/authentication.js';
import { frameOf, integerParameter, pageParameters, parameter, timeParameter } from '../http/input.js';
import type { Route } from '../http/route.js';
import { listOf, objectOf, orNull, pageOf, partOfRow, rowSchema } from '../openapi/schemas.js';
import { count, frameQuery, pageQuery, sortQuery, text } from './parameters.js';

const author = orNull(objectOf({ username: text, fullName: text }));
const named = objectOf({ name: text });
const card = partOfRow(
  Post,
  ['id', 'authorId', 'title', 'slug', 'excerpt', 'readingMinutes', 'publishedAt', 'featured', 'views'],
  { author, tags: listOf(named), comments: count, likes: count },
);
const found = partOfRow(Post, ['title', 'slug', 'excerpt', 'views'], { score: { type: 'number' } });
const comment = { type: 'object', properties: { body: text, author } };
const added = { author, tags: listOf(named), categories: listOf(named), likes: count, threads: listOf(comment) };
const { required, ...post } = rowSchema(Post, 'PostWithThreads', added);
const whole = { ...post, required: [...(required as readonly string[]), ...Object.keys(added)] };
const rows = (schema: typeof card) => objectOf({ rows: listOf(schema) });

const section = partOfRow(Category, ['id', 'name', 'slug', 'description'], {
  below: listOf(partOfRow(Category, ['id', 'name', 'slug'])),
});

/** Reading. */
export function postRoutes({ feeds, reading, profiles, clock }: Service): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/posts',
      summary: 'Published posts, the latest first',
      tag: 'posts',
      access: 'anyone',
      query: {
        ...pageQuery,
        sort: sortQuery('-views,title'),
        featured: { type: 'boolean' },
        authorId: text,
        'categoryIds[has]': text,
        'publishedAt[gte]': text,
        'publishedAt[lt]': text,
        'readingMinutes[lte]': count,
        'views[gte]': count,
      },
      answers: { 200: { description: 'A page.', schema: pageOf(card) } },
      async handle(request, response) {
        response.json(await feeds.list(request.query as Record<string, string>));
      },
    },
    {
      method: 'get',
      path: '/posts/popular',
      summary: 'The posts of a time that were viewed most; of the last 30 days, unless it is said',
      tag: 'posts',
      access: 'anyone',
      query: { ...frameQuery, limit: { type: 'integer', minimum: 1, maximum: 50, default: 5 } },
      answers: { 200: { description: 'The posts.', schema: rows(card) } },
      async handle(request, response) {
        const limit = integerParameter(request, 'limit', { usual: 5, most: 50 });
        const isUsual = parameter(request, 'from') === undefined && parameter(request, 'to') === undefined;
        response.json({ rows: await feeds.popular(frameOf(request, clock.date(), 30), limit, isUsual) });
      },
    },
    {
      method: 'get',
      path: '/posts/search',
      summary: 'Published posts by their words, the best first; without words the latest that fit',
      tag: 'posts',
      access: 'anyone',
      query: {
        q: { ...text, description: 'Words, `"phrases"`, and `-words` that are not in it.' },
        category: { ...text, description: 'Slug of a category.' },
        author: { ...text, description: 'Name of a user.' },
        tags: { ...text, description: 'Names, with commas between them: a post has all of them.' },
        ...frameQuery,
        minViews: count,
        limit: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
      },
      answers: {
        200: { description: 'The posts.', schema: rows({ ...found, required: ['title', 'slug', 'excerpt', 'views'] }) },
      },
      async handle(request, response) {
        const filter = filterOf(request);
        const limit = integerParameter(request, 'limit', { usual: 10, most: 50 });
        const words = parameter(request, 'q');
        const found =
          words === undefined
            ? (await reading.find(filter, 1, limit)).rows
            : await reading.search(words, filter, limit);
        response.json({ rows: found });
      },
    },
    {
      method: 'get',
      path: '/posts/:slug',
      summary: 'A published post with its first threads; the visit counts',
      tag: 'posts',
      access: 'anyone',
      answers: { 200: { description: 'The post.', schema: whole } },
      async handle(request, response) {
        const post = await reading.read(request.params['slug'] as string, visitorOf(request)?.id ?? null);
        if (post === null) throw new NotFoundError(Post.name);
        response.json(post);
      },
    },
    {
      method: 'get',
      path: '/categories',
      summary: 'The categories at the top, each with those below it',
      tag: 'posts',
      access: 'anyone',
      answers: { 200: { description: 'The categories.', schema: rows(section) } },
      async handle(_request, response) {
        response.json({ rows: await reading.sections() });
      },
    },
    {
      method: 'get',
      path: '/authors/:username/posts',
      summary: 'The published posts of one author, the latest first',
      tag: 'posts',
      access: 'anyone',
      query: pageQuery,
      answers: { 200: { description: 'A page.', schema: pageOf(card) } },
      async handle(request, response) {
        const { page, limit } = pageParameters(request, 10);
        const { id } = await profiles.find(request.params['username'] as string);
        response.json(await feeds.byAuthor(id, page, limit));
      },
    },
  ];
}

function filterOf(request: Parameters<Route['handle']>[0]): Parameters<Service['reading']['find']>[0] {
  const [category, author, tags] = ['category', 'author', 'tags'].map((name) => parameter(request, name));
  const [from, to] = [timeParameter(request, 'from'), timeParameter(request, 'to')];
  const minViews = integerParameter(request, 'minViews', { usual: 0, most: 999_999_999, least: 0 });
  return {
    ...(category !== undefined && { category }),
    ...(author !== undefined && { author }),
    ...(tags !== undefined && { tags: tags.split(',').map((each) => each.trim()) }),
    ...(from && { from }),
    ...(to && { to }),
    ...(minViews > 0 && { minViews }),
  };
}
