import type { Command, FindCommand, GroupCommand } from '../query/command.js';
import { type CursorKey, Cursors } from '../query/cursor.js';
import { checkSums } from '../query/group-result.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import type { Clock } from '../util/clock.js';
import { Limits, loadRelated } from './include.js';
import { type Middleware, type Send, wayThrough } from './middleware.js';
import type { Database, RunOptions, StreamRunOptions, Transaction } from './ports.js';
import { type Context, finished, type Prepared } from './prepare.js';
import { Projector } from './projection.js';

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
  ) {
    this.#database = database;
    this.#send = wayThrough(database, use);
    this.context = {
      model,
      projector: new Projector(model, computed),
      clock,
      cursors: new Cursors(model, cursorKey),
      late: this.#send !== null,
    };
  }

  run<T>({ command, run }: Prepared<Command>): Promise<T> {
    if (this.#send === null) return this.#database.run<T>(command, run);
    return this.#send(command, run, false) as Promise<T>;
  }

  /** The stored rows of a find, one after the other. */
  open(command: FindCommand, run: StreamRunOptions): AsyncIterable<StoredRow> {
    return this.#send === null ? this.#database.stream(command, run) : streamed(this.#send, command, run);
  }

  /** Runs `work` as one transaction within the limits of a call. */
  atomically<T>({ signal, timeoutMs }: RunOptions, work: () => Promise<T>): Promise<T> {
    return this.#database.transaction(work, {
      signal,
      timeout: timeoutMs === undefined ? undefined : `${Math.ceil(timeoutMs)}ms`,
    });
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

  async first<R>(prepared: Prepared<FindCommand>): Promise<R | null> {
    if ((prepared.include ?? null) !== null) return (await this.#withRelated<R>(prepared))[0] ?? null;
    const rows = await this.run<StoredRow[]>(prepared);
    return rows.length === 0 ? null : (finished(rows[0]!, prepared.projection) as R);
  }

  /** The rows of a find, a batch at a time, each batch with what is related to it. */
  async *stream<R>({
    command,
    projection,
    run,
    include = null,
  }: Prepared<FindCommand>): AsyncGenerator<R, void, undefined> {
    const rows = this.open(command, run);
    if (include === null) {
      for await (const row of rows) yield finished(row, projection) as R;
      return;
    }
    const limits = new Limits(run, performance.now());
    const size = run.batch ?? 500;
    let batch: StoredRow[] = [];
    for await (const row of rows) {
      if (batch.push(row) < size) continue;
      yield* (await loadRelated(include, batch, projection, limits)).all() as R[];
      batch = [];
    }
    yield* (await loadRelated(include, batch, projection, limits)).all() as R[];
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
