import { anyOf, count, type GeoPoint, hasMany, type ListSource, max, parseListQuery } from 'trivet';
import { User } from '../entities/user.js';
import type { Posts } from '../repositories/posts.js';
import type { Users } from '../repositories/users.js';

const LIST = {
  filter: { role: ['eq', 'in'], isActive: ['eq'], createdAt: ['gte', 'lt'], username: ['startsWith'] },
  sort: ['username', 'createdAt'],
  maxLimit: 50,
} as const;

/** What administrators see of the users. */
export class Directory {
  readonly #users: Users;
  readonly #withPosts;

  constructor(users: Users, posts: Posts) {
    this.#users = users;
    this.#withPosts = { posts: hasMany(posts, 'authorId', { count: true, where: { status: 'published' } }) };
  }

  /** A page of users with their numbers of posts, as a query string asks: `?role=author&sort=-createdAt&page=2`. */
  async list(query: ListSource) {
    const list = parseListQuery(User, query, LIST);
    return this.#users.paginate(list.where, { ...list, include: this.#withPosts });
  }

  /** The users whose name or words about themselves have these words, the best first. */
  search(words: string, limit = 10) {
    return this.#users.search(words, { limit, select: ['username', 'fullName'] });
  }

  /** The active users around a point, the nearest first. */
  near(point: GeoPoint, kilometres: number, limit = 10) {
    return this.#users.near('profile.location', point, {
      where: { isActive: true },
      maxDistance: kilometres * 1_000,
      limit,
      select: ['username'],
    });
  }

  /** How many users each role has, how many of them are active, and who of them logged in last, and when. */
  async byRole() {
    const all = await this.#users.groupBy(['role'], { users: count(), lastLoginAt: max('lastLoginAt') });
    const active = await this.#users.groupBy(['role'], { users: count() }, { where: { isActive: true } });
    const activeOf = new Map(active.map(({ role, users }) => [role, users]));
    return all.map((each) => ({ ...each, active: activeOf.get(each.role) ?? 0 }));
  }

  /** Gives the number of users that there were. */
  deactivate(...usernames: string[]): Promise<number> {
    return this.#users.updateMany({ username: anyOf(...usernames) }, { isActive: false });
  }
}
