import type { Database, RepositoryOptions } from 'trivet';
import { Category } from '../entities/category.js';
import { slugOf } from '../text.js';
import { type Change, Hooked } from './hooked.js';

export class Categories extends Hooked<typeof Category> {
  constructor(database: Database, options?: RepositoryOptions) {
    super(database, Category, options);
  }

  protected override async beforeInsert(change: Change<typeof Category>): Promise<Change<typeof Category>> {
    return { ...change, slug: slugOf(change.name ?? '') };
  }
}
