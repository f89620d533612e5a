import { type Insert, ne, type Patch } from 'trivet';
import type { DomainClock } from '../clock.js';
import type { Post } from '../entities/post.js';
import type { Repositories } from '../repositories.js';

export type NewPost = Pick<Insert<typeof Post>, 'authorId' | 'title' | 'body' | 'excerpt' | 'categoryIds'> & {
  readonly tags?: readonly string[];
};

/** What authors do with their posts. */
export class Publishing {
  readonly #repositories: Repositories;
  readonly #clock: DomainClock;

  constructor(repositories: Repositories, clock: DomainClock) {
    this.#repositories = repositories;
    this.#clock = clock;
  }

  /** Stores a draft and its tags, or nothing. */
  async write({ tags: names = [], ...draft }: NewPost): Promise<Post> {
    const { posts, tags, postTags } = this.#repositories;
    return posts.database.transaction(async () => {
      const named = await tags.named(names);
      const post = await posts.insert(draft);
      await postTags.insertMany(named.map(({ id }) => ({ postId: post.id, tagId: id })));
      return post;
    });
  }

  /** @throws StaleVersionError when somebody else changed the post after it was read */
  edit({ id, version }: Pick<Post, 'id' | 'version'>, patch: Pick<Patch<typeof Post>, 'title' | 'body' | 'featured'>) {
    return this.#repositories.posts.update(id, patch, { version });
  }

  /** Gives null where the post is published already. */
  async publish(id: string): Promise<Post | null> {
    const { posts, events } = this.#repositories;
    return posts.database.transaction(async (tx) => {
      const post = await posts.updateOne({ id, status: ne('published') }, { status: 'published' });
      // The log is in another database: it is told when the post is out, never before.
      if (post !== null) tx.afterCommit(() => events.insert({ kind: 'publish', postId: id, at: this.#clock.date() }));
      return post;
    });
  }

  archive(id: string): Promise<Post> {
    return this.#repositories.posts.update(id, { status: 'archived' });
  }

  remove(id: string): Promise<Post> {
    return this.#repositories.posts.delete(id);
  }
}
