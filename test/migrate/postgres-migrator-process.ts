import { PostgresDatabase } from '../../src/index.js';
import { Migrator } from '../../src/migrate/index.js';

const [url, migrations, ledger, wait] = process.argv.slice(2) as [string, string, string, `${number}s`];
const database = new PostgresDatabase({ url, max: 1 });
const migrator = new Migrator(database, { migrations, ledger, wait });
const { steps } = await migrator.up();
console.log(JSON.stringify(steps.map(({ version }) => version)));
await database.close();
