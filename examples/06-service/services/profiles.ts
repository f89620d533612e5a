import { count, NotFoundError, sum } from 'trivet';
import { User } from '../entities/user.js';
import type { Repositories } from '../repositories.js';

/** What everybody may see of a user: no address, no place, nothing of log-ins. */
export class Profiles {
  readonly #repositories: Repositories;

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  /** @throws NotFoundError for nobody, and for who is turned off */
  async find(username: string): Promise<Pick<User, 'id' | 'username' | 'fullName' | 'role' | 'createdAt' | 'profile'>> {
    const user = await this.#repositories.users.findOne({ username, isActive: true });
    if (user === null) throw new NotFoundError(User.name);
    return user;
  }

  /** A profile with what the user has done here. @throws NotFoundError */
  async show(username: string) {
    const { posts, comments, likes } = this.#repositories;
    const { id, fullName, role, createdAt, profile } = await this.find(username);
    const [[written], commentCount, likeCount] = await Promise.all([
      posts.groupBy([], { posts: count(), views: sum('views') }, { where: { authorId: id, status: 'published' } }),
      comments.count({ authorId: id }),
      likes.count({ userId: id }),
    ]);
    const statistics = { ...written!, comments: commentCount, likes: likeCount };
    return { id, username, fullName, role, createdAt, bio: profile.bio, statistics };
  }
}
