import { refuseUnknown } from '../../core/engine-options.js';
import type { QueryOptions } from '../../postgres/database.js';
import type { EntityModel } from '../../schema/model.js';
import type { AnyEntity } from '../../schema/types.js';
import { type Duration, parseDuration } from '../../util/duration.js';
import type { MigrationDatabase } from '../migration.js';
import { alterMongo } from '../mongo/alter.js';
import { alterPostgres } from '../postgres/alter.js';

/** What `alterSchema` did. */
export interface AlterReport {
  /** What was made or altered, such as `create column users.age`. Empty when the database fits. */
  readonly changed: readonly string[];
  /** What differs and was left alone, a sentence each. */
  readonly drift: readonly string[];
}

const KNOWN: ReadonlySet<string> = new Set(['signal', 'timeout']);

/**
 * Brings a database of development to the entities, without a migration: what `ensureSchema()` makes, and every alteration that loses no value and breaks
 * no program that runs: columns that may be null, or are wider, rules that are new or other, keys and indexes. What loses or breaks, and what the
 * rows forbid, is told and left alone. On PostgreSQL it works in one transaction, and locks what it alters; on MongoDB one change follows another. Where
 * others use the database, write a migration from `diffSchema()`.
 *
 * @throws TypeError where `NODE_ENV` is `production`, and for an option that there is not
 * @example
 * ```ts
 * import { entity, integer, PostgresDatabase } from 'trivet';
 * import { alterSchema } from 'trivet/migrate';
 *
 * const Counter = entity('counters', { id: integer().primaryKey(), value: integer().min(0) });
 * const { changed, drift } = await alterSchema(new PostgresDatabase({ url: 'postgres://localhost/shop' }), [Counter]);
 * console.log(changed, drift);
 * ```
 */
export async function alterSchema(
  database: MigrationDatabase,
  entities: readonly AnyEntity[],
  options: QueryOptions = {},
): Promise<AlterReport> {
  refuseUnknown(options, KNOWN);
  const { signal, timeout } = options;
  if (process.env['NODE_ENV'] === 'production') {
    throw new TypeError(
      'alterSchema() is for development, and NODE_ENV is `production`: write a migration from diffSchema(), review it, and apply that',
    );
  }
  const models = entities.map((each) => each['~model'] as EntityModel);
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout, 'timeout');
  const { changed, drift } =
    database.engine === 'postgres'
      ? await alterPostgres(database, models, { signal, timeoutMs })
      : await alterMongo(database, models, {
          signal,
          ...(timeoutMs !== undefined && { timeout: `${timeoutMs}ms` as Duration }),
        });
  return { changed, drift };
}
