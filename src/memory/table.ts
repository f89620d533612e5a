import { DuplicateKeyError } from '../errors/data.js';
import { ConflictError, SchemaError } from '../errors/runtime.js';
import { copyOf } from '../schema/copy.js';
import type { EntityModel, FieldModel, StoredRow } from '../schema/model.js';
import { keyName, uniqueName } from './names.js';
import { type Identity, reader, rowIdentifier } from './values.js';

/** A stored row. `row` is replaced, never changed in place, so that a reader may hold on to it. */
export interface Entry {
  readonly key: Identity;
  /** Place in the order of insertion. */
  readonly place: number;
  readonly row: StoredRow;
}

/** A unique index: the primary key has one too. */
export interface UniqueIndex {
  readonly name: string;
  readonly fields: readonly FieldModel[];
  /** Identity of a row in this index; null when the index leaves the row out. */
  readonly identify: (row: StoredRow) => Identity | null;
  readonly entries: Map<Identity, Entry>;
}

/** What a statement does, all of it or nothing: `from` is null for a new row, `row` is null for one that goes. */
export interface Write {
  readonly from: Entry | null;
  readonly row: StoredRow | null;
}

/** The rows of one entity, in the order of their insertion, under their key and every unique set. */
export class Table {
  readonly #name: string;
  readonly #primary: UniqueIndex;
  readonly #indexes = new Map<string, UniqueIndex>();
  readonly #known: Set<number>;
  readonly #serials: Map<string, bigint>;
  #places = 0;
  /** The table that this is a copy of. */
  readonly origin: Table | null;
  /** In a copy: what each key that was written had when the copy was made. */
  readonly #touched = new Map<Identity, Entry | null>();

  constructor(entity: EntityModel, origin?: undefined);
  constructor(entity: null, origin: Table);
  constructor(entity: EntityModel | null, origin: Table | null = null) {
    this.origin = origin;
    if (origin === null) {
      this.#name = entity!.name;
      this.#known = new Set();
      this.#serials = new Map();
      this.#primary = makeIndex(keyName(entity!), entity!.key, null);
      this.#indexes.set(this.#primary.name, this.#primary);
      return;
    }
    this.#name = origin.#name;
    this.#known = new Set(origin.#known);
    // As on the servers, no transaction gives back a number that it took.
    this.#serials = origin.#serials;
    this.#places = origin.#places;
    for (const [name, index] of origin.#indexes) this.#indexes.set(name, { ...index, entries: new Map(index.entries) });
    this.#primary = this.#indexes.get(origin.#primary.name)!;
  }

  /** A copy that can be changed without changing this. */
  fork(): Table {
    return new Table(null, this);
  }

  /** What was done to a copy, as one statement for its origin. @throws ConflictError when the origin has other rows there by now */
  changes(): Write[] {
    const { entries } = this.origin!.#primary;
    return [...this.#touched].flatMap(([key, from]): Write[] => {
      if ((entries.get(key) ?? null) !== from) {
        throw new ConflictError(
          `Another call changed a row of \`${this.#name}\` meanwhile: run the transaction again`,
          {
            retryable: true,
          },
        );
      }
      const row = this.#primary.entries.get(key)?.row ?? null;
      return from === null && row === null ? [] : [{ from, row }];
    });
  }

  #touch(key: Identity): void {
    if (this.origin !== null && !this.#touched.has(key)) this.#touched.set(key, this.#primary.entries.get(key) ?? null);
  }

