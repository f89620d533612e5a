import { MongoDatabase, PostgresDatabase } from '../../src/index.js';

const opened: (PostgresDatabase | MongoDatabase)[] = [];

/** Closes every database that a block opened. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((database) => database.close({ deadline: '1s' })));
}

type Run = PostgresDatabase['run'];

/** Runs commands as `run` does, and makes the schema of each entity before its first one: memory needs none. */
function ready(database: PostgresDatabase | MongoDatabase, run: Run): Run {
  const known = new Set<unknown>();
  opened.push(database);
  return async (command, options) => {
    if (command.kind !== 'ensureSchema' && !known.has(command.entity)) {
      known.add(command.entity);
      await database.detached(() => run({ kind: 'ensureSchema', entities: [command.entity] }));
    }
    return run(command, options);
  };
}

/** Stands for `MemoryDatabase` in a block of a page. */
export class AnyPostgres extends PostgresDatabase {
  override run: Run = ready(this, (command, options) => super.run(command, options));
}

/** Stands for `MemoryDatabase` in a block of a page. */
export class AnyMongo extends MongoDatabase {
  override run: Run = ready(this, (command, options) => super.run(command, options));
}
