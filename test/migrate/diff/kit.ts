import { expect } from 'vitest';
import type { AnyEntity } from '../../../src/index.js';
import { diffSchema } from '../../../src/migrate/diff/diff-schema.js';
import type { DiffOptions, SchemaChange, SchemaDiff } from '../../../src/migrate/diff/types.js';
import type { PostgresDatabase } from '../../../src/postgres/index.js';

export const FITS = { changes: [], questions: [] };

async function carryOut(database: PostgresDatabase, statements: readonly string[], transaction: boolean) {
  const all = async (): Promise<void> => {
    for (const sql of statements) await database.query(sql);
  };
  await (transaction ? database.transaction(all) : all());
}

/** Carries changes out as a migration does. `before` is told of each change that comes. */
export async function up(
  database: PostgresDatabase,
  changes: readonly SchemaChange<string>[],
  before: (change: SchemaChange<string>) => Promise<void> = async () => {},
): Promise<void> {
  for (const change of changes) {
    await before(change);
    await carryOut(database, change.up, change.transaction);
  }
}

export async function down(database: PostgresDatabase, changes: readonly SchemaChange<string>[]): Promise<void> {
  for (const change of [...changes].reverse()) {
    expect(change.down, change.what).not.toBeNull();
    await carryOut(database, change.down!, change.transaction);
  }
}

export function whats({ changes }: SchemaDiff): string[] {
  return changes.map(({ action, what }) => `${action} ${what}`);
}

export function risks({ changes }: SchemaDiff): string[] {
  return [...new Set(changes.flatMap(({ warnings }) => warnings.map(({ risk }) => risk)))].sort();
}

/** What differs, without what is not ours. */
export async function differs(database: PostgresDatabase, entities: readonly AnyEntity[], options?: DiffOptions) {
  const { changes, questions } = await diffSchema(database, entities, options);
  return { changes, questions };
}
