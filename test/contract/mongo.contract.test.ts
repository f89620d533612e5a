import { afterAll, it } from 'vitest';
import { MongoDatabase } from '../../src/mongo/database.js';
import { repositoryContract } from '../../src/testing/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();

repositoryContract({
  test: it,
  after: afterAll,
  open: async () => {
    const database = new MongoDatabase({ url, name });
    return { database, close: () => database.close() };
  },
});
