import { eachElement, nameEnd, readDocument, toBuffer } from './bson.js';
import type { Document } from './client.js';
import { WriteFailure } from './errors.js';

/** The batch of a reply that was asked for raw, and the server's cursor for the rest of it, 0 when there is none. */
export function readBatch<T>(reply: Document, read: (bytes: Buffer, start: number) => T): { rows: T[]; id: bigint } {
  const bytes = toBuffer(reply['cursor']);
  const rows: T[] = [];
  let id = 0n;
  eachElement(bytes, 0, (_, nameAt, nameTo, at) => {
    const name = bytes.toString('latin1', nameAt, nameTo);
    if (name === 'id') id = bytes.readBigInt64LE(at);
    else if (name === 'firstBatch' || name === 'nextBatch')
      eachElement(bytes, at, (_type, _from, _to, start) => rows.push(read(bytes, start)));
  });
  return { rows, id };
}

/** Reads the first element of a document, which of a `$group` is its `_id`. */
export function readFirst<T>(document: unknown, read: (bytes: Buffer, type: number, at: number) => T): T {
  const bytes = toBuffer(document);
  return read(bytes, bytes[4]!, nameEnd(bytes, 5) + 1);
}

/** Whether a `findAndModify` with `upsert` changed a document that was there. */
export function updatedExisting(reply: Document): boolean {
  const last = reply['lastErrorObject'];
  const plain = last instanceof Uint8Array ? readDocument(toBuffer(last), 0) : (last as Document | undefined);
  return plain?.['updatedExisting'] === true;
}

/** The number of documents that a write command concerned. @throws WriteFailure for its first failed write; `base` is the place of an insert's first row */
export function writtenCount(reply: Document, base?: number): number {
  const failures = reply['writeErrors'] as readonly Document[] | undefined;
  const failure = failures?.[0];
  if (failure !== undefined) {
    throw new WriteFailure(failure, base === undefined ? undefined : base + Number(failure['index']));
  }
  return Number(reply['n']);
}
