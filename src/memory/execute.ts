import { PlanCache, planKey } from '../core/plan-cache.js';
import type {
  Command,
  DeleteCommand,
  DistinctCommand,
  EnsureSchemaCommand,
  FindCommand,
  GroupCommand,
  InsertCommand,
  NearCommand,
  ReadCommand,
  SchemaReport,
  SearchCommand,
  UpdateCommand,
  UpdateEachCommand,
  UpsertCommand,
  UpsertCounts,
  UpsertManyCommand,
  UpsertResult,
} from '../query/command.js';
import { copyOf, copyRow } from '../schema/copy.js';
import type { EntityModel, StoredRow, Value } from '../schema/model.js';
import { type Check, compileChecks } from './checks.js';
import { type Change, compileAssignments } from './compile-assign.js';
import { compileGroup } from './compile-group.js';
import { compileWhere } from './compile-where.js';
import { near } from './near.js';
import { comparator, nullsFirst } from './order.js';
import { firstOfEach } from './per-parent.js';
import { Plan } from './plan.js';
import { search } from './search.js';
import { type Entry, newRow, type Table, type Write } from './table.js';
import { type Identity, identityOf, reader } from './values.js';
import type { View } from './view.js';

const MAX_PLANS = 500;

type Assigning = UpdateCommand | UpdateEachCommand | UpsertCommand | UpsertManyCommand;

/** Carries out commands on the tables of a view. What is compiled is kept by shape. */
export class Execution {
  /** The tables of the database itself, which `ensureSchema` makes. */
  readonly #base: View;
  /** What the command that runs now sees. */
  #view: View;
  readonly #compiled = new PlanCache(MAX_PLANS);

  constructor(base: View) {
    this.#base = base;
    this.#view = base;
  }

  /** What the command's interface says it gives; a write is done whole or not at all. */
  run(view: View, command: Command): unknown {
    return this.#seeing(view, () => this.#dispatch(command));
  }

  /** The rows that a command is about, in its order. */
  select(view: View, command: FindCommand): Entry[] {
    return this.#seeing(view, () => this.#entries(command, command.limit, command.offset));
  }

  /** Drops what was compiled. */
  forget(): void {
    this.#compiled.clear();
  }

