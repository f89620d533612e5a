import { describe, inject } from 'vitest';
import { openedAt } from '../postgres/kit.js';
import { postgresDatabase } from '../setup/databases.js';
import { ledgerRules } from './ledger-rules.js';
import { postgresGround } from './postgres-kit.js';

// PGlite has one session: a lock on a connection of its own needs two.
describe.skipIf(!inject('postgresReal'))('migrations of PostgreSQL', async () => {
  const { url } = await postgresDatabase();
  // One connection is enough: the lock has one of its own.
  const database = openedAt(url, { max: 1 });
  const other = openedAt(url, { max: 4 });
  ledgerRules(() => postgresGround(database, other));
});
