import type { QueryTrace } from '../core/channels.js';
import { QueryError } from '../errors/runtime.js';
import type { WireConnection } from './driver.js';
import type { Column } from './plans.js';
import { type ResultColumn, type Row, type RowReader, rowReader } from './rows.js';
import type { Encoded } from './values.js';

/** What is sent: text and parameters, and a name when the statement is to stay prepared. */
export interface Statement {
  readonly text: string;
  readonly name: string | null;
  readonly values: readonly Encoded[];
  /** What the columns of the result hold; null: they are read by their types. */
  readonly columns: readonly Column[] | null;
}

/** A statement that is not prepared, whose columns are read by their types. */
export function plain(text: string, values: readonly Encoded[] = []): Statement {
  return { text, name: null, values, columns: null };
}

/** What a statement gave. */
export interface Result {
  readonly rows: Row[];
  /** Rows given or changed. */
  readonly count: number;
  readonly fields: readonly ResultColumn[];
  /** What the server says it did: a COMMIT that it made a ROLLBACK is told only here. */
  readonly tag: string;
}

const MAX_PARAMETERS = 65_535;

/**
 * The protocol counts parameters in two bytes: of more it would tell another number, and the server read the rest of them as something else.
 * @throws QueryError
 */
export function checkParameters({ values }: Statement, resource: string): void {
  if (values.length <= MAX_PARAMETERS) return;
  throw new QueryError(
    `PostgreSQL takes at most ${MAX_PARAMETERS} values in a statement, and this one has ${values.length}: give many as one list, as \`anyOf()\` does`,
    { resource },
  );
}

type Settle = (error: unknown, result: Result | null) => void;

const NO_ROWS: RowReader = () => ({});

/**
 * One statement on the wire, in the form that the driver's client runs. It reads rows straight into their final shape, and asks for the
 * columns' types only when it has no reader from an earlier run: a prepared statement cannot change them.
 */
export class Exchange {
  readonly text: string;
  /** The driver notes a parsed statement under this name; '' is not noted. */
  readonly name: string;
  callback: Settle;
  reader: RowReader | null;
  readonly #statement: Statement;
  readonly #closing: readonly string[];
  readonly #batch: number;
  #fields: readonly ResultColumn[] = [];
  #rows: Row[] = [];
  #tag = '';
  #failure: unknown = null;
  #ended = false;
  #submitted = false;
  #trace: QueryTrace | null = null;

  /**
   * `closing` names statements to forget on the server before. With a `batch`, `callback` gets that many rows at a time and `next()`
   * or `end()` has to follow; the last result comes with `ended`.
   */
  constructor(
    statement: Statement,
    reader: RowReader | null,
    closing: readonly string[],
    batch: number,
    callback: Settle,
  ) {
    this.text = statement.text;
    this.name = statement.name ?? '';
    this.#statement = statement;
    this.reader = reader;
    this.#closing = closing;
    this.#batch = batch;
    this.callback = callback;
  }

  /** Notes in the trace what the statement is and what its rows cost. Of the caller's own statements the text may hold values: it is left out. */
  observe(trace: QueryTrace): void {
    this.#trace = trace;
    if (trace.entity !== null) trace.statement ??= this.text;
  }

  /** Whether the server has answered for good: no portal is open. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it went to the server. */
  get submitted(): boolean {
    return this.#submitted;
  }

  submit(connection: WireConnection): null {
    this.#submitted = true;
    const { stream } = connection;
    stream.cork?.();
    try {
      for (const name of this.#closing) this.#forget(connection, name);
      const parsed = this.name === '' ? undefined : connection.parsedStatements[this.name];
      if (parsed !== this.text) {
        if (parsed !== undefined) this.#forget(connection, this.name);
        connection.parse({ text: this.text, name: this.name });
        this.reader = null;
      }
      connection.bind({ portal: '', statement: this.name, values: this.#statement.values, binary: false });
      if (this.reader === null) connection.describe({ type: 'P', name: '' });
      this.#execute(connection);
    } finally {
      stream.uncork?.();
    }
    return null;
  }

  #forget(connection: WireConnection, name: string): void {
    connection.close({ type: 'S', name });
    delete connection.parsedStatements[name];
  }

  #execute(connection: WireConnection): void {
    connection.execute({ portal: '', rows: this.#batch });
    if (this.#batch === 0) connection.sync();
    else connection.flush();
  }

  /** Asks for the next batch. */
  next(connection: WireConnection): void {
    this.#rows = [];
    this.#execute(connection);
  }

  /** Gives up the rest; `callback` is called once more when the server is ready. */
  end(connection: WireConnection): void {
    this.#rows = [];
    connection.close({ type: 'P', name: '' });
    connection.sync();
  }

  handleRowDescription(message: { readonly fields: readonly ResultColumn[] }): void {
    this.#fields = message.fields;
    this.reader = rowReader(message.fields, this.#statement.columns);
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failure !== null) return;
    const startedAt = this.#trace === null ? 0 : performance.now();
    try {
      this.#rows.push(this.reader!(message.fields));
    } catch (error) {
      this.#failure = error;
    }
    if (this.#trace !== null) this.#trace.decodeMs = (this.#trace.decodeMs ?? 0) + performance.now() - startedAt;
  }

  handlePortalSuspended(connection: WireConnection): void {
    if (this.#failure !== null) this.end(connection);
    else this.callback(null, this.#result());
  }

  handleCommandComplete(message: { readonly text: string }, connection: WireConnection): void {
    this.#tag = message.text;
    if (this.#batch > 0) connection.sync();
  }

  handleEmptyQuery(connection: WireConnection): void {
    if (this.#batch > 0) connection.sync();
  }

  handleReadyForQuery(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.reader ??= NO_ROWS;
    if (this.#failure === null) this.callback(null, this.#result());
    else this.callback(this.#failure, null);
  }

  handleError(error: unknown, connection?: WireConnection): void {
    if (this.#ended) return;
    this.#ended = true;
    // Without a Sync behind the statement the server would skip everything that follows.
    if (this.#batch > 0 && connection?.stream.writable) connection.sync();
    this.callback(this.#failure ?? error, null);
  }

  handleCopyInResponse(connection: WireConnection & { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('COPY FROM STDIN has no source here');
  }

  handleCopyData(): void {}

  #result(): Result {
    const count = /(\d+)$/.exec(this.#tag)?.[1];
    const rows = this.#rows;
    // Of a stream it is the consumer who counts: not every row that came is taken.
    if (this.#trace !== null && this.#batch === 0) this.#trace.rows = count === undefined ? rows.length : Number(count);
    return { rows, count: count === undefined ? rows.length : Number(count), fields: this.#fields, tag: this.#tag };
  }
}
