import type { QueryTrace } from '../core/channels.js';
import type { Deadline } from '../core/deadline.js';
import { type PostgresClient, type Release, requestCancel, type WireClient } from './driver.js';
import { checkParameters, Exchange, type Result, type Statement } from './exchange.js';
import type { RowReader } from './rows.js';

/** Prepared statements kept per connection: at about 24 kB each on the server, some 6 MB. */
export const MAX_STATEMENTS = 256;

/** What is known of the statements of one connection, least recently used first; null: parsed, but its columns were not seen. */
type Prepared = Map<string, RowReader | null>;

const prepared = new WeakMap<object, Prepared>();

function preparedOn(client: object): Prepared {
  let known = prepared.get(client);
  if (known === undefined) {
    known = new Map();
    prepared.set(client, known);
  }
  return known;
}

const ignore = (): void => {};

/** Whether the server no longer takes a prepared statement: a column's type changed, or somebody dropped it. Nothing was executed. */
export function isStale(error: unknown): boolean {
  const { code, routine } = error as { readonly code?: unknown; readonly routine?: unknown };
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

/** What a session tells of itself. */
export interface SessionEvents {
  /** Something failed on the connection, as the driver says it. */
  failed(error: unknown): void;
  /** The server is asked to cancel what runs; `asked` settles when it has been. */
  cancelling(asked: Promise<void>): void;
  /** The client is back in the pool or dropped. */
  gone(): void;
}

/** Of a connection that is in no pool: nobody else has to hear of it. */
export const NO_EVENTS: SessionEvents = Object.freeze({ failed: ignore, cancelling: ignore, gone: ignore });

/** A client while it is out of the pool, with error listeners for the whole time: without one, a lost connection would end the process. */
export class Session {
  readonly #client: WireClient;
  readonly #release: Release;
  readonly #resource: string;
  readonly #prepared: Prepared;
  readonly #events: SessionEvents;
  #interrupt: ((error: Error) => void) | null = null;
  #stale: string[] = [];
  #gone = false;
  /** Of the call that has the connection now, when anybody listens. */
  trace: QueryTrace | null = null;
  /** Set between BEGIN and its end: a failed statement cannot be tried again alone. */
  inTransaction = false;
  /** How its transaction was begun. */
  readOnly = false;
  /** Whether its transaction may run again after it met a row that another one has locked. */
  retriesLocked = false;

  constructor(client: PostgresClient, release: Release, resource: string, events: SessionEvents) {
    this.#events = events;
    this.#client = client as WireClient;
    this.#release = release;
    this.#resource = resource;
    this.#prepared = preparedOn(client);
    client.on('error', ignore);
  }

  /** Whether the client is back in the pool or dropped. */
  get gone(): boolean {
    return this.#gone;
  }

  /**
   * Whether the next caller would find the connection as this one did: the server says that no transaction is open, and everything was answered.
   * Older drivers do not tell.
   */
  get isClean(): boolean {
    const { _txStatus, _activeQuery } = this.#client;
    return _txStatus !== 'T' && _txStatus !== 'E' && !_activeQuery;
  }

  /** Whether the server says that no transaction is open. */
  get idle(): boolean {
    return this.#client._txStatus === 'I';
  }

  /** Whether the server said last that a transaction is open, or one that failed. Older drivers do not tell. */
  get isInside(): boolean {
    const { _txStatus } = this.#client;
    return _txStatus === 'T' || _txStatus === 'E';
  }

  /**
   * Runs a statement and gives its result, or the driver's error as it is. When the deadline ends first, it is cancelled on the
   * server, the connection is destroyed, and the caller learns it at once.
   */
  async run(statement: Statement, deadline: Deadline): Promise<Result> {
    checkParameters(statement, this.#resource);
    try {
      return await this.#send(statement, deadline);
    } catch (error) {
      if (statement.name === null || !isStale(error)) throw error;
      this.#prepared.delete(statement.name);
      this.#stale.push(statement.name);
      if (this.inTransaction) throw error;
      return this.#send(statement, deadline);
    }
  }

  #send(statement: Statement, deadline: Deadline): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (deadline.ended) {
        reject(deadline.error('not-executed', this.#resource, 'nothing was sent'));
        return;
      }
      const exchange = this.open(statement, 0, (error, result) => {
        deadline.listen(null);
        this.#interrupt = null;
        if (result === null) {
          this.#events.failed(error);
          reject(error);
        } else {
          if (statement.name !== null) this.#prepared.set(statement.name, exchange.reader);
          resolve(result);
        }
      });
      const stop = (error: Error): void => {
        reject(error);
        this.destroy(true);
      };
      this.#interrupt = stop;
      deadline.listen(() =>
        stop(deadline.error('unknown', this.#resource, 'the statement was cancelled, its connection dropped')),
      );
      if (this.trace !== null) exchange.observe(this.trace);
      this.#client.query(exchange);
    });
  }

  /** A statement ready to be submitted. */
  open(statement: Statement, batch: number, callback: (error: unknown, result: Result | null) => void): Exchange {
    const { name } = statement;
    let reader: RowReader | null = null;
    if (name !== null) {
      reader = this.#prepared.get(name) ?? null;
      this.#prepared.delete(name);
      this.#prepared.set(name, reader);
      if (this.#prepared.size > MAX_STATEMENTS) {
        const oldest = this.#prepared.keys().next().value!;
        this.#prepared.delete(oldest);
        this.#stale.push(oldest);
      }
    }
    const closing = this.#stale;
    if (closing.length > 0) this.#stale = [];
    return new Exchange(statement, reader, closing, batch, callback);
  }

  submit(exchange: Exchange): void {
    this.#client.query(exchange);
  }

  next(exchange: Exchange): void {
    exchange.next(this.#client.connection);
  }

  end(exchange: Exchange): void {
    exchange.end(this.#client.connection);
  }

  /** Ends what runs, with this error, and drops the connection. */
  interrupt(error: Error): void {
    this.#interrupt?.(error);
    this.destroy(true);
  }

  /** Gives the connection back; one that is not as it was is dropped. Idempotent. */
  release(): void {
    if (this.#gone) return;
    if (!this.isClean) {
      this.destroy(false);
      return;
    }
    this.#gone = true;
    this.#client.removeListener('error', ignore);
    this.#release();
    this.#events.gone();
  }

  /** Drops the connection, and with `cancel` what runs on it. Idempotent. */
  destroy(cancel: boolean): void {
    if (this.#gone) return;
    this.#gone = true;
    if (cancel) this.#events.cancelling(requestCancel(this.#client));
    this.#release(true);
    this.#events.gone();
  }
}
