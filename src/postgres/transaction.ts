import { Deadline } from '../core/deadline.js';
import type { IsolationLevel, TransactionOptions } from '../core/ports.js';
import type { TransactionEngine } from '../core/transaction.js';
import type { Limit } from '../core/transaction-limit.js';
import type { Scope } from '../core/transaction-scope.js';
import type { OwnTransactionOptions, TransactionSettings } from '../core/transaction-settings.js';
import { ConflictError, ConnectionError, TransactionAbortedError } from '../errors/runtime.js';
import { describeValue } from '../util/describe.js';
import type { Connections } from './connections.js';
import { mapError } from './errors.js';
import { plain } from './exchange.js';
import type { Settings } from './options.js';
import { isStale, type Session } from './session.js';

/**
 * Serialization failures and deadlocks: all of the transaction may run again. So may it after a prepared statement that went stale, and where the
 * caller says so, after a row that another one has locked.
 */
export function losesTransaction(error: unknown, retriesLocked: boolean): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === '40001' || code === '40P01' || (retriesLocked && code === '55P03') || isStale(error);
}

/** Options of `transaction` on PostgreSQL. */
export interface PostgresTransactionOptions extends TransactionOptions {
  /**
   * Counts a row that is locked by another transaction among what `retries` are for: met by `noWait`, or by the server's `lock_timeout`. All of
   * `work` runs again then. Inside another transaction, the outer's counts. @default false
   */
  readonly retryLocked?: boolean | undefined;
}

const OWN: OwnTransactionOptions = {
  names: ['retryLocked'],
  check: ({ retryLocked }, issues) => {
    if (retryLocked !== undefined && typeof retryLocked !== 'boolean')
      issues.push({ path: 'retryLocked', message: `must be true or false, got ${describeValue(retryLocked)}` });
  },
};

/** The transactions of PostgreSQL, on one connection each. */
export class PostgresTransactions implements TransactionEngine<Session> {
  readonly engine = 'postgres';
  readonly resource: string;
  readonly weakest: IsolationLevel = 'read committed';
  readonly own: OwnTransactionOptions = OWN;
  readonly #connections: Connections;
  readonly #settings: Settings;

  constructor(connections: Connections, settings: Settings) {
    this.#connections = connections;
    this.#settings = settings;
    this.resource = settings.resource;
  }

  async begin({ isolation, readOnly, bag }: TransactionSettings, limit: Limit): Promise<Session> {
    const deadline = this.#deadline(limit.leftMs, limit.signal);
    const level = isolation === null ? '' : ` isolation level ${isolation}`;
    try {
      const session = await this.#connections.acquire(deadline);
      try {
        await session.run(plain(`begin${level}${readOnly === true ? ' read only' : ''}`), deadline);
      } catch (error) {
        session.destroy(false);
        // Whatever became of BEGIN, nothing was done yet.
        throw this.#map(error, deadline, false);
      }
      session.inTransaction = true;
      session.readOnly = readOnly === true;
      session.retriesLocked = bag['retryLocked'] === true;
      return session;
    } finally {
      deadline.clear();
    }
  }

