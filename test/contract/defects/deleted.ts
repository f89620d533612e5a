import type { Clause } from '../../../src/query/clause.js';
import type { Assignment, Command, DeleteCommand, UpdateCommand, UpsertResult } from '../../../src/query/command.js';
import { clauseFault, mapClause } from './faults.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

const TRUE: Clause = { op: 'and', clauses: [] };

function isMark({ field }: Assignment): boolean {
  return field.role === 'deletedAt';
}

/** An update that takes the mark of deletion away. */
function isRestore(command: Command): command is UpdateCommand {
  return command.kind === 'update' && command.assignments.some((each) => isMark(each) && each.op === 'clear');
}

/** A deletion for good of one row that could be deleted softly. */
function isPurge(command: Command): command is DeleteCommand {
  return command.kind === 'delete' && !command.many && command.entity.deletedAt !== null;
}

function inRestore(change: (command: UpdateCommand) => Partial<UpdateCommand>): Fault {
  return {
    command: (command) => (isRestore(command) ? { ...command, ...change(command), shape: freshShape() } : command),
  };
}

/** A read of one kind that sees deleted rows. */
function leaking(kind: Command['kind']): Defect {
  return defect(
    `\`${kind}\` sees soft-deleted rows`,
    clauseFault((clause, command) =>
      command.kind === kind && clause.op === 'isNull' && clause.field.role === 'deletedAt' ? TRUE : clause,
    ),
  );
}

export const deletedDefects: readonly Defect[] = [
  ...(['find', 'count', 'exists', 'distinct', 'group'] as const).map(leaking),
  defect(
    '`restore` leaves the mark of deletion',
    inRestore(({ assignments }) => ({ assignments: assignments.filter((each) => !isMark(each)) })),
  ),
  defect(
    '`restore` changes the mark alone',
    inRestore(({ assignments }) => ({ assignments: assignments.filter(isMark) })),
  ),
  defect(
    '`restore` finds rows that are not deleted',
    inRestore(({ where }) => ({
      where: mapClause(where, (clause) =>
        clause.op === 'isNotNull' && clause.field.role === 'deletedAt' ? TRUE : clause,
      ),
    })),
  ),
  defect('`purge` leaves rows that were deleted before', {
    command: (command) => {
      if (!isPurge(command)) return command;
      const live: Clause = { op: 'isNull', field: command.entity.deletedAt! };
      return { ...command, where: { op: 'and', clauses: [command.where, live] }, shape: freshShape() };
    },
  }),
  defect('`purge` only marks the row', {
    run: (command, memory) => {
      if (!isPurge(command)) return undefined;
      const mark: Assignment = { field: command.entity.deletedAt!, op: 'set', slot: command.values.length };
      const values = [...command.values, new Date(0)];
      const update = { ...command, kind: 'update' as const, assignments: [mark], orderBy: [], values };
      return memory.run({ ...update, shape: freshShape() });
    },
  }),
  defect('`getOrInsert` changes the row of whoever came between', {
    command: (command) => {
      if (command.kind !== 'upsert' || command.assignments.length > 0) return command;
      const values: unknown[] = [];
      const taken = command.entity.fields.filter(
        ({ key, name }) => !key && command.row[name] !== null && command.row[name] !== undefined,
      );
      const assignments = taken.map(
        (field): Assignment => ({ field, op: 'set', slot: values.push(command.row[field.name]) - 1 }),
      );
      return { ...command, values, assignments, shape: freshShape() };
    },
  }),
  defect('`getOrInsert` says that it made the row of whoever came between', {
    run: (command, memory) =>
      command.kind === 'upsert' && command.assignments.length === 0
        ? memory.run<UpsertResult>(command).then((result) => ({ ...result, action: 'inserted' as const }))
        : undefined,
  }),
];
