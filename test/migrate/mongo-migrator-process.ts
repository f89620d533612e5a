import { Migrator, migration } from '../../src/migrate/index.js';
import { MongoDatabase } from '../../src/mongo/index.js';

// node --import tsx mongo-migrator-process.ts URL NAME LEDGER: migrates six steps, and says which ones it did.
const [url, name, ledger] = process.argv.slice(2) as [string, string, string];
const database = new MongoDatabase({ url, name });
const migrations = Array.from({ length: 6 }, (_, i) =>
  migration<MongoDatabase>({
    version: String(i + 1),
    name: `step${i + 1}`,
    up: async ({ db }) => {
      await db['~raw']({}, (raw) => raw.send({ insert: 'marks', documents: [{ _id: `${ledger} ${i + 1}` }] }));
    },
    transaction: i % 2 === 0,
  }),
);
const { steps } = await new Migrator(database, { migrations, ledger, wait: '10m' }).up();
process.stdout.write(JSON.stringify(steps.map(({ version }) => version)));
await database.close();
