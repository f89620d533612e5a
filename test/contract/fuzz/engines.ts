import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../../../src/core/ports.js';
import { MemoryDatabase } from '../../../src/memory/database.js';
import { MongoDatabase } from '../../../src/mongo/database.js';
import { PostgresDatabase } from '../../../src/postgres/database.js';
import { TRUE } from '../../../src/query/clause.js';
import type { AnyEntity } from '../../../src/schema/types.js';
import { mongoDatabase, postgresDatabase } from '../../setup/databases.js';

/** FC_SEED runs a failure again. */
export const seed = process.env['FC_SEED'] === undefined ? Date.now() % 0x7fffffff : Number(process.env['FC_SEED']);

export interface ThreeEngines {
  /** Memory first. */
  readonly databases: readonly Database[];
  readonly sql: PostgresDatabase;
  /** Where `sql` is. */
  readonly postgres: { readonly url: string; readonly name: string };
}

/** The three engines with the tables of the entities, for the whole of a test file, which is told its seed under the label. */
export async function threeEngines(label: string, entities: readonly AnyEntity[]): Promise<ThreeEngines> {
  const postgres = await postgresDatabase();
  const mongo = await mongoDatabase();
  const sql = new PostgresDatabase({ url: postgres.url });
  const docs = new MongoDatabase({ url: mongo.url, name: mongo.name });
  const databases: readonly Database[] = [new MemoryDatabase(), sql, docs];
  beforeAll(async () => {
    console.log(`[${label}] FC_SEED=${seed}`);
    const models = entities.map((each) => each['~model']);
    for (const database of databases) await database.run({ kind: 'ensureSchema', entities: models });
  });
  afterAll(async () => {
    await sql.close();
    await docs.close();
  });
  return { databases, sql, postgres };
}

/** Deletes every row, softly deleted ones too. */
export async function clear(database: Database, entity: AnyEntity): Promise<void> {
  const model = entity['~model'];
  const all = { where: TRUE, values: [], many: true, select: model.key } as const;
  await database.run({ kind: 'delete', entity: model, shape: 'clear', ...all });
}
