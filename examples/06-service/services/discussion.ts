import { belongsTo, hasMany, NotFoundError, ValidationError } from 'trivet';
import { Comment } from '../entities/comment.js';
import { Post } from '../entities/post.js';
import { type Actor, requireOwner } from '../permissions.js';
import type { Repositories } from '../repositories.js';

/** Threads are shown with all their answers: of many at once, some may come through beyond that. */
const MOST_ANSWERS = 50;

type Target = Pick<Post, 'id' | 'authorId'>;

export interface Liking {
  readonly liked: boolean;
  readonly likes: number;
}

/** What readers do with posts. */
export class Discussion {
  readonly #repositories: Repositories;
  readonly #changed: (authorId: string) => Promise<void>;
  readonly #ofThread;

  /** `changed` is told whose posts have other numbers of comments and likes now. */
  constructor(repositories: Repositories, changed: (authorId: string) => Promise<void> = async () => {}) {
    this.#repositories = repositories;
    this.#changed = changed;
    const { users, comments } = repositories;
    const author = belongsTo(users, 'authorId', { select: ['username', 'fullName'] });
    const replies = hasMany(comments, 'parentId', { orderBy: { createdAt: 'asc' }, include: { author } });
    this.#ofThread = { author, replies };
  }

  comment(postId: string, authorId: string, body: string): Promise<Comment> {
    return this.#repositories.comments.insert({ postId, authorId, body });
  }

  /**
   * Threads have two levels: an answer to an answer goes to the comment that began the thread.
   * @throws ValidationError where there are enough
   */
  async reply(commentId: string, authorId: string, body: string): Promise<Comment> {
    const { comments } = this.#repositories;
    const { postId, parentId, id } = await comments.get(commentId);
    const threadId = parentId ?? id;
    if ((await comments.count({ parentId: threadId })) >= MOST_ANSWERS)
      throw new ValidationError(Comment.name, [
        { path: 'parentId', message: `must be of a thread with fewer than ${MOST_ANSWERS} answers` },
      ]);
    return comments.insert({ postId, authorId, parentId: threadId, body });
  }

  /** Whether the user likes the post now, and how many do. */
  async toggleLike(postId: string, userId: string): Promise<Liking> {
    const { likes } = this.#repositories;
    const liked = await likes.toggle(postId, userId);
    return { liked, likes: await likes.count({ postId }) };
  }

  /** A post that is out. @throws NotFoundError */
  async target(slug: string): Promise<Target> {
    const post = await this.#repositories.posts.findOne({ slug, status: 'published' }, { select: ['id', 'authorId'] });
    if (post === null) throw new NotFoundError(Post.name);
    return post;
  }

  /** A page of the threads of a post, the oldest first, with their answers. @throws NotFoundError */
  async threads(slug: string, page: number, limit: number) {
    const { id } = await this.target(slug);
    return this.#repositories.comments.paginate(
      { postId: id, parentId: null },
      { page, limit, orderBy: { createdAt: 'asc' }, include: this.#ofThread },
    );
  }

  /** Comments on a post, or answers a comment below it. @throws NotFoundError */
  async say(slug: string, authorId: string, body: string, parentId: string | null): Promise<Comment> {
    const post = await this.target(slug);
    if (parentId !== null) {
      const isHere = await this.#repositories.comments.exists({ id: parentId, postId: post.id });
      if (!isHere) throw new NotFoundError(Comment.name);
    }
    const comment = await (parentId === null
      ? this.comment(post.id, authorId, body)
      : this.reply(parentId, authorId, body));
    await this.#changed(post.authorId);
    return comment;
  }

  /** @throws NotFoundError, ForbiddenError */
  async withdraw(id: string, actor: Actor): Promise<void> {
    const { comments, posts } = this.#repositories;
    const { postId, authorId } = await comments.get(id);
    requireOwner(actor, { authorId });
    await comments.delete(id);
    const post = await posts.findById(postId, { select: ['authorId'] });
    if (post !== null) await this.#changed(post.authorId);
  }

  /** Likes a post; a second time nothing happens. @throws NotFoundError */
  async like(slug: string, userId: string): Promise<Liking> {
    const { id: postId, authorId } = await this.target(slug);
    const { action } = await this.#repositories.likes.getOrInsert({ postId, userId }, { on: ['postId', 'userId'] });
    if (action === 'inserted') await this.#changed(authorId);
    return { liked: true, likes: await this.#repositories.likes.count({ postId }) };
  }

  /** Takes a like back, where there is one. @throws NotFoundError */
  async unlike(slug: string, userId: string): Promise<Liking> {
    const { id: postId, authorId } = await this.target(slug);
    if ((await this.#repositories.likes.deleteMany({ postId, userId })) > 0) await this.#changed(authorId);
    return { liked: false, likes: await this.#repositories.likes.count({ postId }) };
  }
}
