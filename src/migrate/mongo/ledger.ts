import type { LockHolder } from '../../errors/migration.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { LedgerEntry, LockedLedger, LockRequest, MigrationEngine } from '../ports.js';

/** The ledger of a MongoDB database. */
export class MongoMigrations implements MigrationEngine<MongoDatabase> {
  readonly database: MongoDatabase;
  readonly resource: string;
  readonly transactional = false;

  constructor(database: MongoDatabase, ledger: string) {
    this.database = database;
    this.resource = ledger;
  }

  history(): Promise<readonly LedgerEntry[]> {
    throw new Error('not there yet');
  }

  holder(): Promise<LockHolder | null> {
    throw new Error('not there yet');
  }

  lock(_request: LockRequest): Promise<LockedLedger<MongoDatabase>> {
    throw new Error('not there yet');
  }

  unlock(): Promise<LockHolder | null> {
    throw new Error('not there yet');
  }
}
