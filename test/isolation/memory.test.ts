import { expect, it } from 'vitest';
import { Repository } from '../../src/index.js';
import { MemoryDatabase } from '../../src/memory/index.js';
import { Account, anomalies } from './anomalies.js';
import { interleave, shown } from './interleave.js';

const database = new MemoryDatabase();
const accounts = new Repository(database, Account);

it('two transactions in memory, in every order of their steps, show no anomaly', async () => {
  const fresh = async () => {
    await accounts.deleteMany({}, { all: true });
    await accounts.insertMany([{ id: 'x' }, { id: 'y' }]);
  };
  // One that has begun holds back the other as a whole; what is free to go on does so within these turns.
  const waits = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return true;
  };
  const found = await shown(anomalies, accounts, fresh, (order, trial) =>
    interleave(database, 'serializable', order, trial, waits),
  );
  expect(found).toEqual([]);
});
