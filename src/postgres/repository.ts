import type { Found, Includes } from '../core/found.js';
import type { RepositoryOptions } from '../core/hookable.js';
import type { FindByIdOptions, FindOneOptions, FindOptions } from '../core/options.js';
import type { OwnOptions } from '../core/prepare.js';
import { prepareFind } from '../core/prepare-read.js';
import { Repository } from '../core/repository.js';
import { LOCKING, type LockOptions } from '../core/row-lock.js';
import { ValidationError } from '../errors/data.js';
import type { Supports } from '../schema/field.js';
import type { AnyEntity, Id, Where } from '../schema/types.js';
import type { PostgresDatabase } from './database.js';
import type { Explained } from './explain.js';
import { SqlFragment, type SqlValue } from './sql.js';

/** Options of `explain`: those of `find`, but for relations, which are reads of their own. */
export interface ExplainOptions<E extends AnyEntity, S, H> extends FindOptions<E, S, H>, LockOptions {
  /** Runs the read and counts what it really found. @default false */
  readonly analyze?: boolean | undefined;
}

/**
 * A repository with what only PostgreSQL can do.
 *
 * `findById`, `get`, `findOne` and `find` can lock the rows that they give, inside a transaction.
 *
 * @example
 * ```ts
 * import { entity, enumOf, integer, PostgresDatabase, PostgresRepository, text, uuid } from 'trivet';
 *
 * const Sale = entity('sales', { id: integer().primaryKey(), city: text(), amount: integer() });
 *
 * class Sales extends PostgresRepository<typeof Sale> {
 *   perCity(least: number) {
 *     return this.sql<{ city: string; total: number }>`
 *       select city, sum(amount)::int8 as total from ${Sale} group by city having sum(amount) >= ${least}`;
 *   }
 * }
 *
 * const Job = entity('jobs', { id: uuid().primaryKey(), state: enumOf('waiting', 'done').default('waiting') });
 * const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
 * const sales = new Sales(database, Sale);
 * const jobs = new PostgresRepository(database, Job);
 *
 * // Any number of workers: each takes jobs that no other one has.
 * async function work() {
 *   await database.transaction(async () => {
 *     for (const { id } of await jobs.find({ state: 'waiting' }, { limit: 10, lock: 'update', skipLocked: true })) {
 *       await jobs.update(id, { state: 'done' });
 *     }
 *   });
 * }
 * ```
 */
export class PostgresRepository<E extends AnyEntity & Supports<'postgres'>> extends Repository<E> {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase, entity: E, options?: RepositoryOptions) {
    super(database, entity, options);
    this.#database = database;
  }

  /** @internal */
  protected override '~own'(): OwnOptions {
    return LOCKING;
  }

  /** The row with this key, or null; with `lock`, locked. @throws ConflictError when `noWait` meets a row that another transaction has locked */
  override findById<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(id: Id<E>, options?: FindByIdOptions<E, S, H, I> & LockOptions): Promise<Found<E, S, H, I> | null> {
    return super.findById<S, H, I>(id, options);
  }

  /** The row with this key; with `lock`, locked. @throws NotFoundError when there is none, or `skipLocked` left it out; ConflictError as `findById` */
  override get<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(id: Id<E>, options?: FindByIdOptions<E, S, H, I> & LockOptions): Promise<Found<E, S, H, I>> {
    return super.get<S, H, I>(id, options);
  }

  /** The first row that fits, in `orderBy` and then by key, or null; with `lock`, locked: with `skipLocked` the first that is free. */
  override findOne<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(where: Where<E>, options?: FindOneOptions<E, S, H, I> & LockOptions): Promise<Found<E, S, H, I> | null> {
    return super.findOne<S, H, I>(where, options);
  }

  /**
   * The rows that fit; with `lock`, locked. Rows are locked as the server meets them: one that another transaction changed while this one
   * waited for it is tested again, and comes as it is now, in the place that it had.
   */
  override find<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(where?: Where<E>, options?: FindOptions<E, S, H, I> & LockOptions): Promise<Found<E, S, H, I>[]> {
    return super.find<S, H, I>(where, options);
  }

  /**
   * How the server reads what `find` asks for with the same arguments: the statement is the one that `find` sends. It is not run, unless
   * `analyze` says so. The server plans for the values that are given; a statement that was prepared and ran five times may have
   * one plan for all values (`plan_cache_mode`).
   *
   * @example
   * ```ts
   * import { entity, index, integer, PostgresDatabase, PostgresRepository, text } from 'trivet';
   *
   * const Sale = entity('sales', { id: integer().primaryKey(), city: text().max(50) }, { indexes: [index('city')] });
   * const sales = new PostgresRepository(new PostgresDatabase({ url: 'postgres://localhost/shop' }), Sale);
   *
   * async function slow() {
   *   const { plan, text } = await sales.explain({ city: 'Rome' }, { limit: 20, analyze: true });
   *   console.log(plan['Total Cost'], text);
   * }
   * ```
   */
  async explain<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    where: Where<E> = {} as Where<E>,
    options?: ExplainOptions<E, S, H>,
  ): Promise<Explained> {
    const { analyze = false, ...rest } = options ?? {};
    const { context } = this['~calls'];
    const { command, run } = prepareFind(context, 'find', where, options === undefined ? undefined : rest);
    if (typeof analyze !== 'boolean')
      throw new ValidationError(this.entity.name, [{ path: 'analyze', message: 'must be true or false' }]);
    return this.#database['~explain'](command, analyze, run);
  }

  /**
   * Runs a statement and gives its rows. Values become parameters, entities their quoted tables; `sql` fragments may be nested.
   * Columns are read by their types: `int8` and `count(*)` as number (past 2^53 as bigint), `numeric` as text, `timestamptz` as `Date`.
   */
  async sql<R extends object = Record<string, unknown>>(
    strings: TemplateStringsArray,
    ...values: readonly SqlValue[]
  ): Promise<R[]> {
    return this.#database.query<R>(new SqlFragment(strings, values));
  }
}
