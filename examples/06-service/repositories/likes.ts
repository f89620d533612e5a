import { type Database, Repository, type RepositoryOptions } from 'trivet';
import { Like } from '../entities/like.js';

export class Likes extends Repository<typeof Like> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Like, options);
  }

  /** Likes a post, or takes the like back; says whether the user likes it now. */
  async toggle(postId: string, userId: string): Promise<boolean> {
    const { action } = await this.getOrInsert({ postId, userId }, { on: ['postId', 'userId'] });
    if (action === 'inserted') return true;
    await this.deleteMany({ postId, userId });
    return false;
  }
}
