import type { Naming } from '../schema/model.js';
import type { Call } from './call.js';
import type { BsonTypes, Document } from './client.js';
import type { Opened } from './connection.js';
import { writtenCount } from './replies.js';
import { sentLimit } from './sending.js';

/** How a command is sent besides. */
export interface RawOptions {
  /** To the database `admin`, for the few commands that are of the whole server. @default false */
  readonly admin?: boolean;
  /** Numbers come as the classes of BSON, so that what is sent back is what was there. @default false */
  readonly exact?: boolean;
}

const EXACT = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;

/** The commands of the server that are of no entity: they go to the primary, in the transaction of the context, within the time of a call. */
export class RawCommands {
  readonly #opened: Opened;
  readonly #call: Call;
  /** How the fields of an entity are named that does not say it. */
  readonly naming: Naming;

  constructor(opened: Opened, naming: Naming, call: Call) {
    this.#opened = opened;
    this.#call = call;
    this.naming = naming;
  }

  get bson(): BsonTypes {
    return this.#opened.bson;
  }

  /** Whether the deployment has transactions: a single server has none. */
  get transactions(): boolean {
    return this.#opened.transactions;
  }

  get databaseName(): string {
    return this.#opened.db.databaseName;
  }

  /** The server's name for the session of the transaction; null outside of one. */
  get session(): unknown {
    return (this.#call.session as { readonly id?: { readonly id?: unknown } } | undefined)?.id?.id ?? null;
  }

  /** What the server answers. @throws what the driver throws, and WriteFailure where a write of the command failed */
  async send(command: Document, { admin = false, exact = false }: RawOptions = {}): Promise<Document> {
    const call = this.#call;
    const { client, db } = this.#opened;
    const reply = await (admin ? client.db('admin') : db).command(
      { ...command, maxTimeMS: sentLimit(call) },
      {
        readPreference: 'primary',
        ...(call.session !== undefined && { session: call.session }),
        ...(call.signal !== undefined && { signal: call.signal }),
        ...(exact && EXACT),
      },
    );
    writtenCount(reply);
    return reply;
  }

  /** A command that writes, which counts when a majority has it. A transaction has its own concern. */
  write(command: Document, options?: RawOptions): Promise<Document> {
    return this.send(this.#call.session === undefined ? { ...command, ...MAJORITY } : command, options);
  }

  /** The documents of a command that gives a cursor, all of them. */
  async all(command: Document, options?: RawOptions): Promise<Document[]> {
    const documents: Document[] = [];
    let cursor = (await this.send(command, options))['cursor'] as Document;
    documents.push(...(cursor['firstBatch'] as Document[]));
    const collection = String(cursor['ns']).slice(this.databaseName.length + 1);
    while (Number(cursor['id']) !== 0) {
      // The driver may have made a number of it, which the server does not take.
      const id = this.bson.Long.fromBigInt(BigInt(String(cursor['id'])));
      cursor = (await this.send({ getMore: id, collection }, options))['cursor'] as Document;
      documents.push(...(cursor['nextBatch'] as Document[]));
    }
    return documents;
  }

  /** The documents of a collection as a majority has them; in a transaction, as it sees them. */
  find(collection: string, filter: Document, options: Document = {}): Promise<Document[]> {
    const concern = this.#call.session === undefined && this.transactions && { readConcern: { level: 'majority' } };
    return this.all({ find: collection, filter, ...options, ...concern });
  }
}
