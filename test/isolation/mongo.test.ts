import { afterAll, expect, it } from 'vitest';
import { Repository } from '../../src/index.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { mongoDatabase } from '../setup/databases.js';
import { Account, anomalies } from './anomalies.js';
import { interleave, shown } from './interleave.js';

const { url, name } = await mongoDatabase();
const database = new MongoDatabase({ url, name });
afterAll(() => database.close());
await database.ensureSchema([Account]);
const accounts = new Repository(database, Account);

it('two transactions on MongoDB, in every order of their steps, show write skew and no other anomaly', async () => {
  const fresh = async () => {
    await accounts.deleteMany({}, { all: true });
    await accounts.insertMany([{ id: 'x' }, { id: 'y' }]);
  };
  // A write that meets another one fails at once: nothing waits.
  const waits = async () => false;
  const found = await shown(anomalies, accounts, fresh, (order, trial) =>
    interleave(database, 'repeatable read', order, trial, waits),
  );
  expect(found).toEqual(['write skew']);
});
