import { expected, refuseUnknown } from '../../core/engine-options.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import type { EntityModel } from '../../schema/model.js';
import type { AnyEntity } from '../../schema/types.js';
import type { MigrationDatabase } from '../migration.js';
import { diffMongo } from '../mongo/diff.js';
import { diffPostgres } from '../postgres/diff.js';
import type { DiffOptions, MongoCommand, SchemaDiff } from './types.js';

const KNOWN: ReadonlySet<string> = new Set<keyof DiffOptions>(['renames', 'drop', 'dropTables']);

/**
 * Compares entities with the live database. It changes nothing: give what it gives to `renderMigrations`, review the files, and migrate.
 *
 * Tables that are there are changed in ways that let others work meanwhile: indexes are built `concurrently`, rules are added `not valid` and then
 * validated. What is on the server and no entity's is left alone, unless `drop` or `dropTables` says otherwise. What may be a rename is asked.
 *
 * `entities` are all those of the database: a table of one that is missing here is a stranger, and looks like one that may have been renamed.
 *
 * @throws TypeError for an option that is not what was expected, and a rename that is about nothing of the entities
 * @example
 * ```ts
 * import { entity, integer, PostgresDatabase, text } from 'trivet';
 * import { diffSchema, renderMigrations } from 'trivet/migrate';
 *
 * const User = entity('users', { id: integer().primaryKey(), fullName: text().max(80) });
 * const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
 *
 * const diff = await diffSchema(database, [User], { renames: { 'users.name': 'users.full_name' } });
 * for (const { name, text } of renderMigrations(diff, { name: 'full_names' })) console.log(name, text);
 * ```
 */
export function diffSchema(
  database: PostgresDatabase,
  entities: readonly AnyEntity[],
  options?: DiffOptions,
): Promise<SchemaDiff<string>>;
export function diffSchema(
  database: MongoDatabase,
  entities: readonly AnyEntity[],
  options?: DiffOptions,
): Promise<SchemaDiff<MongoCommand>>;
export function diffSchema(
  database: MigrationDatabase,
  entities: readonly AnyEntity[],
  options?: DiffOptions,
): Promise<SchemaDiff>;
export async function diffSchema(
  database: MigrationDatabase,
  entities: readonly AnyEntity[],
  options: DiffOptions = {},
): Promise<SchemaDiff> {
  checkOptions(options);
  const models = entities.map((each) => each['~model'] as EntityModel);
  return database.engine === 'postgres'
    ? diffPostgres(database, models, { ...options, online: true })
    : diffMongo(database, models, options);
}

function checkOptions(options: DiffOptions): void {
  refuseUnknown(options, KNOWN);
  const { renames = {}, drop = false, dropTables = [] } = options;
  if (typeof renames !== 'object' || renames === null || Object.values(renames).some((to) => typeof to !== 'string'))
    throw expected('renames', 'an object of names, such as `{ people: "users" }`', renames);
  if (typeof drop !== 'boolean') throw expected('drop', 'true or false', drop);
  if (!Array.isArray(dropTables) || dropTables.some((name) => typeof name !== 'string'))
    throw expected('dropTables', 'a list of names', dropTables);
}
