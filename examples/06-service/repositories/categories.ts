import { type Database, type Insert, Repository, type RepositoryOptions } from 'trivet';
import { Category } from '../entities/category.js';
import { slugOf } from '../text.js';

export class Categories extends Repository<typeof Category> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Category, options);
  }

  protected override beforeInsert(draft: Insert<typeof Category>): Insert<typeof Category> {
    return { ...draft, slug: slugOf(draft.name, 80) };
  }
}
