import { type MongoDatabase, type PostgresDatabase, sql } from 'trivet';
import { Migrator, migration } from 'trivet/migrate';
import { Invoice, Project, Visit } from './entities.js';

export async function migrate(postgres: PostgresDatabase, mongo: MongoDatabase): Promise<readonly string[]> {
  const tables = new Migrator(postgres, {
    migrations: [
      migration<PostgresDatabase>({
        version: '1',
        name: 'tables',
        up: async ({ db }) => {
          await db.ensureSchema([Project, Invoice]);
          await db.query(sql`comment on table ${Project} is 'of the service'`);
        },
      }),
      migration({
        version: '2',
        name: 'positive',
        up: 'alter table invoices add constraint positive check (amount > 0)',
        down: 'alter table invoices drop constraint positive',
      }),
    ],
  });
  const collections = new Migrator(mongo, {
    migrations: [
      migration<MongoDatabase>({
        version: '1',
        name: 'collections',
        up: async ({ db }) => {
          await db.ensureSchema([Project, Visit]);
        },
      }),
    ],
  });
  const reports = [await tables.up(), await collections.up()];
  return reports.flatMap(({ steps }) => steps.map(({ version, name }) => `${version} ${name}`));
}
