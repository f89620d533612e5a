import { MigrationHistoryError } from '../../errors/migration.js';
import type { Document } from '../../mongo/client.js';
import type { RawCommands } from '../../mongo/raw.js';
import { compareVersions, versionKey } from '../define.js';
import type { EntryState, LedgerEntry } from '../ports.js';

/** What the documents of a ledger hold: 1 had `_id`, `name` and `applied_at`. */
const FORMAT = 2;
const NAMESPACE_EXISTS = 48;
const STATES: readonly unknown[] = ['applied', 'applying', 'reverting', 'baseline'] satisfies EntryState[];

/** A line as it is written; the time of the server stands in for one that is not given. */
export interface Line extends Omit<LedgerEntry, 'at'> {
  readonly at: Date | null;
}

/** The documents of a ledger: a line each, by its version, and one that says their format. */
export class Lines {
  readonly #collection: string;
  readonly #resource: string;

  constructor(collection: string, resource: string) {
    this.#collection = collection;
    this.#resource = resource;
  }

  /** In the order of their versions. @throws MigrationHistoryError for a ledger of a newer format */
  async read(raw: RawCommands): Promise<readonly LedgerEntry[]> {
    const documents = await raw.find(this.#collection, {});
    this.#formatOf(documents);
    return documents
      .filter(({ _id }) => /^\d+$/.test(String(_id)))
      .map(entryOf)
      .sort((a, b) => compareVersions(a.version, b.version));
  }

  async readOne(raw: RawCommands, version: string): Promise<LedgerEntry | null> {
    const [found] = await raw.find(this.#collection, { _id: sameValue(version) });
    return found === undefined ? null : entryOf(found);
  }

  /** Whether there is a ledger, and of this format. @throws MigrationHistoryError for a newer one */
  async isCurrent(raw: RawCommands): Promise<boolean> {
    return this.#formatOf(await raw.find(this.#collection, { _id: 'format' })) === FORMAT;
  }

  /** Outside of a transaction: the server makes no collection in one that another may be making. */
  async create(raw: RawCommands): Promise<void> {
    await raw.write({ create: this.#collection }).catch((error: unknown) => {
      if ((error as { readonly code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    });
  }

  /** Again, where it was left half-way, does no harm. */
  async bringUpToDate(raw: RawCommands): Promise<void> {
    const added = { state: 'applied', durationMs: null, statements: null, by: null };
    await raw.write({
      update: this.#collection,
      updates: [
        {
          q: { _id: { $ne: 'format' }, state: { $exists: false } },
          u: [
            { $set: { ...added, checksum: { $ifNull: ['$checksum', null] }, at: '$applied_at' } },
            { $unset: 'applied_at' },
          ],
          multi: true,
        },
      ],
    });
    await this.#replace(raw, 'format', { format: FORMAT });
  }

  /** Instead of the line of that version, if there is one. Gives it as it is stored. */
  async put(raw: RawCommands, { version, at, ...line }: Line): Promise<LedgerEntry> {
    await this.#delete(raw, { ...sameValue(version), $ne: version });
    // Texts that begin with $ would be taken for fields.
    const values = Object.entries({ ...line, by: line.by }).map(([name, $literal]) => [name, { $literal }] as const);
    return entryOf(await this.#replace(raw, version, { ...Object.fromEntries(values), at: at ?? '$$NOW' }));
  }

  async remove(raw: RawCommands, versions: readonly string[]): Promise<void> {
    for (const version of versions) await this.#delete(raw, sameValue(version));
  }

  async #delete(raw: RawCommands, id: Document): Promise<void> {
    await raw.write({ delete: this.#collection, deletes: [{ q: { _id: id }, limit: 0 }] });
  }

  async #replace(raw: RawCommands, id: string, document: Document): Promise<Document> {
    const reply = await raw.write({
      findAndModify: this.#collection,
      query: { _id: id },
      update: [{ $replaceWith: { _id: { $literal: id }, ...document } }],
      upsert: true,
      new: true,
    });
    return reply['value'] as Document;
  }

  #formatOf(documents: readonly Document[]): number {
    const format = Number(documents.find(({ _id }) => _id === 'format')?.['format'] ?? 1);
    if (format <= FORMAT) return format;
    const message =
      `The ledger \`${this.#collection}\` is of format ${format}, and this version of the library knows ${FORMAT}: ` +
      'use the version that the last migration was run with.';
    throw new MigrationHistoryError([{ kind: 'newer-ledger', version: null, message }], { resource: this.#resource });
  }
}

function entryOf(line: Document): LedgerEntry {
  const at = line['at'] ?? line['applied_at'];
  const state = line['state'] ?? 'applied';
  return {
    version: String(line['_id']),
    name: String(line['name']),
    checksum: textOf(line['checksum']),
    // What is not known is nothing to build on.
    state: STATES.includes(state) ? (state as EntryState) : 'applying',
    at: at instanceof Date ? at : new Date(0),
    durationMs: numberOf(line['durationMs']),
    statements: numberOf(line['statements']),
    by: textOf(line['by']),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** `1` and `001` are one version. */
function sameValue(version: string): Document {
  return { $regex: `^0*${versionKey(version)}$` };
}
