import type { IsolationLevel, RunOptions } from '../core/ports.js';
import type { TransactionEngine } from '../core/transaction.js';
import { Limit } from '../core/transaction-limit.js';
import type { Scope } from '../core/transaction-scope.js';
import type { TransactionSettings } from '../core/transaction-settings.js';
import { ConflictError } from '../errors/runtime.js';
import type { Command } from '../query/command.js';
import { View } from './view.js';

/** What a transaction works on; a nested one has a view of that view. */
export interface MemorySession {
  view: View;
  /** Lets the next one begin. */
  readonly done: () => void;
}

/** Carries out a command as a call of the transaction, on what that sees. */
export async function callIn<T>(scope: Scope<MemorySession>, command: Command, work: (view: View) => T): Promise<T> {
  scope.admit(command);
  return scope.run(async ({ view }) => {
    try {
      return work(view);
    } catch (error) {
      scope.fail(error, false);
      throw error;
    }
  });
}

/**
 * Transactions one after the other, each on a view of its own that is merged at the end: others see all of it at once, or nothing. Calls and
 * transactions in `detached()` inside one do not wait for it, or it would wait for itself.
 */
export class MemoryTransactions implements TransactionEngine<MemorySession> {
  readonly engine = 'memory';
  readonly resource = 'memory';
  readonly weakest: IsolationLevel = 'serializable';
  readonly #base: View;
  readonly #admit: () => void;
  #running: Promise<void> | null = null;

  constructor(base: View, admit: () => void) {
    this.#base = base;
    this.#admit = admit;
  }

  /** Whether a transaction runs that a write, or another transaction, has to wait for: not the one that it comes from. */
  blocks(left: Scope<MemorySession> | null): boolean {
    return this.#running !== null && (left === null || left.closed);
  }

  /** Waits for the transaction that runs. */
  async turn({ signal, timeoutMs }: RunOptions): Promise<void> {
    const limit = new Limit(this.resource, timeoutMs ?? null, [signal]);
    try {
      if (this.#running !== null) await limit.race(this.#running);
    } finally {
      limit.clear();
    }
  }

  async begin(_: TransactionSettings, limit: Limit, left: Scope<MemorySession> | null): Promise<MemorySession> {
    this.#admit();
    let done = (): void => {};
    if (left === null || left.closed) {
      while (this.#running !== null) await limit.race(this.#running);
      this.#running = new Promise((resolve) => {
        done = () => {
          this.#running = null;
          resolve();
        };
      });
    }
    return { view: new View(this.#base), done };
  }

  async commit({ session }: Scope<MemorySession>): Promise<void> {
    try {
      this.#admit();
      session.view.merge();
    } finally {
      session.done();
    }
  }

  async rollback(session: MemorySession): Promise<void> {
    session.done();
  }

  abandon({ session }: Scope<MemorySession>): void {
    session.done();
  }

  isConflict(error: unknown): boolean {
    return error instanceof ConflictError;
  }

  readonly savepoints: NonNullable<TransactionEngine<MemorySession>['savepoints']> = {
    begin: async ({ session }) => {
      session.view = new View(session.view);
    },
    release: async ({ session }) => {
      session.view.merge();
      session.view = session.view.parent!;
    },
    rollback: async ({ session }) => {
      session.view = session.view.parent!;
    },
  };
}
