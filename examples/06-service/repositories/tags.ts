import { anyOf, type Database, Repository, type RepositoryOptions } from 'trivet';
import { Tag } from '../entities/tag.js';

export class Tags extends Repository<typeof Tag> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Tag, options);
  }

  /** The tags of these names; those that are new are made. */
  async named(names: readonly string[]): Promise<Tag[]> {
    const tags: Tag[] = [];
    for (const name of names) tags.push((await this.getOrInsert({ name }, { on: 'name' })).row);
    return tags;
  }

  /** The keys of the tags of these names that exist. */
  async idsOf(names: readonly string[]): Promise<string[]> {
    return (await this.find({ name: anyOf(...names) }, { select: ['id'] })).map(({ id }) => id);
  }
}
