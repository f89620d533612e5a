import { anyOf, type Database, Repository, type RepositoryOptions } from 'trivet';
import { Tag } from '../entities/tag.js';

export class Tags extends Repository<typeof Tag> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Tag, options);
  }

  /** The tags of these names, each once; those that are new are made. */
  async named(names: readonly string[]): Promise<Tag[]> {
    const tags = new Map<string, Tag>();
    for (const name of names) {
      const { row } = await this.getOrInsert({ name }, { on: 'name' });
      tags.set(row.id, row);
    }
    return [...tags.values()];
  }

  /** The keys of the tags of these names that exist. */
  async idsOf(names: readonly string[]): Promise<string[]> {
    return (await this.find({ name: anyOf(...names) }, { select: ['id'] })).map(({ id }) => id);
  }
}
