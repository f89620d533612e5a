import {
  and,
  DuplicateKeyError,
  type Insert,
  type ListSource,
  NotFoundError,
  ne,
  type Patch,
  parseListQuery,
} from 'trivet';
import type { DomainClock } from '../clock.js';
import { Post } from '../entities/post.js';
import { type Actor, requireOwner } from '../permissions.js';
import type { Repositories } from '../repositories.js';

export type NewPost = Pick<Insert<typeof Post>, 'authorId' | 'title' | 'body' | 'excerpt' | 'categoryIds'> & {
  readonly tags?: readonly string[];
};

const MOST_ATTEMPTS = 6;
const OWN = { filter: { status: ['eq', 'in'] }, sort: ['updatedAt', 'publishedAt', 'title'], maxLimit: 50 } as const;

/** What authors do with their posts. */
export class Publishing {
  readonly #repositories: Repositories;
  readonly #clock: DomainClock;
  readonly #changed: (authorId: string) => Promise<void>;

  /** `changed` is told whose posts readers see differently now. */
  constructor(
    repositories: Repositories,
    clock: DomainClock,
    changed: (authorId: string) => Promise<void> = async () => {},
  ) {
    this.#changed = changed;
    this.#repositories = repositories;
    this.#clock = clock;
  }

  /** Stores a draft and its tags, or nothing. */
  async write({ tags: names = [], ...draft }: NewPost): Promise<Post> {
    const { posts, tags, postTags } = this.#repositories;
    const store = async (): Promise<Post> => {
      const named = await tags.named(names);
      const post = await posts.insert(draft);
      await postTags.insertMany(named.map(({ id }) => ({ postId: post.id, tagId: id })));
      return post;
    };
    // Two who write the same title, or a tag that is new, at once: the later one sees the other's when it tries again.
    for (let attempt = 1; ; attempt++) {
      try {
        return await posts.database.transaction(store, { retries: MOST_ATTEMPTS - 1 });
      } catch (error) {
        const isTaken = error instanceof DuplicateKeyError && error.fields.includes('slug');
        if (!isTaken || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** A page of the posts of one author of any status, as a query string asks: `?status=draft`. The one that was changed last is the first. */
  own(authorId: string, query: ListSource) {
    const { where, orderBy, page, limit } = parseListQuery(Post, query, OWN);
    const isOrdered = Object.keys(orderBy ?? {}).length > 0;
    return this.#repositories.posts.paginate(and({ authorId }, where), {
      page,
      limit,
      orderBy: isOrdered ? orderBy : { updatedAt: 'desc' },
      select: ['id', 'title', 'slug', 'excerpt', 'status', 'publishedAt', 'updatedAt', 'version'],
    });
  }

  /** @throws StaleVersionError when somebody else changed the post after it was read */
  async edit(
    { id, version }: Pick<Post, 'id' | 'version'>,
    patch: Pick<Patch<typeof Post>, 'title' | 'body' | 'featured'>,
  ): Promise<Post> {
    return this.#told(await this.#repositories.posts.update(id, patch, { version }));
  }

  /** Gives null where the post is published already. */
  async publish(id: string): Promise<Post | null> {
    const { posts, events } = this.#repositories;
    const published = await posts.database.transaction(async (tx) => {
      const post = await posts.updateOne({ id, status: ne('published') }, { status: 'published' });
      // The log is in another database: it is told when the post is out, never before.
      if (post !== null) tx.afterCommit(() => events.insert({ kind: 'publish', postId: id, at: this.#clock.date() }));
      return post;
    });
    return published === null ? null : this.#told(published);
  }

  async archive(id: string): Promise<Post> {
    return this.#told(await this.#repositories.posts.update(id, { status: 'archived' }));
  }

  async remove(id: string): Promise<Post> {
    return this.#told(await this.#repositories.posts.delete(id));
  }

  /** A post of any status that the user may change. @throws NotFoundError where everybody would find none, ForbiddenError */
  async owned(slug: string, actor: Actor): Promise<Post> {
    const post = await this.#repositories.posts.findOne({ slug });
    if (post === null) throw new NotFoundError(Post.name);
    const isHidden = post.status !== 'published' && post.authorId !== actor.id && actor.role !== 'admin';
    // What is not out yet is not there for others.
    if (isHidden) throw new NotFoundError(Post.name);
    requireOwner(actor, post);
    return post;
  }

  async #told(post: Post): Promise<Post> {
    await this.#changed(post.authorId);
    return post;
  }
}
