import type { AnyEntity, Insert } from '../schema/types.js';
import { hookedMany, singly, updatesOf } from './hooked-many.js';
import type { CallOptions, UpsertManyOptions } from './options.js';
import { prepareBulk } from './prepare-bulk.js';
import { prepareUpdateEach, prepareUpsertMany } from './prepare-many.js';
import { ReadVerbs } from './read-verbs.js';
import type { BulkWrite, EachPatch, WriteCounts } from './verb-types.js';
import { writeMany } from './write-many.js';

/** The verbs that write many rows, each in its own way: `Repository` adds those that write one, or many alike. */
export abstract class ManyVerbs<E extends AnyEntity> extends ReadVerbs<E> {
  /**
   * Stores the rows that are not there and changes those that are, as `upsert` does with one, all or none. Drafts may give different
   * fields. Two drafts with the same value in `on` are refused.
   *
   * @throws ValidationError, DuplicateKeyError, ConstraintError, ForeignKeyError
   * @example
   * ```ts
   * import { entity, integer, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Stock = entity('stock', { id: uuid().primaryKey(), sku: text().max(20).unique(), pieces: integer().default(0) });
   * const stock = new Repository(new MemoryDatabase(), Stock);
   * const { inserted, matched } = await stock.upsertMany([{ sku: 'a', pieces: 3 }, { sku: 'b' }], { on: 'sku' });
   * console.log(inserted, matched); // 2 0
   * ```
   */
  async upsertMany(drafts: readonly Insert<E>[], options: UpsertManyOptions<E['~unique']>): Promise<WriteCounts> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareUpsertMany(calls.context, drafts, options, hooks !== null);
    if (hooks === null) return writeMany(calls, prepared);
    const { on } = options;
    return hookedMany(
      calls,
      hooks,
      'upsertMany',
      prepared,
      drafts.map((upsert) => ({ upsert, on })),
    );
  }

  /**
   * Changes many rows, each in its own way, all or none: an element has the key of a row and its patch. Rows that are not there are left
   * out of `matched`. Two elements of one row are refused, and so is one that changes nothing.
   *
   * @throws StaleVersionError when an element gives a `version` and its row has another one, or is gone; StaleFenceError when it gives a
   * `fence` and a newer one wrote its row, or the row is gone; ValidationError, DuplicateKeyError, ConstraintError, ForeignKeyError
   * @example
   * ```ts
   * import { entity, increment, integer, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Post = entity('posts', { id: uuid().primaryKey(), title: text(), views: integer().default(0) });
   * const posts = new Repository(new MemoryDatabase(), Post);
   * const [first, second] = await posts.insertMany([{ title: 'a' }, { title: 'b' }]);
   * await posts.updateEach([{ id: first!.id, views: increment(12) }, { id: second!.id, views: increment(3), title: 'B' }]);
   * ```
   */
  async updateEach(rows: readonly EachPatch<E>[], options?: CallOptions): Promise<WriteCounts> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareUpdateEach(calls.context, rows, options);
    if (hooks === null) return writeMany(calls, prepared);
    return hookedMany(calls, hooks, 'updateEach', prepared, updatesOf(calls.context.model, rows));
  }

  /**
   * Writes of every kind, in their order, all or none. Neighbours of one kind travel together. Rows to update or delete that are not there
   * are left out of the counts. An error tells the place of its element in `position` where the engine does.
   *
   * @throws StaleVersionError when an update gives a `version` and its row has another one, or is gone; StaleFenceError when it gives a
   * `fence` and a newer one wrote its row, or the row is gone; ValidationError, DuplicateKeyError, ConstraintError, ForeignKeyError
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().max(50).unique() });
   * const tags = new Repository(new MemoryDatabase(), Tag);
   * const { id } = await tags.insert({ name: 'old' });
   * await tags.bulk([{ insert: { name: 'new' } }, { upsert: { name: 'both' }, on: 'name' }, { delete: id }]);
   * ```
   */
  async bulk(writes: readonly BulkWrite<E>[], options?: CallOptions): Promise<WriteCounts> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareBulk(calls.context, writes, options, hooks !== null);
    return hooks === null ? writeMany(calls, prepared) : hookedMany(calls, hooks, 'bulk', prepared, singly(writes));
  }
}
