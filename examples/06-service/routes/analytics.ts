import type { JsonSchema } from 'trivet';
import type { Service } from '../composition.js';
import { frameOf } from '../http/input.js';
import type { Route } from '../http/route.js';
import { listOf, objectOf } from '../openapi/schemas.js';
import type { TimeFrame } from '../services/analytics.js';
import { count, frameQuery, numberOrNull, text } from './parameters.js';

const MOST = 20;
const DAYS = 365;
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const rows = (properties: Readonly<Record<string, JsonSchema>>) => objectOf({ rows: listOf(objectOf(properties)) });
const overview = objectOf({
  posts: count,
  views: count,
  averageViews: numberOrNull,
  words: count,
  authors: count,
  comments: count,
  likes: count,
});

/** Figures of published posts: of the last year, unless the client says. */
export function analyticsRoutes({ analytics, clock }: Service): readonly Route[] {
  const route = (
    name: string,
    summary: string,
    schema: JsonSchema,
    ask: (frame: TimeFrame) => Promise<object>,
  ): Route => ({
    method: 'get',
    path: `/analytics/${name}`,
    summary,
    tag: 'analytics',
    access: 'anyone',
    query: frameQuery,
    answers: { 200: { description: 'The figures.', schema } },
    async handle(request, response) {
      const found = await ask(frameOf(request, clock.date(), DAYS));
      response.json(Array.isArray(found) ? { rows: found } : found);
    },
  });
  const figures = { posts: count, views: count };
  return [
    route('overview', 'All posts of a time together', overview, (frame) => analytics.overview(frame)),
    route(
      'categories',
      'Posts by category, the most viewed first',
      rows({ category: textOrNull, ...figures, readingMinutes: numberOrNull }),
      (frame) => analytics.byCategory(frame),
    ),
    route(
      'months',
      'Posts by month',
      rows({ publishedAt: { type: ['string', 'null'], format: 'date-time' }, ...figures }),
      (frame) => analytics.byMonth(frame),
    ),
    route('authors', 'The most viewed authors', rows({ author: textOrNull, ...figures }), (frame) =>
      analytics.topAuthors(frame, MOST),
    ),
    route(
      'posts',
      'The latest posts, with what they set off',
      rows({ title: text, views: count, comments: count, likes: count, shares: count, engagement: numberOrNull }),
      (frame) => analytics.posts(frame, MOST),
    ),
  ];
}
