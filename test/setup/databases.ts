import { inject } from 'vitest';
import type { StartedDatabase, StartedKeyspace } from '../../src/testing/index.js';
import { withMongo, withMongoDatabase } from '../../src/testing/servers/mongo-login.js';
import { ownName } from '../../src/testing/servers/names.js';
import { pgliteDatabases, postgresDatabases } from '../../src/testing/servers/postgres-database.js';
import { clearPrefix } from '../../src/testing/servers/redis-login.js';
import { atEnd } from './at-end.js';

// Each of these belongs at the top level of a test file (`const { url } = await postgresDatabase()`): what it returns is gone when the file is
// done, or the test that asked for it.

/** An empty PostgreSQL database of the file's own; on PGlite, the only one that there is. */
export async function postgresDatabase(): Promise<StartedDatabase> {
  const server = inject('postgresUrl');
  const maker = inject('postgresReal') ? postgresDatabases(server) : pgliteDatabases(server);
  const { name, url } = await maker.create();
  const drop = (): Promise<void> => maker.drop(name);
  atEnd(drop);
  return { name, url, drop };
}

/** An empty MongoDB database of the file's own, on a replica set. */
export async function mongoDatabase(): Promise<StartedDatabase> {
  const name = ownName();
  const url = withMongoDatabase(inject('mongoUrl'), name);
  const drop = async (): Promise<void> => {
    await withMongo(url, (client) => client.db(name).dropDatabase());
  };
  atEnd(drop);
  return { name, url, drop };
}

/** A Redis key prefix of the file's own; the server may be shared, so every key must start with it. */
export async function redisPrefix(): Promise<StartedKeyspace> {
  const url = inject('redisUrl');
  const prefix = `${ownName()}:`;
  const clear = (): Promise<void> => clearPrefix(url, prefix);
  atEnd(clear);
  return { url, prefix, clear };
}
