import type { QueryTrace } from '../core/channels.js';
import { Deadline } from '../core/deadline.js';
import { Observer } from '../core/observer.js';
import type { Transactions } from '../core/transaction.js';
import type { Scope } from '../core/transaction-scope.js';
import { DuplicateKeyError } from '../errors/data.js';
import { settleUndone } from '../errors/error.js';
import { ConnectionError, QueryError } from '../errors/runtime.js';
import type { Command, InsertCommand } from '../query/command.js';
import type { Connections } from './connections.js';
import { mapError } from './errors.js';
import type { Table } from './fields.js';
import { duplicatePosition } from './insert.js';
import type { Settings } from './options.js';
import type { Session } from './session.js';
import { losesTransaction } from './transaction.js';

type Work<T> = (session: Session, deadline: Deadline) => Promise<T>;

/** The work, with the times that its parts take: waiting for a connection, the server with the network, and making rows of the answer. */
function timing<T>(trace: QueryTrace, work: Work<T>): Work<T> {
  const calledAt = performance.now();
  return async (session, deadline) => {
    const startedAt = performance.now();
    trace.queueMs = startedAt - calledAt;
    trace.decodeMs = 0;
    session.trace = trace;
    try {
      return await work(session, deadline);
    } finally {
      session.trace = null;
      trace.serverMs = performance.now() - startedAt - trace.decodeMs;
    }
  };
}

/** Where a call runs, for how long, and what its errors become. */
export class Calls {
  readonly #connections: Connections;
  readonly #transactions: Transactions<Session>;
  readonly #settings: Settings;
  readonly #observer: Observer;

  constructor(connections: Connections, transactions: Transactions<Session>, settings: Settings) {
    this.#connections = connections;
    this.#transactions = transactions;
    this.#settings = settings;
    this.#observer = new Observer('postgres', settings.resource, settings.observer);
  }

  /** Runs work in the transaction of the context, or else on a connection of its own. */
  run<T>(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    table: Table | null,
    work: Work<T>,
    command: Command | null = null,
  ): Promise<T> {
    const scope = this.#transactions.current;
    if (!this.#observer.listens) return this.#in(scope, timeoutMs, signal, table, work, command);
    const entity = command === null || command.kind === 'ensureSchema' ? null : command.entity.name;
    return this.#observer.query(command?.kind ?? 'query', entity, (trace) =>
      this.#in(scope, timeoutMs, signal, table, timing(trace, work), command),
    );
  }

  #in<T>(
    scope: Scope<Session> | null,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    table: Table | null,
    work: Work<T>,
    command: Command | null,
  ): Promise<T> {
    if (scope === null) return this.alone(timeoutMs, signal, table, work, command);
    return this.inside(scope, timeoutMs, signal, table, work, command);
  }

  /** The rows of a stream, told to whoever listens. */
  observed<T>(entity: string, open: (trace: QueryTrace | null) => AsyncIterable<T>): AsyncIterable<T> {
    return this.#observer.listens ? this.#observer.stream('stream', entity, open) : open(null);
  }

  /** Runs work as a call of the transaction, when its turn comes. */
  async inside<T>(
    scope: Scope<Session>,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    table: Table | null,
    work: Work<T>,
    command: Command | null,
  ): Promise<T> {
    scope.admit(command);
    const { resource } = this.#settings;
    const deadline = new Deadline(timeoutMs ?? this.#settings.timeoutMs, signal);
    const late = () => deadline.error('not-executed', resource, 'its transaction was busy with calls before it');
    try {
      return await new Promise<T>((resolve, reject) => {
        deadline.listen(() => reject(late()));
        const call = async (session: Session): Promise<T> => {
          deadline.listen(null);
          if (deadline.ended) throw late();
          try {
            return await work(session, deadline);
          } catch (error) {
            const mapped = await this.#failed(error, session, deadline, table, command);
            // A statement of the caller's own may have been a COMMIT.
            if (command !== null && session.isInside) settleUndone(mapped);
            scope.fail(mapped, losesTransaction(error, session.retriesLocked));
            throw mapped;
          }
        };
        scope.run(call).then(resolve, reject);
      });
    } finally {
      deadline.clear();
    }
  }

  /** Runs work on a connection of its own, within the deadline, and maps what it throws. With `once`, the first attempt to connect decides. */
  async alone<T>(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    table: Table | null,
    work: Work<T>,
    command: Command | null = null,
    once = false,
  ): Promise<T> {
    const deadline = new Deadline(timeoutMs ?? this.#settings.timeoutMs, signal);
    try {
      const session = await this.#connections.acquire(deadline, once);
      try {
        const result = await work(session, deadline);
        // Its connection is dropped: whoever goes on as if it had begun one must hear that nothing of it can be rolled back.
        if (command === null && !session.isClean)
          throw new QueryError('`begin` is no statement of its own: use `database.transaction()`', {
            resource: this.#settings.resource,
          });
        return result;
      } catch (error) {
        throw await this.#failed(error, session, deadline, table, command);
      } finally {
        session.release();
      }
    } finally {
      deadline.clear();
    }
  }

  async #failed(
    error: unknown,
    session: Session,
    deadline: Deadline,
    table: Table | null,
    command: Command | null,
  ): Promise<unknown> {
    const incremented =
      command !== null && 'assignments' in command ? command.assignments.filter(({ op }) => op === 'increment') : [];
    const failure = {
      resource: this.#settings.resource,
      elapsedMs: deadline.elapsedMs,
      sent: true,
      table,
      incremented: incremented.map(({ field }) => field),
      readOnly: session.readOnly,
    };
    const mapped = mapError(error, failure);
    // A server that takes no writes any more was demoted: the pool must not keep its connections.
    // A transaction that takes none by its own option says the same.
    const demoted = (mapped as QueryError).serverCode === '25006' && !session.inTransaction;
    if (mapped instanceof ConnectionError || demoted) session.destroy(false);
    // In a transaction the server answers nothing after an error, so it cannot be asked for the position.
    if (
      session.inTransaction ||
      !(mapped instanceof DuplicateKeyError) ||
      command?.kind !== 'insert' ||
      command.rows.length === 1 ||
      table === null
    )
      return mapped;
    const position = await this.#position(mapped, session, command, table, deadline);
    return position === undefined ? mapped : mapError(error, { ...failure, position });
  }

  /** Only the position may get lost when the look-up fails: the duplicate is what the caller has to learn. */
  #position(
    error: DuplicateKeyError,
    session: Session,
    command: InsertCommand,
    table: Table,
    deadline: Deadline,
  ): Promise<number | undefined> {
    return duplicatePosition(session, command, table, error.fields, deadline).catch(() => undefined);
  }
}
