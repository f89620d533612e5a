import { increment } from 'trivet';
import type { Repositories } from '../repositories.js';

/** Brings the views of the log into the posts, where they are ordered and summed. */
export class ViewCounts {
  readonly #repositories: Repositories;

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  /**
   * Adds to each post its views since then: one question to the log, one command to the posts, whatever their number. Gives how many
   * posts there are of those that were viewed: some may be gone.
   */
  async add(since: Date): Promise<{ posts: number; ofViewed: number }> {
    const { posts, events } = this.#repositories;
    const counted = await events.viewsSince(since);
    const { matched } = await posts.updateEach(
      counted.map(({ postId, views }) => ({ id: postId, views: increment(views) })),
    );
    return { posts: matched, ofViewed: counted.length };
  }
}
