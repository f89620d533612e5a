import { Deadline } from '../../core/deadline.js';
import type { LockHolder } from '../../errors/migration.js';
import type { BesideConnection } from '../../postgres/beside-connection.js';
import type { PostgresDatabase } from '../../postgres/database.js';
import type { LedgerEntry, LockedLedger, LockRequest, MigrationEngine } from '../ports.js';
import { askOn } from './ask.js';
import { endHolders, holderOf, holdings, takeLock } from './lock.js';
import { LockedPostgres } from './locked.js';
import { type Ask, checkLedgerName, findPlace, type Place } from './place.js';
import { preparation, readLedger } from './table.js';

/** Longest time for ending who holds the lock. */
const UNLOCK_MS = 60_000;

/** The ledger of a PostgreSQL database. */
export class PostgresMigrations implements MigrationEngine<PostgresDatabase> {
  readonly database: PostgresDatabase;
  readonly resource: string;
  readonly transactional = true;
  readonly #ledger: string;

  constructor(database: PostgresDatabase, ledger: string) {
    checkLedgerName(ledger);
    this.database = database;
    this.resource = database.name;
    this.#ledger = ledger;
  }

  async history(signal?: AbortSignal): Promise<readonly LedgerEntry[]> {
    const ask = this.#ask(signal);
    return readLedger(await this.#place(ask), ask);
  }

  async holder(signal?: AbortSignal): Promise<LockHolder | null> {
    const ask = this.#ask(signal);
    return holderOf(await holdings((await this.#place(ask)).keys, ask));
  }

  async lock(request: LockRequest): Promise<LockedLedger<PostgresDatabase>> {
    const beside = await this.database['~beside'](() => request.who, request.signal);
    try {
      const ask = askOn(beside);
      // A session that is idle for long would be ended, and whoever waits for a lock of the server holds up the others.
      await ask(SESSION, []);
      await takeLock((await this.#place(ask)).keys, request, ask, this.resource);
      const place = await this.#prepare(ask, beside);
      return new LockedPostgres({ database: this.database, lock: beside, place, who: request.who });
    } catch (error) {
      await beside.close();
      throw error;
    }
  }

  async unlock(): Promise<LockHolder | null> {
    const beside = await this.database['~beside']((name) => name);
    const deadline = new Deadline(UNLOCK_MS, undefined);
    try {
      const ask = askOn(beside, deadline);
      return await endHolders((await this.#place(ask)).keys, ask);
    } finally {
      deadline.clear();
      await beside.close();
    }
  }

  #place(ask: Ask): Promise<Place> {
    return findPlace(this.#ledger, ask, this.resource);
  }

  #ask(signal: AbortSignal | undefined): Ask {
    return (text, values) => this.database.query(text, values, { signal });
  }

  /** Makes the ledger, or brings it up to date. Under the lock: what was found before may be old. */
  async #prepare(ask: Ask, beside: BesideConnection): Promise<Place> {
    const place = await this.#place(ask);
    const statements = await preparation(place, ask);
    if (statements.length === 0) return place;
    await ask('begin', []);
    try {
      for (const statement of statements) await ask(statement, []);
      await ask('commit', []);
    } catch (error) {
      if (!beside.ended) await ask('rollback', []).catch(() => beside.destroy(false));
      throw error;
    }
    return { ...place, format: 2 };
  }
}

const SESSION = `select set_config(name, case name when 'lock_timeout' then '10s' else '0' end, false) from pg_settings
  where name in ('idle_session_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout', 'transaction_timeout', 'lock_timeout')`;
