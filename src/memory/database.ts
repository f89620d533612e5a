import { LRUCache } from 'lru-cache';
import type { Database, PoolStats, Resource, RunOptions } from '../core/ports.js';
import { AbortedError, ClosedError, TimeoutError } from '../errors/runtime.js';
import type {
  Command,
  DeleteCommand,
  DistinctCommand,
  EnsureSchemaCommand,
  FindCommand,
  InsertCommand,
  ReadCommand,
  SchemaReport,
  UpdateCommand,
  UpsertCommand,
  UpsertResult,
} from '../query/command.js';
import { copyOf, copyRow } from '../schema/copy.js';
import type { EntityModel, StoredRow, Value } from '../schema/model.js';
import { type Clock, systemClock } from '../util/clock.js';
import { type Change, compileAssignments } from './apply.js';
import { type Check, compileChecks } from './checks.js';
import { comparator, nullsFirst } from './order.js';
import { countBy, firstOfEach } from './parents.js';
import { Plan } from './plan.js';
import { type Entry, Table, type Write } from './table.js';
import { type Identity, identifier, reader } from './values.js';

export interface MemoryOptions {
  /** What `timeoutMs` of a stream is measured with. @default the system's clock */
  readonly clock?: Clock | undefined;
}

const MAX_PLANS = 500;

/**
 * An engine that keeps its rows in this process: for unit tests of an application, and for small tools. It means the same
 * as the engines with a server, as the contract suite shows, down to unique sets, bounds and all-or-nothing statements.
 *
 * Rows go in and come out as deep copies. Foreign keys are not enforced, as on MongoDB.
 *
 * @example
 * ```ts
 * import { MemoryDatabase, Repository, entity, text, uuid } from 'trivet';
 *
 * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().max(50).unique() });
 * const tags = new Repository(new MemoryDatabase(), Tag);
 * await tags.insert({ name: 'news' });
 * ```
 */
export class MemoryDatabase implements Database<'memory'>, Resource {
  readonly engine = 'memory' as const;
  readonly #clock: Clock;
  readonly #tables = new Map<string, Table>();
  readonly #compiled = new LRUCache<string, object>({ max: MAX_PLANS });
  #closed = false;

  constructor({ clock = systemClock }: MemoryOptions = {}) {
    if (typeof clock?.now !== 'function') throw new TypeError('Expected `clock` to have a method `now`');
    this.#clock = clock;
  }

  /** Carries out one command, whole or not at all; calls never interleave. */
  async run<T>(command: Command, options: RunOptions = {}): Promise<T> {
    this.#admit(options);
    // Nothing has happened yet when the caller goes on: a forgotten `await` shows here as it would with a server.
    await null;
    this.#admit(options);
    return this.#dispatch(command) as T;
  }

