import { afterAll, inject } from 'vitest';
import { increment, MongoDatabase, PostgresDatabase, Repository, type Resource } from '../../../src/index.js';
import { type FaultProxy, startFaultProxy } from '../../../src/testing/index.js';
import { withMongoDatabase } from '../../../src/testing/servers/mongo-login.js';
import { ownName } from '../../../src/testing/servers/names.js';
import { mongoDatabase, postgresDatabase } from '../../setup/databases.js';
import { logger, lookAt, PLANTED } from '../journal.js';
import { type Both, type Entries, Entry } from './entries.js';

/** A database of either engine behind a bad network, and the same one in sight of the truth. */
export interface Stage {
  readonly name: string;
  /** Past the proxy. */
  readonly url: string;
  readonly proxy: FaultProxy;
  /** By another connection, past the proxy. */
  readonly truth: Entries;
  open(limits?: { readonly max?: number }): Both;
}

export async function stages(): Promise<readonly Stage[]> {
  const [postgres, mongo] = await Promise.all([postgresDatabase(), mongoDatabase()]);
  const mongoUrl = withMongoDatabase(inject('mongoUrl'), mongo.name);
  const make = async (
    name: string,
    url: string,
    open: (url: string, limits: { readonly max?: number }) => PostgresDatabase | MongoDatabase,
  ): Promise<Stage> => {
    const proxy = await startFaultProxy(url);
    const opened: Resource[] = [];
    const keep = (database: PostgresDatabase | MongoDatabase): Both => {
      opened.push(database);
      return database as unknown as Both;
    };
    const observer = open(url, {});
    const truth = new Repository(keep(observer), Entry);
    await truth.ensureSchema();
    afterAll(async () => {
      await proxy.heal();
      await lookAt(observer);
      await Promise.all(opened.map((database) => database.close({ deadline: '2s' })));
      await proxy.close();
    });
    return { name, url, proxy, truth, open: (limits = {}) => keep(open(proxy.url(url), limits)) };
  };
  const limits = { connectTimeout: '2s', acquireTimeout: '2s', timeout: '5s', logger } as const;
  return [
    await make('PostgreSQL', postgres.url, (url, more) => new PostgresDatabase({ url, ...limits, ...more })),
    await make('MongoDB', mongoUrl, (url, more) => new MongoDatabase({ url, ...limits, ...more })),
  ];
}

/** A name that no other test has, and that nothing says: keys of rows are nobody's but the caller's. */
export const unique = (): string => `${PLANTED} ${ownName().slice(-24)}`;

export const once = { n: increment(1) } as const;