  #seeing<T>(view: View, work: () => T): T {
    const before = this.#view;
    this.#view = view;
    try {
      return work();
    } finally {
      this.#view = before;
    }
  }

  #dispatch(command: Command): unknown {
    switch (command.kind) {
      case 'find':
        return this.#find(command);
      case 'count':
        return this.#entries(command, command.limit ?? null).length;
      case 'exists':
        return this.#entries(command, 1).length > 0;
      case 'distinct':
        return this.#distinct(command);
      case 'group':
        return this.#group(command);
      case 'search':
        return this.#search(command);
      case 'near':
        return this.#near(command);
      case 'insert':
        return this.#insert(command);
      case 'update':
        return this.#update(command);
      case 'updateEach':
        return this.#updateEach(command);
      case 'upsert':
        return this.#upsert(command);
      case 'upsertMany':
        return this.#upsertMany(command);
      case 'delete':
        return this.#delete(command);
      case 'ensureSchema':
        return this.#ensureSchema(command);
    }
  }

  #entries(command: ReadCommand | UpdateCommand | DeleteCommand, limit: number | null = null, offset = 0): Entry[] {
    const plan = this.#compile(command, 'plan', () => {
      // The order of a group command is of its groups, and distance goes before that of `near`.
      const ordered = 'orderBy' in command && command.kind !== 'group' && command.kind !== 'near';
      return new Plan(command.entity, command.where, ordered ? command.orderBy : []);
    });
    return plan.select(this.#table(command.entity), command.values, limit, offset);
  }

  #find(command: FindCommand): StoredRow[] {
    const entries = this.#entries(command, command.limit, command.offset);
    const { perParent } = command;
    const taken = perParent === undefined ? entries : firstOfEach(entries, perParent.field, perParent.limit);
    return taken.map(({ row }) => copyRow(row, command.select));
  }

  #distinct(command: DistinctCommand): Value[] {
    const { field } = command;
    const read = reader(field);
    const identify = identityOf(field);
    const values = new Map<Identity | null, Value>();
    for (const { row } of this.#entries(command)) {
      const value = read(row);
      values.set(value === null ? null : identify(value), value);
    }
    const sorted = [...values.values()].sort(nullsFirst(comparator(field.kind)));
    return sorted.map((value) => copyOf(field, value));
  }

  #group(command: GroupCommand): StoredRow[] {
    const group = this.#compile(command, 'group', () => compileGroup(command));
    const rows = this.#entries(command).map(({ row }) => row);
    return group(rows, command.values, command.limit, command.offset);
  }

  #search(command: SearchCommand): StoredRow[] {
    const rows = this.#entries(command).map(({ row }) => row);
    return search(command, rows).map(({ row, score }) => ({ ...copyRow(row, command.select), score }));
  }

  #near(command: NearCommand): StoredRow[] {
    return near(
      this.#entries(command).map(({ row }) => row),
      command,
    );
  }

  #insert(command: InsertCommand): StoredRow[] {
    const { entity } = command;
    const table = this.#table(entity);
    const rows = command.rows.map((row) => newRow(table, entity, row));
    const check = this.#checks(entity);
    for (const [position, row] of rows.entries()) check(row, rows.length > 1 ? position : undefined);
    table.write(rows.map((row): Write => ({ from: null, row })));
    return rows.map((row) => copyRow(row, command.select));
  }

  #update(command: UpdateCommand): StoredRow | number | null {
    const found = this.#entries(command, command.many ? null : 1);
    const writes = found.map((entry) => this.#changed(command, entry, command.values));
    this.#table(command.entity).write(writes);
    if (command.many) return found.length;
    const [write] = writes;
    return write === undefined ? null : copyRow(write.row!, command.select);
  }

  #updateEach(command: UpdateEachCommand): number {
    const { entity, where, each } = command;
    const table = this.#table(entity);
    const plan = this.#compile(command, 'plan', () => new Plan(entity, where));
    const writes = each.flatMap((values) =>
      plan.select(table, values, 1).map((entry) => this.#changed(command, entry, values)),
    );
    table.write(writes);
    return writes.length;
  }

  /** What the assignments make of a row; it is checked. */
  #changed(command: Assigning, from: Entry, values: readonly unknown[]): Write {
    const { entity, assignments } = command;
    const { change, check } = this.#compile(command, 'change', (): { change: Change; check: Check } => ({
      change: compileAssignments(assignments),
      check: compileChecks(
        entity,
        assignments.map((each) => each.field),
      ),
    }));
    const row = change(from.row, values);
    check(row);
    return { from, row };
  }

  #upsert(command: UpsertCommand): UpsertResult {
    const { entity } = command;
    const table = this.#table(entity);
    const entry = this.#live(table, command, command.row);
    const write =
      entry === null ? this.#new(table, entity, command.row) : this.#changed(command, entry, command.values);
    table.write([write]);
    return { row: copyRow(write.row!, command.select), action: entry === null ? 'inserted' : 'updated' };
  }

  #upsertMany(command: UpsertManyCommand): UpsertCounts {
    const { entity, rows, taken, values } = command;
    const table = this.#table(entity);
    const writes = rows.map((row): Write => {
      const entry = this.#live(table, command, row);
      if (entry === null) return this.#new(table, entity, row);
      const given = { ...entry.row };
      for (const { name } of taken) given[name] = row[name]!;
      return { from: entry, row: this.#changed(command, { ...entry, row: given }, values).row };
    });
    table.write(writes);
    const inserted = writes.filter(({ from }) => from === null).length;
    return { inserted, updated: writes.length - inserted };
  }

  /** The row that has the values of `on`, unless it is deleted. @throws DuplicateKeyError when it does not fit the guard */
  #live(table: Table, command: UpsertCommand | UpsertManyCommand, row: StoredRow): Entry | null {
    const { entity, on, guard, values } = command;
    const index = table.indexOn(on);
    const entry = index.entries.get(index.identify(row)!);
    if (entry === undefined || (entity.deletedAt !== null && reader(entity.deletedAt)(entry.row) !== null)) return null;
    if (guard === undefined) return entry;
    const fits = this.#compile(command, 'guard', () => compileWhere(guard));
    if (!fits(values)(entry.row)) throw table.duplicate(index);
    return entry;
  }

  #new(table: Table, entity: EntityModel, given: StoredRow): Write {
    const row = newRow(table, entity, given);
    this.#checks(entity)(row);
    return { from: null, row };
  }

  #delete(command: DeleteCommand): StoredRow | number | null {
    const found = this.#entries(command, command.many ? null : 1);
    this.#table(command.entity).write(found.map((from): Write => ({ from, row: null })));
    if (command.many) return found.length;
    const [entry] = found;
    return entry === undefined ? null : copyRow(entry.row, command.select);
  }

  #ensureSchema({ entities }: EnsureSchemaCommand): SchemaReport {
    const created = entities.flatMap((entity) => {
      const isNew = !this.#base.has(entity);
      const indexes = this.#base.open(entity).adopt(entity);
      return [...(isNew ? [`table ${entity.name}`] : []), ...indexes.map((name) => `index ${name}`)];
    });
    return { created, drift: [] };
  }

  /** The table of an entity; the first command makes it. */
  #table(entity: EntityModel): Table {
    return this.#view.table(entity);
  }

  #checks(entity: EntityModel): Check {
    return this.#compiled.get(`checks:${entity.id}`, () => compileChecks(entity));
  }

  #compile<T extends object>(command: Exclude<Command, EnsureSchemaCommand>, part: string, make: () => T): T {
    return this.#compiled.get(`${part}:${planKey(command)}`, make);
  }
}
