import { NotFoundError } from '../errors/data.js';
import type { SchemaReport, UpsertResult } from '../query/command.js';
import type { AnyEntity, Id, Insert, Patch, Where } from '../schema/types.js';
import { checkBag, KNOWN, runOptions } from './check-options.js';
import {
  hookedDelete,
  hookedDeleteMany,
  hookedInsert,
  hookedRestore,
  hookedUpdate,
  hookedUpdateMany,
  hookedUpsert,
} from './hooked.js';
import { ManyVerbs } from './many-verbs.js';
import type { CallOptions, DeleteOptions, ManyOptions, OrderOptions, UpdateOptions, UpsertOptions } from './options.js';
import { finished, rest } from './prepare.js';
import {
  checkUpdate,
  checkUpdateMany,
  checkUpdateOne,
  prepareDelete,
  prepareDeleteMany,
  updateOf,
} from './prepare-change.js';
import { preparePurge, prepareRestore } from './prepare-deleted.js';
import { checkInsert, checkInsertMany, insertOf } from './prepare-insert.js';
import { prepareCount } from './prepare-read.js';
import { checkGetOrInsert, checkUpsert, getOf, upsertOf } from './prepare-upsert.js';
import { refusalOf } from './refusal.js';
import type { Gotten, NotEmpty, SoftId, Upserted } from './verb-types.js';

/**
 * The rows of one entity in one database: the verbs that mean the same on every engine.
 *
 * Every verb checks its input first and throws `ValidationError`, with every problem by path, before a byte is sent.
 * Extend it to give an application's queries their names.
 *
 * @example
 * ```ts
 * import { entity, gte, increment, integer, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const User = entity('users', { id: uuid().primaryKey(), name: text(), visits: integer().default(0) });
 * const users = new Repository(new MemoryDatabase(), User);
 * const ann = await users.insert({ name: 'Ann' });
 * await users.update(ann.id, { visits: increment(1) });
 * await users.find({ visits: gte(1) }, { orderBy: { name: 'asc' }, limit: 20 });
 * ```
 */
