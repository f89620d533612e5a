import type { Clause } from '../query/clause.js';
import type { OrderTerm } from '../query/command.js';
import type { EntityModel, StoredRow } from '../schema/model.js';
import { type Access, chooseAccess } from './access.js';
import { type Bind, compileWhere } from './compile-where.js';
import { type Compare, rowComparator } from './order.js';
import type { Entry, Table } from './table.js';

/** A filter and an order, compiled once for every command of a shape. */
export class Plan {
  readonly #access: Access;
  readonly #bind: Bind;
  readonly #compare: Compare<StoredRow> | null;

  constructor(entity: EntityModel, where: Clause, orderBy: readonly OrderTerm[] = []) {
    this.#access = chooseAccess(entity, where);
    this.#bind = compileWhere(where);
    this.#compare = rowComparator(orderBy);
  }

  /** The rows that match. Without an order, the order of insertion; and so among rows that compare equal. */
  select(table: Table, values: readonly unknown[], limit: number | null = null, offset = 0): Entry[] {
    const test = this.#bind(values);
    const end = limit === null ? Number.POSITIVE_INFINITY : offset + limit;
    const enough = this.#compare === null ? end : Number.POSITIVE_INFINITY;
    const found: Entry[] = [];
    if (end === 0) return found;
    for (const entry of this.#access(table, values)) {
      if (!test(entry.row)) continue;
      found.push(entry);
      if (found.length >= enough) break;
    }
    const compare = this.#compare;
    if (compare !== null) found.sort((a, b) => compare(a.row, b.row));
    return offset === 0 && found.length <= end ? found : found.slice(offset, end);
  }
}
