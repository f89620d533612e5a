import { AsyncLocalStorage } from 'node:async_hooks';
import type {
  Database,
  RunOptions,
  StreamRunOptions,
  Transaction,
  TransactionOptions,
} from '../../../src/core/ports.js';
import { MemoryDatabase } from '../../../src/memory/database.js';
import type { Clause } from '../../../src/query/clause.js';
import type { Assignment, Command, FindCommand, UpdateCommand } from '../../../src/query/command.js';
import type { EntityModel, FieldModel, StoredRow, Value } from '../../../src/schema/model.js';

/** An engine that does one thing wrong. The contract suite must see it. */
export interface Defect {
  /** What it does wrong. */
  readonly name: string;
  readonly open: () => Database;
}

type EntityCommand = Exclude<Command, { readonly kind: 'ensureSchema' }>;
export type FilteredCommand = Exclude<
  EntityCommand,
  { readonly kind: 'insert' | 'upsert' | 'upsertMany' | 'updateEach' }
>;

/** Where a defect may step in; what is left out stays as the engine does it. */
export interface Fault {
  /** Changes every command, those of streams too. */
  readonly command?: (command: Command, memory: MemoryDatabase) => Command | Promise<Command>;
  /** Changes every row that is given, in place or by giving another one. */
  readonly row?: (row: StoredRow, entity: EntityModel) => StoredRow;
  /** Carries out a command, or gives `undefined` and leaves it to the engine. */
  readonly run?: (command: Command, memory: MemoryDatabase) => Promise<unknown> | undefined;
  readonly stream?: (command: FindCommand, rows: StoredRow[], batch: number) => StoredRow[];
  readonly options?: (options: RunOptions | undefined) => RunOptions | undefined;
  /** A stream learns of its transaction when it is read, not when it is asked for. */
  readonly lateStreams?: true;
}

export function defect(name: string, fault: Fault): Defect {
  return { name, open: () => new FaultyDatabase(fault) };
}

class FaultyDatabase implements Database<'memory'> {
  readonly engine = 'memory' as const;
  readonly #fault: Fault;
  readonly #memory = new MemoryDatabase();

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#memory.transaction(work, options);
  }

  detached<T>(work: () => T): T {
    return this.#memory.detached(work);
  }

  async run<T>(command: Command, options?: RunOptions): Promise<T> {
    const { command: change, run, row, options: loosen } = this.#fault;
    const given = loosen === undefined ? options : loosen(options);
    const changed = (await change?.(command, this.#memory)) ?? command;
    // A fault of its own code must not hide behind a signal that it does not know.
    if (run !== undefined) await this.#memory.ping(given?.signal);
    const result = await (run?.(changed, this.#memory) ?? this.#memory.run<unknown>(changed, given));
    if (row === undefined || command.kind === 'ensureSchema') return result as T;
    return mapResult(command, result, (each) => row(each, command.entity)) as T;
  }

  stream(command: FindCommand, options?: StreamRunOptions): AsyncIterable<StoredRow> {
    return this.#stream(
      command,
      options,
      this.#fault.lateStreams === true ? (work) => work() : AsyncLocalStorage.snapshot(),
    );
  }

  async *#stream(
    command: FindCommand,
    options: StreamRunOptions = {},
    asAsked: <T>(work: () => T) => T,
  ): AsyncIterable<StoredRow> {
    const { command: change, row, stream, options: loosen } = this.#fault;
    const changed = ((await change?.(command, this.#memory)) ?? command) as FindCommand;
    const source = asAsked(() => this.#memory.stream(changed, loosen === undefined ? options : loosen(options)));
    const give = (each: StoredRow) => (row === undefined ? each : row(each, command.entity));
    if (stream === undefined) {
      for await (const each of source) yield give(each);
      return;
    }
    const rows: StoredRow[] = [];
    for await (const each of source) rows.push(give(each));
    yield* stream(changed, rows, options.batch ?? 2);
  }
}

function mapResult(command: Command, result: unknown, give: (row: StoredRow) => StoredRow): unknown {
  switch (command.kind) {
    case 'find':
    case 'search':
    case 'insert':
      return (result as StoredRow[]).map(give);
    case 'update':
    case 'delete':
      return command.many || result === null ? result : give(result as StoredRow);
    case 'upsert':
      return { ...(result as object), row: give((result as { readonly row: StoredRow }).row) };
    default:
      return result;
  }
}

let shapes = 0;

/** No plan of another command may serve a changed one. */
export function freshShape(): string {
  return `planted:${++shapes}`;
}

export function isFiltered(command: Command): command is FilteredCommand {
  return 'where' in command && command.kind !== 'updateEach';
}

/** Every row of an entity as it is stored, deleted ones too. */
export function allRows(memory: MemoryDatabase, entity: EntityModel): Promise<StoredRow[]> {
  return matchingRows(memory, { entity, where: { op: 'and', clauses: [] }, values: [] });
}

/** The rows that a command finds, whole. */
export function matchingRows(
  memory: MemoryDatabase,
  { entity, where, values }: Pick<FindCommand, 'entity' | 'where' | 'values'>,
): Promise<StoredRow[]> {
  const select = entity.fields;
  return memory.run({
    kind: 'find',
    entity,
    where,
    values,
    select,
    shape: freshShape(),
    orderBy: [],
    limit: null,
    offset: 0,
  });
}

/** The value at a path, null where there is none. */
export function valueAt(row: StoredRow, segments: readonly string[]): any {
  return segments.reduce<Value>((value, segment) => (value as StoredRow | null)?.[segment] ?? null, row);
}

/** Stores a value at a path of one row, and gives the row. */
export async function setPath(
  memory: MemoryDatabase,
  entity: EntityModel,
  row: StoredRow,
  field: FieldModel,
  value: unknown,
): Promise<StoredRow> {
  const values = [...entity.key.map(({ name }) => row[name]), value];
  const where: Clause = { op: 'and', clauses: entity.key.map((each, slot) => ({ op: 'eq', field: each, slot })) };
  const assignment: Assignment =
    value === null ? { field, op: 'clear', slot: -1 } : { field, op: 'set', slot: values.length - 1 };
  const changed = await memory.run<StoredRow | null>({
    kind: 'update',
    entity,
    where,
    values,
    assignments: [assignment],
    many: false,
    orderBy: [],
    select: entity.fields,
    shape: freshShape(),
  });
  return changed!;
}

/** Whether two values of a scalar field are equal. */
export function same(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
}

/** A text that is equal for equal rows. */
export function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

/** The same update for one row, found by its key. */
export function only(command: UpdateCommand, row: StoredRow): UpdateCommand {
  const values = [...command.values];
  const clauses = command.entity.key.map(
    (field): Clause => ({ op: 'eq', field, slot: values.push(row[field.name]) - 1 }),
  );
  return { ...command, where: { op: 'and', clauses }, values, shape: freshShape() };
}
