import { afterAll, it } from 'vitest';
import { MongoDatabase } from '../../src/mongo/database.js';
import { repositoryContract } from '../../src/testing/index.js';
import { mongoDatabase } from '../setup/databases.js';

const { url, name } = await mongoDatabase();

repositoryContract({
  test: it,
  after: afterAll,
  except: {
    'a nested `transaction` that fails is undone alone, and the one around it goes on':
      'MongoDB has no savepoints: what fails in a part of a transaction fails all of it',
  },
  open: async () => {
    const database = new MongoDatabase({ url, name });
    return { database, close: () => database.close() };
  },
});
