import { fileURLToPath } from 'node:url';
import type { MongoDatabase, PostgresDatabase } from 'trivet';
import { Migrator, Seeder } from 'trivet/migrate';

export interface PrepareOptions {
  /** Told what was done, a line at a time. */
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings the tables or the collections to where the code is, and fills them for the demonstration. Again, it changes nothing; of several processes that
 * start at once, one migrates and the others wait.
 */
export async function prepare(
  database: PostgresDatabase | MongoDatabase,
  { log, signal }: PrepareOptions,
): Promise<void> {
  const options = { ...(signal && { signal }) };
  const migrator = new Migrator<PostgresDatabase | MongoDatabase>(database, {
    migrations: folderOf(`migrations/${database.engine}`),
    wait: '1m',
  });
  migrator.on('waiting', (holder) => log(`migrations: waiting for ${holder?.who ?? 'another process'}`));
  const { steps } = await migrator.up(options);
  log(`migrations: ${steps.length === 0 ? 'nothing to do' : steps.map(({ name }) => name).join(', ')}`);

  const { seeds } = await new Seeder<PostgresDatabase | MongoDatabase>(database, { seeds: folderOf('seeds') }).run(
    options,
  );
  for (const { name, inserted, updated } of seeds) log(`seed ${name}: ${inserted} rows inserted, ${updated} updated`);
}

function folderOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
