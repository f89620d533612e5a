import pg from 'pg';
import { PostgresDatabase, Repository } from '../../src/index.js';
import { startFaultProxy, startPostgres } from '../../src/testing/index.js';
import { type Leg, MAX } from './leg.js';
import { Item, repositoryLeg } from './repositories.js';

export async function postgresLeg(log: (line: string) => void): Promise<Leg> {
  const server = await startPostgres({ log });
  const { url } = await server.createDatabase();
  const proxy = await startFaultProxy(url);
  const database = new PostgresDatabase({ url: proxy.url(url), max: MAX, name: 'trivet-soak', connectTimeout: '1s' });
  await new Repository(database, Item).ensureSchema();
  const observer = new pg.Client({ connectionString: url });
  await observer.connect();
  return repositoryLeg({
    name: 'PostgreSQL',
    maxConnections: MAX + 1,
    database,
    proxy,
    connections: async () => {
      const { rows } = await observer.query(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'trivet-soak'",
      );
      return rows[0].n;
    },
    close: async () => {
      await database.close();
      await proxy.close();
      await observer.end();
      await server.stop();
    },
  });
}
