import { DuplicateKeyError } from '../errors/data.js';
import { ConflictError } from '../errors/runtime.js';
import type { EntityModel } from '../schema/model.js';
import { Table } from './table.js';

/** The tables as one transaction sees them: each is a copy, made when it is first asked for. Without a parent, they are the tables themselves. */
export class View {
  readonly parent: View | null;
  readonly #tables = new Map<string, Table>();

  constructor(parent: View | null = null) {
    this.parent = parent;
  }

  has(entity: EntityModel): boolean {
    return this.#tables.has(entity.name) || this.parent?.has(entity) === true;
  }

  /** The table of an entity; the first use makes it. */
  open(entity: EntityModel): Table {
    let table = this.#tables.get(entity.name);
    if (table === undefined) {
      table = this.parent === null ? new Table(entity) : this.parent.table(entity).fork();
      this.#tables.set(entity.name, table);
    }
    return table;
  }

  /** The table of an entity with all its unique indexes. */
  table(entity: EntityModel): Table {
    this.parent?.table(entity);
    const table = this.open(entity);
    table.adopt(entity);
    return table;
  }

  /** Does in the parent what was done here, all of it or nothing. @throws ConflictError when another call changed the same rows meanwhile */
  merge(): void {
    const tables = [...this.#tables.values()];
    try {
      const writes = tables.map((table) => table.changes());
      for (const [i, table] of tables.entries()) table.origin!.check(writes[i]!);
      for (const [i, table] of tables.entries()) table.origin!.write(writes[i]!);
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      throw new ConflictError('The transaction lost against another call: run it again', {
        retryable: true,
        cause: error,
      });
    }
  }

  clear(): void {
    for (const table of this.#tables.values()) table.clear();
  }

  drop(): void {
    this.#tables.clear();
  }
}
