import { sum } from 'trivet';
import { OPENED, STORY_BEGINS } from '../seed/seed.js';
import type { Step } from './step.js';

const MONTH_AGO = new Date('2026-06-01T00:00:00.000Z');
const HALF_YEAR = { from: OPENED, to: STORY_BEGINS };

export const figures: readonly Step[] = [
  {
    title: 'Add the views of the event log to the posts, all at once',
    async run({ viewCounts, repositories }) {
      const viewed = async () => (await repositories.posts.groupBy([], { views: sum('views') }))[0]!.views;
      const before = await viewed();
      const { posts, ofViewed } = await viewCounts.add(MONTH_AGO);
      return { before, after: await viewed(), 'posts viewed': ofViewed, 'of them still there': posts };
    },
  },
  {
    title: 'Half a year in figures',
    run: ({ analytics }) => analytics.overview(HALF_YEAR),
  },
  {
    title: 'By category, by month, by author',
    async run({ analytics }) {
      return {
        categories: await analytics.byCategory(HALF_YEAR),
        months: await analytics.byMonth(HALF_YEAR),
        authors: await analytics.topAuthors(HALF_YEAR, 3),
      };
    },
  },
  {
    title: 'The latest posts with what they set off',
    run: async ({ analytics }) => ({ posts: await analytics.posts(HALF_YEAR, 5) }),
  },
  {
    title: 'All authors with their posts, also those without',
    run: async ({ analytics }) => ({ authors: await analytics.authors() }),
  },
  {
    title: 'Titles by category',
    run: ({ analytics }) => analytics.titlesByCategory(),
  },
  {
    title: 'Month by month, in SQL and in a pipeline',
    run: async ({ months }) => ({ months: await months.all() }),
  },
];