  /** @throws DuplicateKeyError as `write` would. */
  check(writes: readonly Write[]): void {
    this.#check(
      writes,
      writes.map(({ from, row }) => (row === null ? null : this.#entry(from, row, 0))),
    );
  }

  #entry(from: Entry | null, row: StoredRow, place: number): Entry {
    return { key: this.#primary.identify(row)!, place: from?.place ?? place, row };
  }

  /**
   * Makes the unique indexes of an entity that are missing, and gives their names. Two entities of one name share the table.
   * @throws SchemaError when the entity has another primary key.
   * @throws DuplicateKeyError when rows that are there break a new index.
   */
  adopt(entity: EntityModel): string[] {
    if (this.#known.has(entity.id)) return [];
    if (pathsOf(entity.key) !== pathsOf(this.#primary.fields)) {
      throw new SchemaError(`\`${entity.name}\` exists with another primary key: give each entity a name of its own`);
    }
    const missing = entity.unique
      .map((set) => makeIndex(uniqueName(entity, set), set, entity.deletedAt))
      .filter((index) => !this.#indexes.has(index.name));
    for (const index of missing) {
      for (const entry of this.scan()) {
        const identity = index.identify(entry.row);
        if (identity === null) continue;
        if (index.entries.has(identity)) throw this.duplicate(index);
        index.entries.set(identity, entry);
      }
    }
    for (const index of missing) this.#indexes.set(index.name, index);
    this.#known.add(entity.id);
    return missing.map((index) => index.name);
  }

  /** Every row, in the order of insertion. */
  scan(): Iterable<Entry> {
    return this.#primary.entries.values();
  }

  /** The index over exactly these fields. */
  indexOn(fields: readonly FieldModel[]): UniqueIndex {
    const paths = pathsOf(fields);
    for (const index of this.#indexes.values()) if (pathsOf(index.fields) === paths) return index;
    throw new SchemaError(
      `\`${this.#name}\` has no unique set of ${fields.map((each) => `\`${each.path}\``).join(', ')}`,
    );
  }

  /** The next value of a serial field. It is used up also when the insert fails, as on the servers. */
  nextSerial(field: FieldModel): number | bigint {
    const next = (this.#serials.get(field.path) ?? 0n) + 1n;
    this.#serials.set(field.path, next);
    return field.kind === 'bigint' ? next : Number(next);
  }

  /**
   * Carries out a statement. Uniqueness is looked at as it stands after the whole of it.
   * @throws DuplicateKeyError, with the position among `writes` when they are several inserts; nothing is changed then.
   */
  write(writes: readonly Write[]): void {
    const next = writes.map(({ from, row }): Entry | null => {
      return row === null ? null : this.#entry(from, row, from === null ? ++this.#places : 0);
    });
    this.#check(writes, next);
    for (const { from } of writes) if (from !== null) this.#touch(from.key);
    for (const entry of next) if (entry !== null) this.#touch(entry.key);
    for (const index of this.#indexes.values()) {
      // An entry that keeps its identity stays where it is in the map, and so in the order of the scan.
      writes.forEach(({ from }, i) => {
        const before = from === null ? null : index.identify(from.row);
        const after = next[i] === null ? null : index.identify(next[i]!.row);
        if (before !== null && before !== after) index.entries.delete(before);
      });
      for (const entry of next) {
        const after = entry === null ? null : index.identify(entry.row);
        if (after !== null) index.entries.set(after, entry!);
      }
    }
  }

  #check(writes: readonly Write[], next: readonly (Entry | null)[]): void {
    const indexes = [...this.#indexes.values()];
    const freed = indexes.map((index) => {
      const identities = new Set<Identity | null>();
      for (const { from } of writes) if (from !== null) identities.add(index.identify(from.row));
      return identities;
    });
    const taken = indexes.map(() => new Set<Identity>());
    const several = writes.length > 1 && writes.every(({ from }) => from === null);
    next.forEach((entry, position) => {
      if (entry === null) return;
      indexes.forEach((index, i) => {
        const identity = index.identify(entry.row);
        if (identity === null) return;
        const there = index.entries.has(identity) && !freed[i]!.has(identity);
        if (there || taken[i]!.has(identity)) throw this.duplicate(index, several ? position : undefined);
        taken[i]!.add(identity);
      });
    });
  }

  /** What it is to meet a row of the index. */
  duplicate(index: UniqueIndex, position?: number): DuplicateKeyError {
    const fields = index.fields.map((field) => field.path);
    return new DuplicateKeyError(this.#name, { fields, constraint: index.name, position });
  }

  /** Removes every row; serial fields begin again. */
  clear(): void {
    for (const index of this.#indexes.values()) index.entries.clear();
    this.#serials.clear();
    this.#places = 0;
  }
}

function pathsOf(fields: readonly FieldModel[]): string {
  return fields.map((field) => field.path).join(',');
}

/** @param deletedAt Where it has a value, the row is left out. */
function makeIndex(name: string, fields: readonly FieldModel[], deletedAt: FieldModel | null): UniqueIndex {
  const identify = rowIdentifier(fields);
  if (deletedAt === null) return { name, fields, identify, entries: new Map() };
  const deleted = reader(deletedAt);
  return { name, fields, identify: (row) => (deleted(row) === null ? identify(row) : null), entries: new Map() };
}

/** A row of a draft, with the serial values that it has not. */
export function newRow(table: Table, entity: EntityModel, given: StoredRow): StoredRow {
  const row: StoredRow = {};
  for (const field of entity.fields) {
    const made = field.serial && given[field.name] === undefined;
    row[field.name] = made ? table.nextSerial(field) : copyOf(field, given[field.name]);
  }
  return row;
}