export class Repository<E extends AnyEntity> extends ManyVerbs<E> {
  /**
   * Stores a row and gives it as stored, with defaults and generated values.
   *
   * @throws DuplicateKeyError, ConstraintError, ForeignKeyError
   */
  async insert(draft: Insert<E>, options?: CallOptions): Promise<E['~row']> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkInsert(calls.context, draft, options, hooks !== null);
    if (hooks === null) return (await calls.rows<E['~row']>(insertOf(checked)!))[0]!;
    return (await hookedInsert<E['~row']>(calls, hooks, checked, { verb: 'insert' }))[0]!;
  }

  /** Stores all the rows or none, and gives them in the order of the drafts. A duplicate names the position of its draft where the engine tells. */
  async insertMany(drafts: readonly Insert<E>[], options?: CallOptions): Promise<E['~row'][]> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkInsertMany(calls.context, drafts, options, hooks !== null);
    if (hooks !== null) return hookedInsert(calls, hooks, checked, { verb: 'insertMany' });
    const prepared = insertOf(checked);
    return prepared === null ? [] : calls.rows(prepared);
  }

  /**
   * Changes the row with this key and gives it as changed. An empty patch writes nothing, but for the `fence` of the call.
   *
   * @throws NotFoundError when there is no such row, StaleVersionError when it has another version than the one given, StaleFenceError when
   * a newer fencing token than the one given wrote it.
   */
  async update(id: Id<E>, patch: Patch<E>, options?: UpdateOptions<E['~version'], E['~fence']>): Promise<E['~row']> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkUpdate(calls.context, id, patch, options);
    const row = await (hooks === null
      ? calls.change(updateOf(checked)!)
      : hookedUpdate(calls, hooks, checked, { verb: 'update', id }));
    if (row === null) throw await refusalOf(calls, id, options);
    return row;
  }

  /** Changes the first row that fits, in `orderBy` and then by key, atomically, and gives it as changed; null when none fits. */
  async updateOne(
    where: Where<E>,
    patch: Patch<E>,
    options?: CallOptions & OrderOptions<E>,
  ): Promise<E['~row'] | null> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkUpdateOne(calls.context, where, patch, options);
    if (hooks === null) return calls.change(updateOf(checked)!);
    return hookedUpdate(calls, hooks, checked, { verb: 'updateOne', where });
  }

  /** Changes every row that fits, or none, and gives the number of rows that fit. A filter that every row fits needs `{ all: true }`. */
  async updateMany<K extends keyof E['~where'], All extends boolean = false>(
    where: NotEmpty<E, K, All>,
    patch: Patch<E>,
    options?: ManyOptions<All>,
  ): Promise<number> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkUpdateMany(calls.context, where, patch, options);
    if (hooks === null) {
      const prepared = updateOf(checked);
      if (prepared !== null) return calls.run(prepared);
    } else {
      const count = await hookedUpdateMany(calls, hooks, checked, { verb: 'updateMany', where });
      if (count !== null) return count;
    }
    const { signal, timeout } = options ?? {};
    return calls.run(prepareCount(calls.context, 'count', where, { signal, timeout }));
  }

  /**
   * Stores the row, or changes the one that has the same value in `on` to what the draft gives. Defaults apply only to a
   * new row; the key and `createdAt` of an old one stay.
   */
  async upsert(draft: Insert<E>, options: UpsertOptions<E['~unique']>): Promise<Upserted<E>> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkUpsert(calls.context, draft, options, hooks !== null);
    if (hooks !== null) return hookedUpsert(calls, hooks, checked, { verb: 'upsert' });
    const prepared = upsertOf(checked);
    const { row, action } = await calls.run<UpsertResult>(prepared);
    return { row: finished(row, prepared.projection) as E['~row'], action };
  }

  /**
   * The row that has the same value in `on`, untouched, or the draft as a new row. Two calls at once make one row.
   * The draft is checked in either case.
   *
   * @throws DuplicateKeyError when the new row would have a unique value of another one.
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().lowercase().max(50).unique() });
   * const tags = new Repository(new MemoryDatabase(), Tag);
   * const { row, action } = await tags.getOrInsert({ name: 'News' }, { on: 'name' });
   * console.log(action, row.id); // inserted, and found the next time
   * ```
   */
  async getOrInsert(draft: Insert<E>, options: UpsertOptions<E['~unique']>): Promise<Gotten<E>> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const checked = checkGetOrInsert(calls.context, draft, options, hooks !== null);
    const startedAt = performance.now();
    const get = getOf(checked);
    const found = get === null ? null : await calls.first<E['~row']>(get);
    if (found !== null) return { row: found, action: 'found' };
    if (hooks !== null) {
      const made = await hookedUpsert<E['~row']>(calls, hooks, checked, { verb: 'getOrInsert' }, startedAt);
      return { row: made.row, action: made.action === 'inserted' ? 'inserted' : 'found' };
    }
    const { row, action } = await calls.run<UpsertResult>(rest(upsertOf(checked), startedAt));
    return {
      row: finished(row, checked.projection) as E['~row'],
      action: action === 'inserted' ? 'inserted' : 'found',
    };
  }

  /**
   * Deletes the row with this key (softly where the entity says so) and gives it.
   *
   * @throws NotFoundError, StaleFenceError when a newer fencing token than the one given wrote the row.
   */
  async delete(id: Id<E>, options?: DeleteOptions<E['~fence']>): Promise<E['~row']> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareDelete(calls.context, id, options);
    const lost = () => refusalOf(calls, id, options);
    if (hooks !== null) return hookedDelete(calls, hooks, prepared, { verb: 'delete', id }, lost);
    const row = await calls.change(prepared);
    if (row === null) throw await lost();
    return row;
  }

  /**
   * Brings a softly deleted row back and gives it. For entities with `softDelete()`.
   *
   * @throws NotFoundError when there is no deleted row with this key, also when the row is not deleted; DuplicateKeyError when
   * another row has taken its unique value meanwhile.
   */
  async restore(id: SoftId<E>, options?: CallOptions): Promise<E['~row']> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareRestore(calls.context, id, options);
    const row = await (hooks === null ? calls.change(prepared) : hookedRestore(calls, hooks, prepared));
    if (row === null) throw new NotFoundError(calls.context.model.name);
    return row;
  }

  /**
   * Takes the row with this key away for good, whether it was deleted before or not, and gives it as it was. For entities with
   * `softDelete()`; of others `delete` does it. @throws NotFoundError, ForeignKeyError
   */
  async purge(id: SoftId<E>, options?: CallOptions): Promise<E['~row']> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = preparePurge(calls.context, id, options);
    const lost = () => new NotFoundError(calls.context.model.name);
    if (hooks !== null) return hookedDelete(calls, hooks, prepared, { verb: 'purge', id }, lost);
    const row = await calls.change(prepared);
    if (row === null) throw lost();
    return row;
  }

  /** Deletes every row that fits, or none, and gives their number. A filter that every row fits needs `{ all: true }`. */
  async deleteMany<K extends keyof E['~where'], All extends boolean = false>(
    where: NotEmpty<E, K, All>,
    options?: ManyOptions<All>,
  ): Promise<number> {
    const { '~calls': calls, '~hooks': hooks } = this;
    const prepared = prepareDeleteMany(calls.context, where, options);
    if (hooks === null) return calls.run(prepared);
    return hookedDeleteMany(calls, hooks, prepared, { verb: 'deleteMany', where });
  }

  /** Makes what the entity needs and the database has not: table or collection, checks, keys, indexes. Alters and drops nothing; says what differs. */
  async ensureSchema(options?: CallOptions): Promise<SchemaReport> {
    const { model, projector } = this['~calls'].context;
    const run = runOptions(model.name, checkBag(model.name, KNOWN.call, options));
    const command = { kind: 'ensureSchema', entities: [model] } as const;
    return this['~calls'].run({ command, projection: projector.whole, run });
  }
}
