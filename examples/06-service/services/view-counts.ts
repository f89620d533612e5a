import { entity, increment, integer, Repository, uuid } from 'trivet';
import type { DomainClock } from '../clock.js';
import { Post } from '../entities/post.js';
import type { Repositories } from '../repositories.js';

/** As much of a post as a visit changes. Who edits a post is not told that somebody else did: a visit makes no new version of it. */
const Visited = entity(Post.name, { id: uuid().primaryKey(), views: integer().min(0) });

/** Brings the views of the log into the posts, where they are ordered and summed. */
export class ViewCounts {
  readonly #events: Repositories['events'];
  /** Without the hooks of `Posts`, which a command for many rows would pass by: a count concerns none of them. */
  readonly #posts: Repository<typeof Post>;
  readonly #visited: Repository<typeof Visited>;

  constructor({ posts, events }: Repositories, clock: DomainClock) {
    this.#events = events;
    this.#posts = new Repository(posts.database, Post, { clock });
    this.#visited = new Repository(posts.database, Visited, { clock });
  }

  /** Counts one visit at once. */
  countOne = async (postId: string): Promise<void> => {
    await this.#visited.updateMany({ id: postId }, { views: increment(1) });
  };

  /**
   * Adds to each post its views since then: one question to the log, one command to the posts, whatever their number. Gives how many
   * posts there are of those that were viewed: some may be gone.
   */
  async add(since: Date): Promise<{ posts: number; ofViewed: number }> {
    const counted = await this.#events.viewsSince(since);
    const { matched } = await this.#posts.updateEach(
      counted.map(({ postId, views }) => ({ id: postId, views: increment(views) })),
    );
    return { posts: matched, ofViewed: counted.length };
  }
}
