import type { IsolationLevel, Transaction, TransactionOptions } from '../core/ports.js';
import type { TransactionEngine } from '../core/transaction.js';
import type { Limit } from '../core/transaction-limit.js';
import type { Scope } from '../core/transaction-scope.js';
import { checkLevel, type OwnTransactionOptions, type TransactionSettings } from '../core/transaction-settings.js';
import type { TrivetError } from '../errors/error.js';
import { ClosedError, ConflictError, ConnectionError, QueryError } from '../errors/runtime.js';
import { type Call, within } from './call.js';
import type { MongoSessionLike } from './client.js';
import { forDriver, type MongoWriteConcern, parseLevel, parseWriteConcern } from './concerns.js';
import type { Opened } from './connection.js';
import { labelled, mapError } from './errors.js';
import type { Settings } from './options.js';
import { commit } from './session.js';

/** Options of `transaction` on MongoDB. It reads from the primary: the server has no other transactions that write. */
export interface MongoTransactionOptions extends TransactionOptions {
  /** What its reads may see. On a sharded cluster only 'snapshot' is one moment for all shards. @default 'snapshot' */
  readonly readConcern?: 'local' | 'majority' | 'snapshot' | undefined;
  /** When its commit counts as done. @default 'majority' */
  readonly writeConcern?: MongoWriteConcern | MongoWriteConcern['w'] | undefined;
}

const LEVELS: readonly unknown[] = ['local', 'majority', 'snapshot'];
const NAMES = ['readConcern', 'writeConcern'] as const;

const OWN: OwnTransactionOptions = {
  names: NAMES,
  check: ({ readConcern, writeConcern, isolation }, issues) => {
    parseLevel(readConcern, LEVELS, issues);
    parseWriteConcern(writeConcern, issues);
    if (isolation === 'repeatable read' && readConcern !== undefined && readConcern !== 'snapshot')
      issues.push({ path: 'readConcern', message: "must be 'snapshot' for the isolation 'repeatable read'" });
  },
  checkNested: (bag, issues) => {
    for (const path of NAMES)
      if (bag[path] !== undefined)
        issues.push({ path, message: 'is of the transaction around this one: give it there' });
  },
};

/** Runs work as a call of the transaction, when its turn comes; `map` makes an error of the library of the driver's. */
export function joined<T>(
  scope: Scope<MongoSessionLike>,
  call: Call,
  work: (call: Call) => Promise<T>,
  map: (error: unknown, call: Call) => unknown,
): Promise<T> {
  const over = (): ClosedError => new ClosedError('The call is over');
  return scope.run(async (session) => {
    if (call.over) throw over();
    call.session = session;
    try {
      const result = await work(call);
      // Its caller was told that it failed: it must not be stored.
      if (call.over) throw over();
      return result;
    } catch (error) {
      const mapped = map(error, call);
      scope.fail(mapped, labelled(error, 'TransientTransactionError'));
      throw mapped;
    }
  });
}

/**
 * Whether the server itself refused to commit. The driver sends a commit again by itself, so that an error of the second time, such as no
 * server to be found, says nothing about the first.
 */
function isAnswer(error: unknown): boolean {
  return (
    typeof (error as { readonly code?: unknown }).code === 'number' &&
    !labelled(error, 'UnknownTransactionCommitResult')
  );
}

/**
 * The transactions of MongoDB: snapshots, stored by a majority. It has no savepoints, so that what fails in a part of a transaction
 * fails all of it. The driver's own loop would see mapped errors, which it does not run again: the labels are read here.
 */
export class MongoTransactions implements TransactionEngine<MongoSessionLike> {
  readonly engine = 'mongo';
  readonly resource: string;
  readonly weakest: IsolationLevel = 'repeatable read';
  readonly savepoints = null;
  readonly own: OwnTransactionOptions = OWN;
  readonly #settings: Settings;
  readonly #open: (call: Call) => Promise<Opened>;
  readonly #conflicts = new WeakSet<object>();

  constructor(settings: Settings, open: (call: Call) => Promise<Opened>) {
    this.resource = settings.label;
    this.#settings = settings;
    this.#open = open;
  }

  async begin({ isolation, bag }: TransactionSettings, limit: Limit): Promise<MongoSessionLike> {
    checkLevel(isolation ?? this.weakest, this.weakest, 'two snapshots of MongoDB do not see what the other writes');
    const { client, transactions } = await this.#within(limit.leftMs, limit.signal, this.#open);
    if (!transactions) {
      throw new QueryError(
        `MongoDB at ${this.resource} is a single server, which has no transactions: start it as a replica set, of one member if you like`,
        { resource: this.resource },
      );
    }
    const session = client.startSession();
    session.startTransaction({
      readConcern: { level: bag['readConcern'] ?? 'snapshot' },
      ...forDriver(parseWriteConcern(bag['writeConcern'], []) ?? { w: 'majority' }),
      // A client that reads from secondaries would lend its preference to the transaction, which the driver then refuses.
      readPreference: 'primary',
    });
    return session;
  }

  async commit({ session }: Scope<MongoSessionLike>, leftMs: number): Promise<void> {
    try {
      await this.#within(leftMs, undefined, async (call) => {
        call.sent = true;
        try {
          await commit(session, call);
        } catch (error) {
          const mapped = this.#map(error, call);
          if (labelled(error, 'TransientTransactionError')) this.#conflicts.add(mapped as object);
          else if (!isAnswer(error) && (mapped as TrivetError).outcome === 'not-executed') throw this.#unclear(mapped);
          throw mapped;
        }
      });
    } finally {
      void session.endSession().catch(() => {});
    }
  }

  async rollback(session: MongoSessionLike): Promise<void> {
    const work = async (): Promise<void> => {
      if (session.inTransaction()) await session.abortTransaction();
      await session.endSession();
    };
    // When the server is not told, it drops the transaction by itself.
    await this.#within(this.#settings.connectTimeoutMs, undefined, work).catch(() => {});
  }

  abandon(scope: Scope<MongoSessionLike>): void {
    // The driver takes no second operation on a session while one is under way.
    void scope.end().then(() => this.rollback(scope.session));
  }

  isConflict(error: unknown): boolean {
    return (
      error instanceof ConflictError || (typeof error === 'object' && error !== null && this.#conflicts.has(error))
    );
  }

  #unclear(cause: unknown): ConnectionError {
    return new ConnectionError(`MongoDB at ${this.resource} did not say whether it committed`, {
      resource: this.resource,
      outcome: 'unknown',
      retryable: true,
      cause,
    });
  }

  #within<T>(leftMs: number, signal: AbortSignal | undefined, work: (call: Call) => Promise<T>): Promise<T> {
    const { resource } = this;
    const { timeoutMs } = this.#settings;
    return within(
      { resource, signal, timeoutMs: undefined, defaultMs: Math.min(leftMs, timeoutMs) },
      work,
      (error, call) => this.#map(error, call),
    );
  }

  #map(error: unknown, { startedAt, sent }: Call): unknown {
    return mapError(error, { resource: this.resource, names: null, startedAt, sent });
  }
}

/** Runs `work` where there are no transactions: what it asked for after the commit comes after it. */
export async function withoutTransaction<T>(
  work: (tx: Transaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const callbacks: (() => unknown)[] = [];
  const result = await work({
    signal: signal ?? new AbortController().signal,
    afterCommit: (callback) => void callbacks.push(callback),
  });
  for (const callback of callbacks) await callback();
  return result;
}
