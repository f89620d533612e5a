import { MongoClient } from 'mongodb';
import { migration } from '../../../src/migrate/index.js';
import { MongoMigrations } from '../../../src/migrate/mongo/ledger.js';
import { MongoDatabase } from '../../../src/mongo/index.js';
import { asking, OPTIONS } from '../../migrate/mongo-kit.js';

// node --import tsx migration-process.ts URL NAME LEDGER LEASE DIRECTION TRANSACTION N: dies when the server has done its Nth write; with 0 it says how many.
const [url, name, ledger, lease, direction, transaction, last] = process.argv.slice(2) as string[];
const READS: ReadonlySet<string> = new Set(['hello', 'find', 'ping', 'endSessions', 'getMore', 'listCollections']);
const client = new MongoClient(url!, { monitorCommands: true });
let writes = 0;
/** Those come when their time has come, which is not the same in every run. */
const renewals = new Set<number>();
client.on('commandStarted', ({ requestId, command: { query, update } }) => {
  const [stage] = Array.isArray(update) ? update : [];
  if (query?.token !== undefined && stage?.$set !== undefined && !('asked' in stage.$set)) renewals.add(requestId);
});
client.on('commandSucceeded', ({ commandName, requestId }) => {
  if (READS.has(commandName) || renewals.has(requestId)) return;
  if (++writes === Number(last)) process.kill(process.pid, 'SIGKILL');
});
const database = new MongoDatabase({ client, name });
const step = migration<MongoDatabase>({
  version: '1',
  name: 'marks',
  up: async ({ db }) => {
    for (const i of [1, 2])
      await db['~raw']({}, (raw) => raw.send({ insert: 'marks', documents: [{ _id: `${ledger} ${i}` }] }));
  },
  down: async ({ db }) => {
    for (const i of [1, 2])
      await db['~raw']({}, (raw) =>
        raw.send({ delete: 'marks', deletes: [{ q: { _id: `${ledger} ${i}` }, limit: 1 }] }),
      );
  },
  transaction: transaction === 'true',
});
const locked = await new MongoMigrations(database, ledger!, { leaseMs: Number(lease) }).lock(asking('killed'));
await locked.run({ migration: step, direction: direction as 'up' | 'down' }, OPTIONS);
await locked.release();
process.stdout.write(String(writes));
await database.close();
await client.close();
