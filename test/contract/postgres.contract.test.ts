import { afterAll, it } from 'vitest';
import { PostgresDatabase } from '../../src/postgres/database.js';
import { repositoryContract } from '../../src/testing/index.js';
import { postgresDatabase } from '../setup/databases.js';

const { url } = await postgresDatabase();

repositoryContract({
  test: it,
  after: afterAll,
  open: async () => {
    const database = new PostgresDatabase({ url });
    return { database, close: () => database.close() };
  },
});
