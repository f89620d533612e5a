import type { DeleteCommand, InsertCommand, UpdateCommand } from '../query/command.js';
import { copyRow } from '../schema/copy.js';
import type { StoredRow } from '../schema/model.js';
import { toBuffer } from './bson.js';
import type { Call } from './call.js';
import type { Document, MongoSessionLike } from './client.js';
import { compileDelete, compileUpdate } from './compile-write.js';
import { forDriver } from './concerns.js';
import { count, find } from './reads.js';
import { writtenCount } from './replies.js';
import { sent, sentLimit } from './sending.js';
import { transact } from './session.js';
import { approximateSize } from './size.js';
import type { Target } from './target.js';
import { decoded } from './watch.js';

// The server takes 100,000 writes and 48 MB a message; smaller chunks keep memory and pauses low at no cost that shows.
const MAX_CHUNK_ROWS = 5_000;
const MAX_CHUNK_BYTES = 12_000_000;

/** Carries out an insert and gives the rows as they are stored. */
export async function insert(target: Target, command: InsertCommand, call: Call): Promise<StoredRow[]> {
  const { rows, select } = command;
  if (rows.length === 1) await insertOne(target, rows[0]!, call);
  else if (rows.length > 1) await manyWrites(target, call, (session) => insertChunks(target, rows, call, session));
  return rows.map((row) => copyRow(row, select));
}

/** Inserts the document of one row. */
export async function insertOne(target: Target, row: StoredRow, call: Call): Promise<void> {
  await target.collection.insertOne(sent(call, target.encode(row)), {
    // The driver would look for an `_id` where it is not yet: the server makes the one that is missing.
    forceServerObjectId: true,
    maxTimeMS: call.left(),
    signal: call.signal,
    session: call.session,
    ...forDriver(call.concerns.writeConcern),
  });
  call.watch?.answered();
}

async function insertChunks(
  target: Target,
  rows: readonly StoredRow[],
  call: Call,
  session: MongoSessionLike | undefined,
): Promise<void> {
  await inChunks(rows, target.encode, async (documents, base) => {
    const command = { insert: target.names.collection, documents, ordered: true };
    writtenCount(await send(target, command, call, session), base);
  });
}

/** Makes a document of each, and hands them on in chunks that a message holds; `base` is the place of a chunk's first one. */
export async function inChunks<T>(
  all: readonly T[],
  make: (one: T) => Document,
  hand: (documents: readonly Document[], base: number) => Promise<void>,
): Promise<void> {
  let documents: Document[] = [];
  let bytes = 0;
  let base = 0;
  const flush = async (): Promise<void> => {
    await hand(documents, base);
    base += documents.length;
    documents = [];
    bytes = 0;
  };
  for (const one of all) {
    const document = make(one);
    const size = approximateSize(document);
    if (documents.length === MAX_CHUNK_ROWS || (documents.length > 0 && bytes + size > MAX_CHUNK_BYTES)) await flush();
    documents.push(document);
    bytes += size;
  }
  if (documents.length > 0) await flush();
}

/** Carries out an update: of one row, or of all that fit, whose number it gives. */
export async function update(target: Target, command: UpdateCommand, call: Call): Promise<StoredRow | null | number> {
  const { names, opened, collection } = target;
  const { values, many } = command;
  const plan = target.plan(command, () => compileUpdate(command, names, opened.bson));
  const change = plan.change(values);
  if (Object.keys(change).length === 0) {
    const shape = `unchanged|${command.shape}`;
    if (many) return count(target, { ...command, kind: 'count', shape }, call);
    return (await find(target, { ...command, kind: 'find', shape, limit: 1, offset: 0 }, call))[0] ?? null;
  }
  const filter = plan.filter(values);
  if (many) {
    const updates = [{ q: filter, u: change, multi: true }];
    return manyWrites(target, call, async (session) =>
      writtenCount(await send(target, { update: names.collection, updates }, call, session)),
    );
  }
  const document = await collection.findOneAndUpdate(sent(call, filter), change, {
    ...(plan.sort !== undefined && { sort: plan.sort }),
    ...(plan.projection !== undefined && { projection: plan.projection }),
    returnDocument: 'after',
    raw: true,
    maxTimeMS: call.left(),
    signal: call.signal,
    session: call.session,
    ...forDriver(call.concerns.writeConcern),
  });
  return document === null ? null : decoded(call.watch, () => plan.read(toBuffer(document), 0));
}

/** Carries out a deletion: of one row, or of all that fit, whose number it gives. */
export async function remove(target: Target, command: DeleteCommand, call: Call): Promise<StoredRow | null | number> {
  const { names, opened, collection } = target;
  const plan = target.plan(command, () => compileDelete(command, names, opened.bson));
  const filter = plan.filter(command.values);
  if (command.many) {
    const deletes = [{ q: filter, limit: 0 }];
    return manyWrites(target, call, async (session) =>
      writtenCount(await send(target, { delete: names.collection, deletes }, call, session)),
    );
  }
  const document = await collection.findOneAndDelete(sent(call, filter), {
    ...(plan.projection !== undefined && { projection: plan.projection }),
    raw: true,
    maxTimeMS: call.left(),
    signal: call.signal,
    session: call.session,
    ...forDriver(call.concerns.writeConcern),
  });
  return document === null ? null : decoded(call.watch, () => plan.read(toBuffer(document), 0));
}

/** All or nothing where the deployment can: a single server keeps what it wrote before an error. */
export function manyWrites<T>(
  { opened }: Target,
  call: Call,
  work: (session: MongoSessionLike | undefined) => Promise<T>,
): Promise<T> {
  if (call.session !== undefined) return work(call.session);
  return opened.transactions ? transact(opened.client, call, work) : work(undefined);
}

/** Sends a write as a plain command, whose reply names the failed write and its index: the driver's bulk error does not. */
export async function send(
  { opened }: Target,
  command: Document,
  call: Call,
  session: MongoSessionLike | undefined,
): Promise<Document> {
  // The deadline may have passed between two chunks.
  if (call.over) throw new Error('The call is over');
  const { db } = opened;
  const whole: Document = { ...command, maxTimeMS: sentLimit(call) };
  const concern = call.concerns.writeConcern ?? db.writeConcern;
  if (session === undefined && concern !== undefined) whole['writeConcern'] = concern;
  const reply = await db.command(whole, { session, signal: call.signal });
  call.watch?.answered();
  return reply;
}