  async commit(scope: Scope<Session>, leftMs: number): Promise<void> {
    const { session } = scope;
    const deadline = this.#deadline(leftMs);
    let xid: string | null = null;
    let sent = false;
    try {
      if (session.gone) throw this.#lost('The connection broke before COMMIT was sent', 'not-executed');
      if (session.idle) {
        throw new TransactionAbortedError(
          'A statement of the transaction ended it (`commit` or `rollback`): let `transaction` do that',
          { resource: this.resource, outcome: 'unknown' },
        );
      }
      if (scope.wrote) xid = await this.#transactionId(session, deadline);
      sent = true;
      await commitOn(session, deadline, this.resource);
    } catch (error) {
      const mapped = this.#map(error, deadline, sent);
      const lost = mapped instanceof ConnectionError && !deadline.ended;
      if (mapped instanceof ConnectionError) session.destroy(false);
      if (!lost || mapped.outcome !== 'unknown') throw mapped;
      if (xid === null)
        throw scope.wrote
          ? mapped
          : this.#lost('The connection broke at COMMIT, with nothing to store', 'not-executed');
      if (!(await this.#resolve(xid, leftMs, mapped)))
        throw this.#lost('The connection broke at COMMIT, and the server rolled back', 'not-executed');
    } finally {
      deadline.clear();
      session.inTransaction = false;
      session.release();
    }
  }

  async rollback(session: Session): Promise<void> {
    if (session.gone) return;
    const deadline = this.#deadline(this.#settings.connectTimeoutMs);
    try {
      await session.run(plain('rollback'), deadline);
    } catch {
      session.destroy(false);
    } finally {
      deadline.clear();
      session.inTransaction = false;
      session.release();
    }
  }

  abandon({ session }: Scope<Session>): void {
    session.destroy(true);
  }

  isConflict(error: unknown): boolean {
    return error instanceof ConflictError && error.outcome === 'not-executed';
  }

  readonly savepoints: NonNullable<TransactionEngine<Session>['savepoints']> = {
    begin: (scope) => this.#control(scope, 'savepoint'),
    release: (scope) => this.#control(scope, 'release savepoint'),
    rollback: async (scope) => {
      await this.#control(scope, 'rollback to savepoint');
      await this.#control(scope, 'release savepoint');
    },
  };

  async #control({ session, depth }: Scope<Session>, what: string): Promise<void> {
    const deadline = this.#deadline(this.#settings.timeoutMs);
    try {
      await session.run(plain(`${what} trivet_${depth}`), deadline);
    } catch (error) {
      throw this.#map(error, deadline, true);
    } finally {
      deadline.clear();
    }
  }

  /** Null when nothing was written. After COMMIT it can be asked what became of it. */
  async #transactionId(session: Session, deadline: Deadline): Promise<string | null> {
    const { rows } = await session.run(plain('select pg_current_xact_id_if_assigned()::text as xid'), deadline);
    return (rows[0]?.['xid'] as string | null | undefined) ?? null;
  }

  /** Whether a COMMIT whose answer got lost was carried out. @throws `lost` when it cannot be found out */
  async #resolve(xid: string, leftMs: number, lost: ConnectionError): Promise<boolean> {
    const deadline = this.#deadline(Math.max(leftMs, this.#settings.connectTimeoutMs));
    try {
      const session = await this.#connections.acquire(deadline);
      try {
        for (;;) {
          const ask = plain('select pg_xact_status($1::xid8) as status', [xid]);
          const status = (await session.run(ask, deadline)).rows[0]?.['status'];
          if (status !== 'in progress') {
            if (status === 'committed' || status === 'aborted') return status === 'committed';
            throw lost;
          }
          // The server has not seen yet that its client is gone.
          await session.run(plain('select pg_sleep(0.02)'), deadline);
        }
      } catch (error) {
        session.destroy(false);
        throw error;
      } finally {
        session.release();
      }
    } catch {
      throw lost;
    } finally {
      deadline.clear();
    }
  }

  #deadline(leftMs: number, signal?: AbortSignal): Deadline {
    return new Deadline(Math.min(leftMs, this.#settings.timeoutMs), signal);
  }

  #map(error: unknown, deadline: Deadline, sent: boolean): unknown {
    return mapError(error, { resource: this.resource, elapsedMs: deadline.elapsedMs, sent, table: null });
  }

  #lost(what: string, outcome: 'not-executed'): ConnectionError {
    return new ConnectionError(`${what} (${this.resource})`, { resource: this.resource, outcome, retryable: true });
  }
}

/** Commits, and makes sure that the server did. @throws TransactionAbortedError when it rolled back, which is no error to the server. */
export async function commitOn(session: Session, deadline: Deadline, resource: string): Promise<void> {
  const { tag } = await session.run(plain('commit'), deadline);
  if (tag === 'COMMIT') return;
  throw new TransactionAbortedError(
    'The server rolled the transaction back at COMMIT, because a statement of it had failed: nothing of it is stored',
    { resource },
  );
}
