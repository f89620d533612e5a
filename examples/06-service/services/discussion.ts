import type { Comment } from '../entities/comment.js';
import type { Repositories } from '../repositories.js';

/** What readers do with posts. */
export class Discussion {
  readonly #repositories: Repositories;

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  comment(postId: string, authorId: string, body: string): Promise<Comment> {
    return this.#repositories.comments.insert({ postId, authorId, body });
  }

  /** Threads have two levels: an answer to an answer goes to the comment that began the thread. */
  async reply(commentId: string, authorId: string, body: string): Promise<Comment> {
    const { comments } = this.#repositories;
    const { postId, parentId, id } = await comments.get(commentId);
    return comments.insert({ postId, authorId, parentId: parentId ?? id, body });
  }

  /** Whether the user likes the post now, and how many do. */
  async toggleLike(postId: string, userId: string): Promise<{ liked: boolean; likes: number }> {
    const { likes } = this.#repositories;
    const liked = await likes.toggle(postId, userId);
    return { liked, likes: await likes.count({ postId }) };
  }
}
