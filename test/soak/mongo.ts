import { MongoClient } from 'mongodb';
import { MongoDatabase, Repository } from '../../src/index.js';
import { startFaultProxy, startMongo } from '../../src/testing/index.js';
import { type Leg, MAX } from './leg.js';
import { Item, repositoryLeg } from './repositories.js';

const LABEL = 'trivet-soak';

export async function mongoLeg(log: (line: string) => void): Promise<Leg> {
  const server = await startMongo({ log });
  const { url } = await server.createDatabase();
  const proxy = await startFaultProxy(url);
  const database = new MongoDatabase({ url: proxy.url(url), max: MAX, label: LABEL, connectTimeout: '1s' });
  await new Repository(database, Item).ensureSchema();
  const observer = new MongoClient(url);
  await observer.connect();
  return repositoryLeg({
    name: 'MongoDB',
    // The driver watches the server on two, and a probe may have one.
    maxConnections: MAX + 3,
    database,
    proxy,
    connections: async () => {
      const stages = [{ $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName: LABEL } }];
      return (await observer.db('admin').aggregate(stages).toArray()).length;
    },
    close: async () => {
      await database.close();
      await proxy.close();
      await observer.close();
      await server.stop();
    },
  });
}
