import { AsyncLocalStorage } from 'node:async_hooks';
import type { Command, FindCommand, GroupCommand, NearCommand, SearchCommand } from '../query/command.js';
import { type CursorKey, Cursors } from '../query/cursor.js';
import { checkSums } from '../query/group-result.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import type { Clock } from '../util/clock.js';
import { DEFAULT_BATCH } from './engine-options.js';
import { loadRelated } from './include.js';
import { type Middleware, type Send, wayThrough } from './middleware.js';
import type { Database, RunOptions, StreamRunOptions, Transaction } from './ports.js';
import { type Context, finished, type OwnOptions, type Prepared } from './prepare.js';
import { Projector } from './projection.js';
import { Limits } from './time-left.js';

const NO_OWN: OwnOptions = new Map();

/**
 * Runs what verbs prepared, and makes stored rows the caller's. One per repository, and its only way to the database: what goes past it
 * is seen by no middleware.
 */
export class Executor {
  readonly #database: Database;
  /** Null without middleware: then a command costs nothing on its way. */
  readonly #send: Send | null;
  readonly context: Context;

  constructor(
    database: Database,
    model: EntityModel,
    computed: ConstructorParameters<typeof Projector>[1],
    clock: Clock,
    cursorKey?: CursorKey,
    use?: readonly Middleware[],
    own: OwnOptions = NO_OWN,
  ) {
    this.#database = database;
    this.#send = wayThrough(database, use);
    this.context = {
      model,
      projector: new Projector(model, computed),
      clock,
      cursors: new Cursors(model, cursorKey),
      own,
      late: this.#send !== null,
    };
  }

  run<T>({ command, run }: Prepared<Command>): Promise<T> {
    if (this.#send === null) return this.#database.run<T>(command, run);
    return this.#send(command, run, false) as Promise<T>;
  }

  /** The stored rows of a find, one after the other. */
  open(command: FindCommand, run: StreamRunOptions): AsyncIterable<StoredRow> {
    const send = this.#send;
    if (send === null) return this.#database.stream(command, run);
    // The database is asked when the loop begins, as if at the call.
    const asAsked = AsyncLocalStorage.snapshot();
    return streamed((...call) => asAsked(send, ...call), command, run);
  }

  /** Runs `work` as one transaction, which it is told of; on a deployment that has none, as it is. */
  together<T>({ signal, timeoutMs }: RunOptions, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const options = { signal, timeout: timeoutMs === undefined ? undefined : (`${Math.ceil(timeoutMs)}ms` as const) };
    return this.#database.atomically?.(work, options) ?? this.#database.transaction(work, options);
  }

  async rows<R>(prepared: Prepared<Command>): Promise<R[]> {
    const { projection, include = null } = prepared;
    if (include !== null) return this.#withRelated<R>(prepared);
    const rows = await this.run<StoredRow[]>(prepared);
    const { finish } = projection;
    return (finish === null ? rows : rows.map(finish)) as R[];
  }

  async #withRelated<R>(prepared: Prepared<Command>): Promise<R[]> {
    const startedAt = performance.now();
    return this.finish(prepared, await this.run<StoredRow[]>(prepared), startedAt);
  }

  /** Rows of a call that began at `startedAt`, made the caller's, with what is related to them. */
  async finish<R>(
    { projection, run, include = null }: Prepared<Command>,
    rows: readonly StoredRow[],
    startedAt: number,
  ): Promise<R[]> {
    if (include === null) return rows.map((row) => finished(row, projection) as R);
    return (await loadRelated(include, rows, projection, new Limits(run, startedAt))).all() as R[];
  }

  /** Groups, whose sums were checked. */
  async groups<R>(prepared: Prepared<GroupCommand>): Promise<R[]> {
    const { command } = prepared;
    if (command.limit === 0) return [];
    const rows = await this.run<StoredRow[]>(prepared);
    checkSums(command, rows);
    return rows as R[];
  }

  /** Rows with a number that was found with them under a name that is no field. No projection sees it. */
  async numbered<R>(prepared: Prepared<SearchCommand | NearCommand>, name: 'score' | 'distance'): Promise<R[]> {
    if (prepared.command.limit === 0) return [];
    const startedAt = performance.now();
    const found = await this.run<StoredRow[]>(prepared);
    const numbers = found.map((row) => row[name]);
    for (const row of found) delete row[name];
    const rows = await this.finish<object>(prepared, found, startedAt);
    return rows.map((row, i) => Object.assign(row, { [name]: numbers[i] }) as R);
  }

  async first<R>(prepared: Prepared<FindCommand>): Promise<R | null> {
    if ((prepared.include ?? null) !== null) return (await this.#withRelated<R>(prepared))[0] ?? null;
    const rows = await this.run<StoredRow[]>(prepared);
    return rows.length === 0 ? null : (finished(rows[0]!, prepared.projection) as R);
  }

  /**
   * The rows of a find, one after another. The database is asked at once, so that the stream is of the transaction that it was asked for
   * in; what is wrong comes out of the loop.
   */
  stream<R>(prepare: () => Prepared<FindCommand>): AsyncGenerator<R, void, undefined> {
    try {
      const prepared = prepare();
      const { command, run } = prepared;
      return finishing<R>(prepared, command.limit === 0 ? [] : this.open(command, run));
    } catch (error) {
      return failing(error);
    }
  }

  /** One row changed or deleted; an empty patch was prepared as a read. */
  async change<R>(prepared: Prepared<Command>): Promise<R | null> {
    if (prepared.command.kind === 'find') return this.first(prepared as Prepared<FindCommand>);
    const row = await this.run<StoredRow | null>(prepared);
    return row === null ? null : (finished(row, prepared.projection) as R);
  }
}

async function* streamed(
  send: Send,
  command: FindCommand,
  run: StreamRunOptions,
): AsyncGenerator<StoredRow, void, undefined> {
  yield* (await send(command, run, true)) as AsyncIterable<StoredRow> | Iterable<StoredRow>;
}

/** Rows of a stream made the caller's, a batch at a time where others are related to them. */
async function* finishing<R>(
  { projection, run, include = null }: Prepared<FindCommand>,
  rows: AsyncIterable<StoredRow> | Iterable<StoredRow>,
): AsyncGenerator<R, void, undefined> {
  if (include === null) {
    for await (const row of rows) yield finished(row, projection) as R;
    return;
  }
  const limits = new Limits(run, performance.now());
  const size = run.batch ?? DEFAULT_BATCH;
  let batch: StoredRow[] = [];
  for await (const row of rows) {
    if (batch.push(row) < size) continue;
    yield* (await loadRelated(include, batch, projection, limits)).all() as R[];
    batch = [];
  }
  yield* (await loadRelated(include, batch, projection, limits)).all() as R[];
}

// biome-ignore lint/correctness/useYield: it fails before its first row
async function* failing(error: unknown): AsyncGenerator<never, void, undefined> {
  throw error;
}
