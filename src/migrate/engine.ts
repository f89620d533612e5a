import { expected } from '../core/engine-options.js';
import type { MigrationDatabase } from './migration.js';
import { MongoMigrations } from './mongo/ledger.js';
import type { MigrationEngine } from './ports.js';
import { PostgresMigrations } from './postgres/ledger.js';

/** How a database is migrated. @throws TypeError for what is no database that can be */
export function engineOf<D extends MigrationDatabase>(database: D, ledger: string): MigrationEngine<D> {
  const either: MigrationDatabase = database;
  switch (either?.engine) {
    case 'postgres':
      return new PostgresMigrations(either, ledger) as MigrationEngine<MigrationDatabase> as MigrationEngine<D>;
    case 'mongo':
      return new MongoMigrations(either, ledger) as MigrationEngine<MigrationDatabase> as MigrationEngine<D>;
    default:
      throw expected('database', 'a PostgresDatabase or a MongoDatabase', database);
  }
}
