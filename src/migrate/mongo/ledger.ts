import type { LockHolder } from '../../errors/migration.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { LedgerEntry, LockedLedger, LockRequest, MigrationEngine, Step, StepOptions } from '../ports.js';
import { Lines } from './lines.js';
import { holderOf, LEASE_MS, type LockPlace, MongoLock, takeAway } from './lock.js';
import { carryOutStep, type StepLedger } from './step.js';

/** What one who was killed left behind may stand in the way for a minute, where it cannot be ended. */
const PATIENCE = { retries: 500, timeout: '2m' } as const;

/**
 * Migrations of MongoDB. The ledger is a collection, with a document for each migration; the lock is a document of `<ledger>_lock`, which its holder
 * keeps for a while at a time, by the clock of the server: one who was killed is followed when that has ended. Every write of the ledger is refused to who
 * no longer has the lock, in the transaction of the write where the deployment has transactions.
 */
export class MongoMigrations implements MigrationEngine<MongoDatabase> {
  readonly database: MongoDatabase;
  readonly resource: string;
  readonly transactional = false;
  readonly #lines: Lines;
  readonly #place: LockPlace;

  /** @internal `leaseMs` is how long a lock is kept without a sign of life of its holder. */
  constructor(database: MongoDatabase, ledger: string, { leaseMs = LEASE_MS }: { readonly leaseMs?: number } = {}) {
    this.database = database;
    this.resource = database.toJSON().resource;
    this.#lines = new Lines(ledger, this.resource);
    this.#place = { database, collection: `${ledger}_lock`, resource: this.resource, leaseMs };
  }

  history(signal?: AbortSignal): Promise<readonly LedgerEntry[]> {
    const { database } = this;
    return database.detached(() => database['~raw']({ signal }, (raw) => this.#lines.read(raw)));
  }

  holder(signal?: AbortSignal): Promise<LockHolder | null> {
    return this.database.detached(() => holderOf(this.#place, signal));
  }

  lock(request: LockRequest): Promise<LockedLedger<MongoDatabase>> {
    return this.database.detached(() => this.#lock(request));
  }

  async #lock(request: LockRequest): Promise<LockedLedger<MongoDatabase>> {
    const { database } = this;
    const check = (raw: RawCommands): Promise<boolean> => this.#lines.isCurrent(raw);
    // What is refused must leave nothing behind.
    await database['~raw']({ signal: request.signal }, check);
    const lock = await MongoLock.take(this.#place, request);
    try {
      const transactions = await database['~raw']({}, async (raw) => raw.transactions);
      const ledger = new LockedMongoLedger(database, this.resource, this.#lines, lock, request.who, transactions);
      if (!(await database['~raw']({}, check))) {
        await database['~raw']({}, (raw) => this.#lines.create(raw));
        await ledger.change((raw) => this.#lines.bringUpToDate(raw));
      }
      return ledger;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  unlock(): Promise<LockHolder | null> {
    return this.database.detached(() => takeAway(this.#place));
  }
}

/** The ledger in the hands of the one who has its lock. */
class LockedMongoLedger implements LockedLedger<MongoDatabase>, StepLedger {
  readonly database: MongoDatabase;
  readonly resource: string;
  readonly lines: Lines;
  readonly lock: MongoLock;
  readonly by: string;
  readonly transactions: boolean;

  constructor(
    database: MongoDatabase,
    resource: string,
    lines: Lines,
    lock: MongoLock,
    by: string,
    transactions: boolean,
  ) {
    this.database = database;
    this.resource = resource;
    this.lines = lines;
    this.lock = lock;
    this.by = by;
    this.transactions = transactions;
  }

  get signal(): AbortSignal {
    return this.lock.signal;
  }

  history(): Promise<readonly LedgerEntry[]> {
    const { database } = this;
    return database.detached(() => database['~raw']({}, (raw) => this.lines.read(raw)));
  }

  run(step: Step<MongoDatabase>, options: StepOptions): Promise<LedgerEntry | null> {
    return this.database.detached(() => carryOutStep(this, step, options));
  }

  async write(entries: readonly Omit<LedgerEntry, 'at' | 'by'>[]): Promise<void> {
    await this.change(async (raw) => {
      for (const entry of entries) await this.lines.put(raw, { ...entry, at: null, by: this.by });
    });
  }

  forget(versions: readonly string[]): Promise<void> {
    return this.change((raw) => this.lines.remove(raw, versions));
  }

  release(): Promise<void> {
    return this.database.detached(() => this.lock.release());
  }

  change<T>(work: (raw: RawCommands) => Promise<T>): Promise<T> {
    const { database, lock, transactions } = this;
    return database.detached(() => {
      if (transactions) return database.transaction(() => this.#tell().then(() => this.join(work)), PATIENCE);
      return database['~raw']({}, async (raw) => {
        await lock.confirm(raw);
        return work(raw);
      });
    });
  }

  join<T>(work: (raw: RawCommands) => Promise<T>): Promise<T> {
    return this.database['~raw']({}, async (raw) => {
      const result = await work(raw);
      await this.lock.confirm(raw);
      return result;
    });
  }

  /** Whoever takes the lock from one who was killed has to end this transaction. */
  async #tell(): Promise<void> {
    const { database, lock } = this;
    const session = await database['~raw']({}, async (raw) => raw.session);
    await database.detached(() => lock.say({ session }));
  }
}