  /** The rows as they are when the loop begins: later writes do not show. `batch` changes nothing here. */
  async *stream(
    command: FindCommand,
    options: RunOptions & { readonly batch?: number | undefined } = {},
  ): AsyncGenerator<StoredRow, void, undefined> {
    const deadline = options.timeoutMs === undefined ? null : this.#clock.now() + options.timeoutMs;
    this.#admit(options);
    const entries = this.#entries(command, command.limit, command.offset);
    for (const entry of entries) {
      this.#admit(options);
      if (deadline !== null && this.#clock.now() >= deadline) throw timedOut(options.timeoutMs!);
      yield copyRow(entry.row, command.select);
    }
  }

  async connect(): Promise<void> {
    this.#admit({});
  }

  async ping(signal?: AbortSignal): Promise<void> {
    this.#admit({ signal });
  }

  stats(): PoolStats {
    const total = this.#closed ? 0 : 1;
    return { max: 1, total, idle: total, waiting: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#tables.clear();
    this.#compiled.clear();
  }

  /** Removes every row of every entity; `serial` fields begin again at 1. */
  clear(): void {
    for (const table of this.#tables.values()) table.clear();
  }

  #admit({ signal, timeoutMs }: RunOptions): void {
    if (this.#closed) throw new ClosedError('The memory database was closed: make a new one');
    if (signal?.aborted)
      throw new AbortedError('The signal was aborted before the command ran', { cause: signal.reason });
    if (timeoutMs !== undefined && timeoutMs <= 0) throw timedOut(timeoutMs);
  }

  #dispatch(command: Command): unknown {
    switch (command.kind) {
      case 'find':
        return this.#find(command);
      case 'count':
        return this.#entries(command).length;
      case 'countBy':
        return countBy(this.#entries(command), command.field);
      case 'exists':
        return this.#entries(command, 1).length > 0;
      case 'distinct':
        return this.#distinct(command);
      case 'insert':
        return this.#insert(command);
      case 'update':
        return this.#update(command);
      case 'upsert':
        return this.#upsert(command);
      case 'delete':
        return this.#delete(command);
      case 'ensureSchema':
        return this.#ensureSchema(command);
    }
  }

  #entries(command: ReadCommand | UpdateCommand | DeleteCommand, limit: number | null = null, offset = 0): Entry[] {
    const plan = this.#compile(command, 'plan', () => {
      return new Plan(command.entity, command.where, 'orderBy' in command ? command.orderBy : []);
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
    const identify = identifier(field);
    const values = new Map<Identity | null, Value>();
    for (const { row } of this.#entries(command)) {
      const value = read(row);
      values.set(value === null ? null : identify(value), value);
    }
    const sorted = [...values.values()].sort(nullsFirst(comparator(field.kind)));
    return sorted.map((value) => copyOf(field, value));
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
    const rows = this.#change(command, found);
    if (command.many) return found.length;
    const [row] = rows;
    return row === undefined ? null : copyRow(row, command.select);
  }

  #change(command: UpdateCommand | UpsertCommand, entries: readonly Entry[]): StoredRow[] {
    const { entity, assignments, values } = command;
    const { change, check } = this.#compile(command, 'change', (): { change: Change; check: Check } => ({
      change: compileAssignments(assignments),
      check: compileChecks(
        entity,
        assignments.map((each) => each.field),
      ),
    }));
    const rows = entries.map(({ row }) => change(row, values));
    for (const row of rows) check(row);
    this.#table(entity).write(entries.map((from, i): Write => ({ from, row: rows[i]! })));
    return rows;
  }

  #upsert(command: UpsertCommand): UpsertResult {
    const { entity, on } = command;
    const table = this.#table(entity);
    const index = table.indexOn(on);
    const entry = index.entries.get(index.identify(command.row)!);
    const live = entry !== undefined && (entity.deletedAt === null || reader(entity.deletedAt)(entry.row) === null);
    if (live) {
      const [row] = this.#change(command, [entry]) as [StoredRow];
      return { row: copyRow(row, command.select), action: 'updated' };
    }
    const row = newRow(table, entity, command.row);
    this.#checks(entity)(row);
    table.write([{ from: null, row }]);
    return { row: copyRow(row, command.select), action: 'inserted' };
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
      const isNew = !this.#tables.has(entity.name);
      const indexes = this.#openTable(entity).adopt(entity);
      return [...(isNew ? [`table ${entity.name}`] : []), ...indexes.map((name) => `index ${name}`)];
    });
    return { created, drift: [] };
  }

  /** The table of an entity; the first command makes it. */
  #table(entity: EntityModel): Table {
    const table = this.#openTable(entity);
    table.adopt(entity);
    return table;
  }

  #openTable(entity: EntityModel): Table {
    let table = this.#tables.get(entity.name);
    if (table === undefined) {
      table = new Table(entity);
      this.#tables.set(entity.name, table);
    }
    return table;
  }

  #checks(entity: EntityModel): Check {
    return this.#cached(`checks:${entity.id}`, () => compileChecks(entity));
  }

  #compile<T extends object>(command: Exclude<Command, EnsureSchemaCommand>, part: string, make: () => T): T {
    return this.#cached(`${part}:${command.kind}:${command.entity.id}:${command.shape}`, make);
  }

  #cached<T extends object>(key: string, make: () => T): T {
    const known = this.#compiled.get(key);
    if (known !== undefined) return known as T;
    const made = make();
    this.#compiled.set(key, made);
    return made;
  }
}

function newRow(table: Table, entity: EntityModel, given: StoredRow): StoredRow {
  const row: StoredRow = {};
  for (const field of entity.fields) {
    const made = field.serial && given[field.name] === undefined;
    row[field.name] = made ? table.nextSerial(field) : copyOf(field, given[field.name]);
  }
  return row;
}

function timedOut(timeoutMs: number): TimeoutError {
  return new TimeoutError(`The command did not end within ${timeoutMs} ms`);
}
