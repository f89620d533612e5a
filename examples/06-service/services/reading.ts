import { and, anyOf, count, gte, has, hasMany, lt, type Where } from 'trivet';
import type { DomainClock } from '../clock.js';
import type { Post } from '../entities/post.js';
import type { PostRelations } from '../relations.js';
import type { Repositories } from '../repositories.js';

export interface PostFilter {
  /** Slug of a category. */
  readonly category?: string;
  /** Name of a user. */
  readonly author?: string;
  /** The post has all of them. */
  readonly tags?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly minViews?: number;
}

/** What readers see of posts. */
export class Reading {
  readonly #repositories: Repositories;
  readonly #clock: DomainClock;
  readonly #visited: (postId: string) => Promise<void>;
  readonly #onPage;
  readonly #whole;

  /** `visited` is told of each visit, beside the log. */
  constructor(
    repositories: Repositories,
    relations: PostRelations,
    clock: DomainClock,
    visited: (postId: string) => Promise<void> = async () => {},
  ) {
    this.#repositories = repositories;
    this.#visited = visited;
    this.#clock = clock;
    const { author, tags, categories, comments, likes, shares, threads } = relations;
    this.#onPage = { author, tags, categories, comments, likes, shares };
    this.#whole = { author, tags, categories, likes, threads };
  }

  /** The published posts, the latest first. */
  frontPage(page: number, limit = 10) {
    return this.#repositories.posts.paginate(
      { status: 'published' },
      { page, limit, orderBy: { publishedAt: 'desc' }, include: this.#onPage },
    );
  }

  /** The same by position, which costs the same however far a reader scrolls. */
  scroll(after?: string, limit = 10) {
    return this.#repositories.posts.paginateByCursor(
      { status: 'published' },
      { after, limit, orderBy: { publishedAt: 'desc' }, select: ['title'] },
    );
  }

  /** A post with its threads; the visit goes into the log. */
  async read(slug: string, readerId: string | null = null) {
    const { posts, events } = this.#repositories;
    const post = await posts.findOne({ slug, status: 'published' }, { include: this.#whole });
    if (post === null) return null;
    await events.insert({ kind: 'view', postId: post.id, userId: readerId, at: this.#clock.date() });
    await this.#visited(post.id);
    return post;
  }

  /** The posts of a time that were viewed most. */
  popular(from: Date, to: Date, limit = 5) {
    return this.#repositories.posts.find(
      and({ status: 'published' }, { publishedAt: gte(from) }, { publishedAt: lt(to) }),
      { orderBy: { views: 'desc' }, limit, include: this.#onPage },
    );
  }

  /** The active categories at the top, each with those below it. */
  sections() {
    const { categories } = this.#repositories;
    const below = hasMany(categories, 'parentId', {
      where: { isActive: true },
      select: ['id', 'name', 'slug'],
      orderBy: { name: 'asc' },
    });
    return categories.find(
      { parentId: null, isActive: true },
      { select: ['id', 'name', 'slug', 'description'], orderBy: { name: 'asc' }, include: { below } },
    );
  }

  featured() {
    return this.#repositories.posts.find(
      { status: 'published', featured: true },
      { orderBy: { publishedAt: 'desc' }, select: ['title'] },
    );
  }

  /** The published posts that fit, the latest first. */
  async find(filter: PostFilter, page = 1, limit = 10) {
    return this.#repositories.posts.paginate(await this.#whereOf(filter), {
      page,
      limit,
      orderBy: { publishedAt: 'desc' },
      select: ['title', 'slug', 'excerpt', 'views'],
    });
  }

  /** The published posts that hold the words and fit, the best first. */
  async search(words: string, filter: PostFilter = {}, limit = 10) {
    return this.#repositories.posts.search(words, {
      where: await this.#whereOf(filter),
      limit,
      select: ['title', 'slug', 'excerpt', 'views'],
    });
  }

  async #whereOf({ category, author, tags = [], from, to, minViews }: PostFilter): Promise<Where<typeof Post>> {
    const { users, categories } = this.#repositories;
    const tests: Where<typeof Post>[] = [{ status: 'published' }];
    if (category !== undefined) {
      const found = await categories.findOne({ slug: category, isActive: true });
      tests.push(found === null ? { id: anyOf() } : { categoryIds: has(found.id) });
    }
    if (author !== undefined) {
      const found = await users.findOne({ username: author }, { select: ['id'] });
      tests.push(found === null ? { id: anyOf() } : { authorId: found.id });
    }
    if (tags.length > 0) tests.push({ id: anyOf(...(await this.#idsWithTags(tags))) });
    if (from !== undefined) tests.push({ publishedAt: gte(from) });
    if (to !== undefined) tests.push({ publishedAt: lt(to) });
    if (minViews !== undefined) tests.push({ views: gte(minViews) });
    return and(...tests);
  }

  async #idsWithTags(names: readonly string[]): Promise<string[]> {
    const { tags, postTags } = this.#repositories;
    const ids = await tags.idsOf(names);
    const all = await postTags.groupBy(
      ['postId'],
      { found: count() },
      { where: { tagId: anyOf(...ids) }, having: { found: new Set(names).size } },
    );
    return all.map(({ postId }) => postId);
  }
}
