import { and, anyOf, avg, bucket, count, countDistinct, each, gte, lt, max, sum, type Where } from 'trivet';
import type { Post } from '../entities/post.js';
import type { PostRelations } from '../relations.js';
import type { Repositories } from '../repositories.js';

/** From `from` up to, and without, `to`. */
export interface TimeFrame {
  readonly from: Date;
  readonly to: Date;
}

const MEASURES = { posts: count(), views: sum('views') } as const;

/** Figures of published posts. */
export class Analytics {
  readonly #repositories: Repositories;
  readonly #relations: PostRelations;

  constructor(repositories: Repositories, relations: PostRelations) {
    this.#repositories = repositories;
    this.#relations = relations;
  }

  async overview({ from, to }: TimeFrame) {
    const { posts, comments, likes } = this.#repositories;
    const [figures] = await posts.groupBy(
      [],
      { ...MEASURES, averageViews: avg('views'), words: sum('wordCount'), authors: countDistinct('authorId') },
      { where: publishedIn({ from, to }) },
    );
    return {
      ...figures!,
      comments: await comments.count(and({ createdAt: gte(from) }, { createdAt: lt(to) })),
      likes: await likes.count(and({ createdAt: gte(from) }, { createdAt: lt(to) })),
    };
  }

  /** A post of two categories counts in both, one without a category in none. */
  async byCategory(frame: TimeFrame) {
    const { posts, categories } = this.#repositories;
    const groups = await posts.groupBy(
      [each('categoryIds')],
      { ...MEASURES, readingMinutes: avg('readingMinutes') },
      { where: publishedIn(frame), orderBy: { views: 'desc' } },
    );
    const named = await categories.find({ id: anyOf(...groups.map((group) => group.categoryIds)) });
    const nameOf = new Map(named.map(({ id, name }) => [id, name]));
    return groups.map(({ categoryIds, ...figures }) => ({ category: nameOf.get(categoryIds) ?? null, ...figures }));
  }

  byMonth(frame: TimeFrame) {
    return this.#repositories.posts.groupBy([bucket('publishedAt', 'month')], MEASURES, {
      where: publishedIn(frame),
    });
  }

  async topAuthors(frame: TimeFrame, limit: number) {
    const { posts, users } = this.#repositories;
    const groups = await posts.groupBy(['authorId'], MEASURES, {
      where: publishedIn(frame),
      orderBy: { views: 'desc' },
      limit,
    });
    const authors = await users.find({ id: anyOf(...groups.map(({ authorId }) => authorId)) }, { deleted: 'with' });
    const nameOf = new Map(authors.map(({ id, fullName }) => [id, fullName]));
    return groups.map(({ authorId, ...figures }) => ({ author: nameOf.get(authorId) ?? null, ...figures }));
  }

  /** The latest posts with what they set off; engagement is likes and comments per hundred views. */
  async posts(frame: TimeFrame, limit: number) {
    const { comments, likes, shares } = this.#relations;
    const rows = await this.#repositories.posts.find(publishedIn(frame), {
      orderBy: { publishedAt: 'desc' },
      limit,
      select: ['title', 'views'],
      include: { comments, likes, shares },
    });
    return rows.map((row) => ({
      ...row,
      engagement: row.views === 0 ? null : Math.round(((row.likes + row.comments) / row.views) * 10_000) / 100,
    }));
  }

  /** Every author, also one without a post. */
  async authors() {
    const { users, posts } = this.#repositories;
    const authors = await users.find({ role: 'author' }, { select: ['id', 'username'], orderBy: { username: 'asc' } });
    const groups = await posts.groupBy(
      ['authorId'],
      { ...MEASURES, averageViews: avg('views'), lastPublishedAt: max('publishedAt') },
      { where: { status: 'published', authorId: anyOf(...authors.map(({ id }) => id)) } },
    );
    const figuresOf = new Map(groups.map(({ authorId, ...figures }) => [authorId, figures]));
    const none = { posts: 0, views: 0, averageViews: null, lastPublishedAt: null };
    return authors
      .map(({ id, username }) => ({ username, ...(figuresOf.get(id) ?? none) }))
      .sort((a, b) => b.posts - a.posts || b.views - a.views);
  }

  /** The titles of each active category, by its name. */
  async titlesByCategory(): Promise<Record<string, string[]>> {
    const { categories } = this.#relations;
    const rows = await this.#repositories.posts.find(
      { status: 'published' },
      { orderBy: { title: 'asc' }, select: ['title'], include: { categories } },
    );
    const titles: Record<string, string[]> = {};
    for (const { title, categories } of rows) for (const { name } of categories) (titles[name] ??= []).push(title);
    return titles;
  }
}

function publishedIn({ from, to }: TimeFrame): Where<typeof Post> {
  return and({ status: 'published' }, { publishedAt: gte(from) }, { publishedAt: lt(to) });
}
