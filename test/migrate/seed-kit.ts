import { afterAll, inject } from 'vitest';
import { type Database, MemoryDatabase, MongoDatabase, PostgresDatabase, Repository } from '../../src/index.js';
import type { AnyEntity } from '../../src/schema/types.js';
import { mongoDatabase, postgresDatabase } from '../setup/databases.js';

/** An engine to be filled. */
export interface SeedEngine {
  readonly name: string;
  readonly database: Database;
}

/** One database of each engine, empty. Closed when the file is done. */
export async function seedEngines(): Promise<readonly SeedEngine[]> {
  const { url } = await postgresDatabase();
  const mongo = await mongoDatabase();
  const sql = new PostgresDatabase({ url, max: inject('postgresReal') ? 2 : 1 });
  const docs = new MongoDatabase({ url: mongo.url, name: mongo.name });
  afterAll(() => Promise.all([sql.close(), docs.close()]));
  return [
    { name: 'PostgreSQL', database: sql },
    { name: 'MongoDB', database: docs },
    { name: 'memory', database: new MemoryDatabase() },
  ];
}

/** Makes the tables, in an order in which no reference is missing. */
export async function ensureAll(database: Database, entities: readonly AnyEntity[]): Promise<void> {
  for (const entity of entities) await new Repository(database, entity).ensureSchema();
}

/** All rows with their hidden fields and the deleted ones, in the order of their keys. */
export async function rowsOf<E extends AnyEntity>(database: Database, entity: E): Promise<readonly E['~row'][]> {
  const { fields, key, deletedAt } = entity['~model'];
  const reveal = fields.filter(({ hidden }) => hidden).map(({ name }) => name);
  const rows = await new Repository(database, entity as AnyEntity).find(
    {},
    {
      reveal: reveal as never[],
      orderBy: { [key[0]!.name]: 'asc' },
      ...(deletedAt !== null && { deleted: 'with' as const }),
    },
  );
  return rows as E['~row'][];
}
