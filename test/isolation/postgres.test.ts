import { describe, expect, inject, it } from 'vitest';
import { type IsolationLevel, Repository } from '../../src/index.js';
import { openedAt } from '../postgres/kit.js';
import { postgresDatabase } from '../setup/databases.js';
import { Account, anomalies } from './anomalies.js';
import { interleave, shown } from './interleave.js';

const { url } = await postgresDatabase();
const database = openedAt(url, { max: 4 });
const observer = openedAt(url, { max: 1 });
await database.ensureSchema([Account]);
const accounts = new Repository(database, Account);

const waits = async (): Promise<boolean> =>
  (
    await observer.query(
      "select 1 from pg_locks join pg_stat_activity using (pid) where not granted and wait_event_type = 'Lock' and datname = current_database()",
      [],
    )
  ).length > 0;

const allowed: Readonly<Record<IsolationLevel, readonly string[]>> = {
  'read committed': ['non-repeatable read', 'phantom', 'lost update', 'write skew'],
  'repeatable read': ['write skew'],
  serializable: [],
};

describe.skipIf(!inject('postgresReal'))('two transactions on PostgreSQL, in every order of their steps', () => {
  for (const [level, expected] of Object.entries(allowed) as [IsolationLevel, readonly string[]][]) {
    it(`show at '${level}' these anomalies and no other: ${expected.join(', ') || 'none'}`, async () => {
      const fresh = async () => {
        await accounts.deleteMany({}, { all: true });
        await accounts.insertMany([{ id: 'x' }, { id: 'y' }]);
      };
      const found = await shown(anomalies, accounts, fresh, (order, trial) =>
        interleave(database, level, order, trial, waits),
      );
      expect(found).toEqual(expected);
    });
  }
});
