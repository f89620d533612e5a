import { ConstraintError } from '../../../src/errors/data.js';
import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { UpsertCommand, UpsertResult } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { clauseFault, mapClause } from './faults.js';
import { allRows, type Defect, defect, freshShape, isFiltered, matchingRows, only, same } from './planted.js';

/** Carries out an upsert in two steps that others can come between. */
async function upsertInSteps(command: UpsertCommand, memory: MemoryDatabase, pause: boolean): Promise<UpsertResult> {
  const { entity, on, row } = command;
  const rows = await allRows(memory, entity);
  if (pause) await new Promise((resolve) => setImmediate(resolve));
  const deleted = entity.deletedAt;
  const there = rows.find(
    (each) =>
      on.every(({ name }) => same(each[name], row[name])) && (pause || deleted === null || each[deleted.name] !== null),
  );
  if (there === undefined && !pause) return memory.run(command);
  if (there === undefined) {
    const [stored] = await memory.run<StoredRow[]>({
      kind: 'insert',
      entity,
      rows: [row],
      select: command.select,
      shape: '',
    });
    return { row: stored!, action: 'inserted' };
  }
  const { values, assignments, select } = command;
  const update = {
    kind: 'update' as const,
    entity,
    where: { op: 'and' as const, clauses: [] },
    values,
    assignments,
    select,
  };
  const changed = await memory.run<StoredRow>(only({ ...update, many: false, orderBy: [], shape: '' }, there));
  return { row: changed, action: 'updated' };
}

export const upsertDefects: readonly Defect[] = [
  defect('`upsert` always says that it inserted', {
    run: (command, memory) =>
      command.kind === 'upsert'
        ? memory.run<UpsertResult>(command).then((result) => ({ ...result, action: 'inserted' as const }))
        : undefined,
  }),
  defect('`upsert` always says that it updated', {
    run: (command, memory) =>
      command.kind === 'upsert'
        ? memory.run<UpsertResult>(command).then((result) => ({ ...result, action: 'updated' as const }))
        : undefined,
  }),
  defect('`upsert` of a row that is there changes nothing', {
    command: (command) => (command.kind === 'upsert' ? { ...command, assignments: [], shape: freshShape() } : command),
  }),
  defect('`upsert` updates a soft-deleted row', {
    run: (command, memory) => (command.kind === 'upsert' ? upsertInSteps(command, memory, false) : undefined),
  }),
  defect('`upsert` is two steps that others come between', {
    run: (command, memory) => (command.kind === 'upsert' ? upsertInSteps(command, memory, true) : undefined),
  }),
  defect('`upsert` replaces the whole row', {
    command: (command) => {
      if (command.kind !== 'upsert') return command;
      const values: unknown[] = [];
      const rest = command.entity.fields.filter(
        (field) => !field.key && field.role === null && !command.on.includes(field),
      );
      const assignments = rest.map((field) =>
        command.row[field.name] === null
          ? { field, op: 'clear' as const, slot: -1 }
          : { field, op: 'set' as const, slot: values.push(command.row[field.name]) - 1 },
      );
      return { ...command, values, assignments, shape: freshShape() };
    },
  }),
  defect('`upsert` gives the draft instead of the stored row', {
    run: (command, memory) =>
      command.kind === 'upsert'
        ? memory.run<UpsertResult>(command).then(({ action }) => ({ action, row: { ...command.row } }))
        : undefined,
  }),
];

/** Faults of the guard of an upsert. */
export const guardDefects: readonly Defect[] = [
  defect('`upsert` changes a row that its guard leaves out', {
    command: (command) => (command.kind === 'upsert' ? { ...command, guard: undefined, shape: freshShape() } : command),
  }),
  defect('`upsert` gives a row that its guard leaves out, untouched', {
    run: (command, memory) => {
      if (command.kind !== 'upsert' || command.guard === undefined) return undefined;
      return memory
        .run<UpsertResult>(command)
        .catch(() => memory.run<UpsertResult>({ ...command, guard: undefined, assignments: [], shape: freshShape() }));
    },
  }),
  defect('a guard is asked of its first clause only', {
    command: (command) => {
      if (command.kind !== 'upsert' || command.guard?.op !== 'and') return command;
      return { ...command, guard: command.guard.clauses[0]!, shape: freshShape() };
    },
  }),
  defect('the server keeps the length of a hidden text', {
    run: (command, memory) => {
      if (command.kind !== 'insert' && command.kind !== 'upsert') return undefined;
      const rows = command.kind === 'insert' ? command.rows : [command.row];
      const long = command.entity.fields.find(
        ({ hidden, kind, bounds, name }) =>
          hidden && kind === 'text' && rows.some((row) => String(row[name] ?? '').length > Number(bounds.max ?? 1e9)),
      );
      if (long === undefined) return undefined;
      return memory.ping().then(() => {
        throw new ConstraintError(command.entity.name, { fields: [long.path] });
      });
    },
  }),
];

export const deleteDefects: readonly Defect[] = [
  defect('`deleteMany` counts one too many', {
    run: (command, memory) =>
      command.kind === 'delete' && command.many ? memory.run<number>(command).then((count) => count + 1) : undefined,
  }),
  defect('`deleteMany` leaves one row', {
    run: (command, memory) => {
      if (command.kind !== 'delete' || !command.many || command.where.op === 'and') return undefined;
      return memory
        .run<number>({
          kind: 'count',
          entity: command.entity,
          where: command.where,
          values: command.values,
          shape: freshShape(),
        })
        .then(async (count) => {
          for (let i = 1; i < count; i++) await memory.run({ ...command, many: false, shape: freshShape() });
          return count;
        });
    },
  }),
  defect('`delete` gives the row and keeps it', {
    run: (command, memory) =>
      command.kind === 'delete' && !command.many
        ? matchingRows(memory, command).then(([row]) =>
            row === undefined ? null : Object.fromEntries(command.select.map(({ name }) => [name, row[name]])),
          )
        : undefined,
  }),
  defect('`delete` of nothing gives a row', {
    run: (command, memory) =>
      command.kind === 'delete' && !command.many
        ? memory.run<StoredRow | null>(command).then((row) => row ?? {})
        : undefined,
  }),
  defect(
    'reads give soft-deleted rows',
    clauseFault((clause, command) =>
      command.kind !== 'update' && clause.op === 'isNull' && clause.field.role === 'deletedAt'
        ? { op: 'and', clauses: [] }
        : clause,
    ),
  ),
  defect(
    'updates change soft-deleted rows',
    clauseFault((clause, command) =>
      command.kind === 'update' && clause.op === 'isNull' && clause.field.role === 'deletedAt'
        ? { op: 'and', clauses: [] }
        : clause,
    ),
  ),
  defect('a composite key is its first field', {
    command: (command) => {
      if (!isFiltered(command) || command.entity.key.length < 2) return command;
      const where = mapClause(command.where, (clause) =>
        clause.op === 'eq' && clause.field === command.entity.key[1] ? { op: 'and', clauses: [] } : clause,
      );
      return { ...command, where, shape: freshShape() };
    },
  }),
];
