import type { RepositoryOptions } from '../core/read-verbs.js';
import { Repository } from '../core/repository.js';
import type { Supports } from '../schema/field.js';
import type { AnyEntity } from '../schema/types.js';
import type { PostgresDatabase } from './database.js';
import { SqlFragment, type SqlValue } from './sql.js';

/**
 * A repository with what only PostgreSQL can do.
 *
 * @example
 * ```ts
 * import { entity, integer, PostgresDatabase, PostgresRepository, text } from 'trivet';
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
 * const sales = new Sales(new PostgresDatabase({ url: 'postgres://localhost/shop' }), Sale);
 * ```
 */
export class PostgresRepository<E extends AnyEntity & Supports<'postgres'>> extends Repository<E> {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase, entity: E, options?: RepositoryOptions) {
    super(database, entity, options);
    this.#database = database;
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
