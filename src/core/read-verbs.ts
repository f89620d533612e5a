import { NotFoundError } from '../errors/data.js';
import type { Value } from '../schema/composites.js';
import type { AnyEntity, Id, Where } from '../schema/types.js';
import { type Clock, systemClock } from '../util/clock.js';
import { Executor } from './executor.js';
import type { Found, Includes } from './found.js';
import type { CountOptions, FindByIdOptions, FindOneOptions, FindOptions, StreamOptions } from './options.js';
import type { Database } from './ports.js';
import { prepareCount, prepareDistinct, prepareFind, prepareFindById } from './prepare-read.js';

/** Settings of a repository. */
export interface RepositoryOptions {
  /** Where `createdAt`, `updatedAt`, `deletedAt` and new ids take the time from. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** The verbs that read: `Repository` adds those that write. */
export abstract class ReadVerbs<E extends AnyEntity> {
  /** Tells generic code that this is a repository, without comparing the whole class. */
  declare readonly '~repository': true;
  readonly database: Database<E['~engines']>;
  readonly entity: E;
  /** @internal */
  protected readonly '~calls': Executor;

  constructor(database: Database<E['~engines']>, entity: E, options: RepositoryOptions = {}) {
    this.database = database;
    this.entity = entity;
    this['~calls'] = new Executor(database, entity['~model'], entity['~computed'], options.clock ?? systemClock);
  }

  /** The row with this key, or null. */
  async findById<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(id: Id<E>, options?: FindByIdOptions<E, S, H, I>): Promise<Found<E, S, H, I> | null> {
    return this['~calls'].first(prepareFindById(this['~calls'].context, id, options));
  }

  /** The row with this key. @throws NotFoundError when there is none. */
  async get<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    id: Id<E>,
    options?: FindByIdOptions<E, S, H, I>,
  ): Promise<Found<E, S, H, I>> {
    const row = await this['~calls'].first<Found<E, S, H, I>>(prepareFindById(this['~calls'].context, id, options));
    if (row === null) throw new NotFoundError(this['~calls'].context.model.name);
    return row;
  }

  /** The first row that fits, in `orderBy` and then by key, or null. */
  async findOne<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(where: Where<E>, options?: FindOneOptions<E, S, H, I>): Promise<Found<E, S, H, I> | null> {
    return this['~calls'].first(prepareFind(this['~calls'].context, 'findOne', where, options));
  }

  /** The rows that fit; all rows without a filter. Their order is total with `orderBy`, `limit` or `offset`, else the engine's own. */
  async find<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    where: Where<E> = {} as Where<E>,
    options?: FindOptions<E, S, H, I>,
  ): Promise<Found<E, S, H, I>[]> {
    const prepared = prepareFind(this['~calls'].context, 'find', where, options);
    return prepared.command.limit === 0 ? [] : this['~calls'].rows(prepared);
  }

  /**
   * The rows that fit, `batch` at a time, in constant memory. The loop may end at any time.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const users = new Repository(new MemoryDatabase(), entity('users', { id: uuid().primaryKey(), name: text() }));
   * for await (const user of users.stream({}, { batch: 1_000 })) console.log(user.name);
   * ```
   */
  async *stream<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(
    where: Where<E> = {} as Where<E>,
    options?: StreamOptions<E, S, H, I>,
  ): AsyncGenerator<Found<E, S, H, I>, void, undefined> {
    const prepared = prepareFind(this['~calls'].context, 'stream', where, options);
    if (prepared.command.limit !== 0) yield* this['~calls'].stream<Found<E, S, H, I>>(prepared);
  }

  /** How many rows fit; all rows without a filter. */
  async count(where: Where<E> = {} as Where<E>, options?: CountOptions): Promise<number> {
    return this['~calls'].run(prepareCount(this['~calls'].context, 'count', where, options));
  }

  /** Whether a row fits. */
  async exists(where: Where<E>, options?: CountOptions): Promise<boolean> {
    return this['~calls'].run(prepareCount(this['~calls'].context, 'exists', where, options));
  }

  /** The distinct values of a field in ascending order; null, first, when a row has none. */
  async distinct<const P extends E['~path']>(
    path: P,
    where: Where<E> = {} as Where<E>,
    options?: CountOptions,
  ): Promise<Value<E['~paths'][P]>[]> {
    return this['~calls'].run(prepareDistinct(this['~calls'].context, path, where, options));
  }
}
