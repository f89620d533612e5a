import type { StoredRow } from '../schema/model.js';
import { toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document, MongoCursorLike, MongoSessionLike } from './client.js';
import type { Opened } from './connection.js';
import { isUnreachable } from './errors.js';
import type { FindPlan } from './plans.js';
import { readBatch } from './replies.js';
import { sent } from './sending.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';

/** The rows of a find, a batch at a time. */
export interface BatchCursor {
  /** The next rows, or null when there are no more. */
  next(call: Call, signal: AbortSignal | undefined): Promise<readonly StoredRow[] | null>;
  /** Frees what the server holds. Never throws. */
  close(): Promise<void>;
}

/** Opens a cursor over a `find` command, which must have a `batchSize`. Nothing is sent before the first `next`. */
export function openCursor(target: Target, plan: FindPlan, command: Document, call: Call): BatchCursor {
  if (call.session !== undefined) return new CommandCursor(target, plan, command, call.session);
  const { readPreference, readConcern } = call.concerns;
  const oneServer = target.opened.oneServer && (readPreference ?? 'primary') === 'primary';
  if (oneServer) return new CommandCursor(target, plan, command);
  const asked = {
    ...command,
    ...(readPreference !== undefined && { readPreference }),
    ...(readConcern !== undefined && { readConcern }),
  };
  return new DriverCursor(target, plan, asked, call);
}

/**
 * Sends a read as a plain command: without the driver's cursor it costs a fifth less. The driver does not send such a
 * command again when the connection breaks, so this does, once: a read changes nothing. The command holds what tells that it is sent.
 */
export async function ask(
  { db }: Opened,
  command: Document,
  call: Call,
  signal: AbortSignal | undefined = call.signal,
  session: MongoSessionLike | undefined = call.session,
): Promise<Document> {
  if (call.session !== undefined) {
    // The concern and the preference are the transaction's, and so is what happens after an error.
    return db.command(command, { raw: true, signal, session });
  }
  const { readConcern = db.readConcern, readPreference = db.readPreference } = call.concerns;
  if (readConcern !== undefined) command['readConcern'] = readConcern;
  const options = { raw: true, readPreference, signal, session };
  try {
    return await db.command(command, options);
  } catch (error) {
    if (call.over || !isUnreachable(error)) throw error;
    return db.command(command, options);
  }
}

/**
 * Reads the batches as they come from the socket; the driver's own cursor takes each document apart once more. A plain command
 * goes to the primary, so it finds its cursor there again: with several routers, or reads from secondaries, it might not.
 */
class CommandCursor implements BatchCursor {
  readonly #target: Target;
  readonly #plan: FindPlan;
  readonly #command: Document;
  readonly #session: MongoSessionLike;
  readonly #joined: boolean;
  #id: bigint | null = null;

  /** `joined` is the session of a transaction. */
  constructor(target: Target, plan: FindPlan, command: Document, joined?: MongoSessionLike) {
    this.#target = target;
    this.#plan = plan;
    this.#command = command;
    this.#joined = joined !== undefined;
    // The server gives the rest of a cursor only to the session that opened it.
    this.#session = joined ?? target.opened.client.startSession();
  }

  async next(call: Call, signal: AbortSignal | undefined): Promise<readonly StoredRow[] | null> {
    const { opened, names } = this.#target;
    if (this.#id === 0n) return null;
    const batchSize = sent(call, this.#command['batchSize'] as number);
    let reply: Document;
    if (this.#id === null) reply = await ask(opened, { ...this.#command, batchSize }, call, signal, this.#session);
    else {
      const command = { getMore: this.#id, collection: names.collection, batchSize };
      reply = await opened.db.command(command, { raw: true, signal, session: this.#session });
    }
    const { rows, id } = decoded(call.watch, () => readBatch(reply, this.#plan.read));
    this.#id = id;
    return rows;
  }

  async close(): Promise<void> {
    const { opened, names } = this.#target;
    const id = this.#id;
    this.#id = 0n;
    // The end of a transaction closes its cursors; until then its session serves one call at a time.
    if (this.#joined) return;
    try {
      if (id !== null && id !== 0n) {
        await opened.db.command({ killCursors: names.collection, cursors: [id] }, { session: this.#session });
      }
      await this.#session.endSession();
    } catch {
      // The server drops an idle cursor by itself after ten minutes.
    }
  }
}

/**
 * With several routers, or reads from secondaries. It has no signal: aborted by one, or closed while it waits for a batch, the
 * driver sends no `killCursors`, so that it is closed when the batch has come.
 */
class DriverCursor implements BatchCursor {
  readonly #plan: FindPlan;
  readonly #cursor: MongoCursorLike;
  readonly #first: Call;
  #pending: Promise<unknown> = Promise.resolve();

  /** `call` is that of the first batch. */
  constructor({ collection }: Target, plan: FindPlan, command: Document, call: Call) {
    const { find: _, filter, ...options } = command;
    this.#plan = plan;
    this.#first = call;
    call.watch?.undivided();
    this.#cursor = collection.find(sent(call, filter as Document), { ...options, raw: true });
  }

  async next(call: Call): Promise<readonly StoredRow[] | null> {
    // Nothing of ours is in the request for a further batch.
    if (call !== this.#first) call.sent = true;
    const next = this.#cursor.hasNext();
    this.#pending = next.catch(() => {});
    if (!(await next)) return null;
    return this.#cursor.readBufferedDocuments().map((each) => this.#plan.read(toBuffer(each), 0));
  }

  async close(): Promise<void> {
    await this.#pending;
    await this.#cursor.close().catch(() => {});
  }
}
