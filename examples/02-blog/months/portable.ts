import { bucket, count, sum } from 'trivet';
import type { Posts } from '../../06-service/repositories/posts.js';
import type { Month, Months } from './months.js';

/** For an engine that has nothing of its own: the totals run here. */
export class PortableMonths implements Months {
  readonly #posts: Posts;

  constructor(posts: Posts) {
    this.#posts = posts;
  }

  async all(): Promise<Month[]> {
    const rows = await this.#posts.find(
      { status: 'published' },
      { select: ['title', 'publishedAt'], orderBy: { views: 'desc', id: 'asc' } },
    );
    const best = new Map<string, string>();
    for (const { title, publishedAt } of rows)
      if (!best.has(monthOf(publishedAt))) best.set(monthOf(publishedAt), title);

    const groups = await this.#posts.groupBy(
      [bucket('publishedAt', 'month')],
      { posts: count(), views: sum('views') },
      { where: { status: 'published' } },
    );
    let postsSoFar = 0;
    return groups.map(({ publishedAt, posts, views }, i) => {
      postsSoFar += posts;
      const change = i === 0 ? null : views - groups[i - 1]!.views;
      const month = monthOf(publishedAt);
      return { month, posts, views, postsSoFar, change, best: best.get(month)! };
    });
  }
}

function monthOf(date: Date | null): string {
  return date?.toISOString().slice(0, 7) ?? '';
}
