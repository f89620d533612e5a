import { MongoMigrations } from '../../src/migrate/mongo/ledger.js';
import { MongoDatabase } from '../../src/mongo/index.js';
import { asking, migrationOf, OPTIONS, up } from './mongo-kit.js';

// node --import tsx mongo-halted-process.ts URL NAME LEDGER LEASE PLACE: says `there` at that place of a migration, and stays there.
const [url, name, ledger, lease, place] = process.argv.slice(2) as [string, string, string, string, string];
const database = new MongoDatabase({ url, name });
const there = (): Promise<never> => {
  process.stdout.write('there\n');
  return new Promise(() => {});
};

/** Anything that keeps the process alive. */
process.stdin.resume();
const locked = await new MongoMigrations(database, ledger, { leaseMs: Number(lease) }).lock(asking('killed'));
if (place === 'locked') await there();
const insert = (id: number): Promise<unknown> =>
  database['~raw']({}, (raw) => raw.send({ insert: 'things', documents: [{ _id: `${ledger} ${id}` }] }));
await locked.run(
  up(
    migrationOf(
      '001',
      async () => {
        await insert(1);
        if (place === 'half') await there();
        await insert(2);
      },
      { transaction: process.argv[7] === 'transaction' },
    ),
  ),
  OPTIONS,
);
await there();
