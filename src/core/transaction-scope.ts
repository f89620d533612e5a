import { QueryError, TransactionAbortedError, TransactionClosedError } from '../errors/runtime.js';
import type { Command } from '../query/command.js';
import type { Transaction } from './ports.js';

/** The first call that failed. Nothing of the scope can be stored after it. */
export interface Failure {
  readonly error: unknown;
  /** The transaction lost against another one: all of it may run again. */
  readonly retryable: boolean;
}

/** What is to be done when a transaction has committed. */
export interface AfterCommit {
  readonly work: () => unknown;
  readonly evenIfUnknown: boolean;
}

const READS: Readonly<Record<Command['kind'], boolean>> = {
  find: true,
  count: true,
  exists: true,
  distinct: true,
  group: true,
  search: true,
  near: true,
  insert: false,
  update: false,
  updateEach: false,
  upsert: false,
  upsertMany: false,
  delete: false,
  ensureSchema: false,
};

/** Whether a command changes nothing. */
export function isRead(command: Command): boolean {
  return READS[command.kind];
}

/**
 * One attempt of a transaction, or a nested transaction inside it: what calls that join hold on to. It takes one call at a time, in their
 * order: a server's session does no more, and MongoDB refuses operations that start together.
 */
export class Scope<S> {
  readonly session: S;
  readonly parent: Scope<S> | null;
  readonly depth: number;
  readonly readOnly: boolean;
  readonly tx: Transaction;
  readonly callbacks: AfterCommit[] = [];
  failure: Failure | null = null;
  /** Whether a call may have changed something. */
  wrote = false;
  readonly #resource: string;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #waiting = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(session: S, parent: Scope<S> | null, readOnly: boolean, signal: AbortSignal, resource: string) {
    this.session = session;
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.readOnly = readOnly;
    this.#resource = resource;
    this.tx = Object.freeze({
      signal,
      afterCommit: (work: () => unknown, { evenIfUnknown = false } = {}): void => {
        if (this.#state !== 'open') throw this.#closedError();
        if (typeof work !== 'function') throw new TypeError('Expected `afterCommit` to be given a function');
        this.callbacks.push({ work, evenIfUnknown });
      },
    });
  }

  get root(): Scope<S> {
    return this.parent === null ? this : this.parent.root;
  }

  /** Whether a call is under way. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  get closed(): boolean {
    return this.#state === 'closed' || this.parent?.closed === true;
  }

  /** Whether this is `other` or a transaction nested in it. */
  isWithin(other: Scope<S>): boolean {
    return this === other || this.parent?.isWithin(other) === true;
  }

  /** Refuses a command that a read-only transaction does not take. Without a command, what is written is not known. */
  admit(command: Command | null): void {
    if (command !== null && isRead(command)) return;
    if (this.readOnly && command !== null) {
      throw new QueryError('A transaction with `readOnly: true` takes no writes: nothing was sent', {
        resource: this.#resource,
      });
    }
    for (let each: Scope<S> | null = this; each !== null; each = each.parent) each.wrote = true;
  }

  /** Runs `work` when its turn comes. A transaction nested in this one is one call of it. */
  async run<T>(work: (session: S) => Promise<T>): Promise<T> {
    if (this.#state !== 'open' || this.closed) throw this.#closedError();
    this.#refuseAborted();
    this.#waiting++;
    const result = this.#tail.then(() => {
      if (this.closed) throw this.#closedError();
      this.#refuseAborted();
      return work(this.session);
    });
    this.#tail = result.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return result;
  }

  /** Notes that a call failed on the server; the first one is kept. A lost conflict is the end of the transactions around, too. */
  fail(error: unknown, retryable: boolean): void {
    this.failure ??= { error, retryable };
    if (retryable) this.parent?.fail(error, retryable);
  }

  /** Takes no more calls, and waits for those that were made. */
  async end(): Promise<void> {
    if (this.#state === 'open') this.#state = 'ending';
    await this.#tail;
  }

  /** Takes no more calls, and lets none begin that waits. */
  close(): void {
    this.#state = 'closed';
  }

  aborted({ error }: Failure): TransactionAbortedError {
    return new TransactionAbortedError(
      'A call in this transaction failed, so nothing of it is stored: let the error out, or put what may fail into a nested transaction',
      { cause: error, resource: this.#resource },
    );
  }

  #refuseAborted(): void {
    for (let each: Scope<S> | null = this; each !== null; each = each.parent)
      if (each.failure !== null) throw this.aborted(each.failure);
  }

  #closedError(): TransactionClosedError {
    return new TransactionClosedError(
      'The transaction has ended: await what it starts, or begin work that outlives it in `database.detached()`',
      { resource: this.#resource },
    );
  }
}
