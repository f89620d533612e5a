import {
  and,
  type CacheManager,
  CacheUnavailableError,
  cacheKey,
  gte,
  type ListSource,
  type Logger,
  lt,
  parseListQuery,
} from 'trivet';
import { Post } from '../entities/post.js';
import type { PostRelations } from '../relations.js';
import type { Repositories } from '../repositories.js';
import type { TimeFrame } from './analytics.js';

const LIST = {
  filter: {
    authorId: ['eq', 'in'],
    categoryIds: ['has', 'hasAny', 'hasAll'],
    featured: ['eq'],
    publishedAt: ['gte', 'lt'],
    readingMinutes: ['gte', 'lte'],
    views: ['gte', 'lt'],
  },
  sort: ['publishedAt', 'views', 'title', 'readingMinutes'],
  maxLimit: 50,
  defaultLimit: 10,
} as const;

/** Of a post in a list: its body is not read. */
const CARD = [
  'id',
  'authorId',
  'title',
  'slug',
  'excerpt',
  'readingMinutes',
  'publishedAt',
  'featured',
  'views',
] as const;

/** So many pages of a list are kept. Those behind them are read for the few who ask: else whoever asks for all of them fills the store. */
const KEPT_PAGES = 10;

/** All feeds, for what concerns posts of many authors. */
const EVERY = 'feeds';
/** The feeds that show the posts of everybody. */
const COMMON = 'feeds:common';
const ofAuthor = (id: string): string => `feeds:author:${id}`;

/**
 * The lists of posts that many ask for, kept in the cache. What changes a post, its comments or its likes says so by `changed`, and the next read
 * sees it, in every process. Views alone are shown later: at the latest when the `ttl` of the cache ends.
 */
export class Feeds {
  readonly #repositories: Repositories;
  readonly #cache: CacheManager;
  readonly #logger: Logger | undefined;
  readonly #include;

  constructor(repositories: Repositories, relations: PostRelations, cache: CacheManager, logger?: Logger) {
    this.#repositories = repositories;
    this.#cache = cache;
    this.#logger = logger;
    const { author, tags, comments, likes } = relations;
    this.#include = { author, tags, comments, likes };
  }

  /** A page of the published posts, as a query string asks. The front page is kept; what somebody filters or orders in a way of their own is not. */
  list(query: ListSource) {
    const list = parseListQuery(Post, query, LIST);
    const { page, limit } = list;
    const isFront = Object.keys(list.where).length === 0 && Object.keys(list.orderBy ?? {}).length === 0;
    const load = () =>
      this.#repositories.posts.paginate(and({ status: 'published' }, list.where), {
        page,
        limit,
        orderBy: isFront ? { publishedAt: 'desc' } : list.orderBy,
        select: CARD,
        include: this.#include,
      });
    if (!isFront || page > KEPT_PAGES) return load();
    return this.#cache.getOrSet(cacheKey('front', page, limit), load, { tags: [EVERY, COMMON] });
  }

  /** The posts of a time that were viewed most. They are kept for a time that many ask for: there is no end of those that somebody makes up. */
  popular({ from, to }: TimeFrame, limit: number, isUsual: boolean) {
    const load = () =>
      this.#repositories.posts.find(and({ status: 'published' }, { publishedAt: gte(from) }, { publishedAt: lt(to) }), {
        orderBy: { views: 'desc' },
        limit,
        select: CARD,
        include: this.#include,
      });
    if (!isUsual) return load();
    const key = cacheKey('popular', from.toISOString(), to.toISOString(), limit);
    return this.#cache.getOrSet(key, load, { tags: [EVERY, COMMON] });
  }

  /** A page of the published posts of one user, the latest first. */
  byAuthor(authorId: string, page: number, limit: number) {
    const load = () =>
      this.#repositories.posts.paginate(
        { status: 'published', authorId },
        { page, limit, orderBy: { publishedAt: 'desc' }, select: CARD, include: this.#include },
      );
    if (page > KEPT_PAGES) return load();
    return this.#cache.getOrSet(cacheKey('author', authorId, page, limit), load, { tags: [EVERY, ofAuthor(authorId)] });
  }

  /** Something that feeds show of posts of this author is another now. Inside a transaction, it is when that one has committed. */
  changed = (authorId: string): Promise<void> => this.#forget([COMMON, ofAuthor(authorId)]);

  /** Posts of many authors are others now. */
  allChanged = (): Promise<void> => this.#forget([EVERY]);

  async #forget(tags: readonly string[]): Promise<void> {
    const transaction = this.#repositories.posts.database.currentTransaction ?? null;
    if (transaction === null) return this.#invalidate(tags);
    // If it is not known whether it committed, to load once more does no harm.
    transaction.afterCommit(() => this.#invalidate(tags), { evenIfUnknown: true });
  }

  async #invalidate(tags: readonly string[]): Promise<void> {
    try {
      await this.#cache.invalidateTags(...tags);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
      // The change itself stands. Until the store answers again, feeds are loaded; then the cache makes up for it.
      this.#logger?.warn({ error: error.message }, 'feeds are invalidated later');
    }
  }
}
