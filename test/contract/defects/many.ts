import type { UpdateEachCommand, UpsertCounts, UpsertManyCommand } from '../../../src/query/command.js';
import { mapClause } from './faults.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

function inEach(change: (command: UpdateEachCommand) => Partial<UpdateEachCommand>): Fault {
  return {
    command: (command) =>
      command.kind === 'updateEach' ? { ...command, ...change(command), shape: freshShape() } : command,
  };
}

function inUpserts(change: (command: UpsertManyCommand) => Partial<UpsertManyCommand>): Fault {
  return {
    command: (command) =>
      command.kind === 'upsertMany' ? { ...command, ...change(command), shape: freshShape() } : command,
  };
}

function counted(change: (counts: UpsertCounts) => UpsertCounts): Fault {
  return {
    run: (command, memory) =>
      command.kind === 'upsertMany' ? memory.run<UpsertCounts>(command).then(change) : undefined,
  };
}

export const manyDefects: readonly Defect[] = [
  defect(
    '`updateEach` gives every row the values of the first one',
    inEach(({ entity, each }) => ({
      each: each.map((values) => [...values.slice(0, entity.key.length), ...(each[0] ?? []).slice(entity.key.length)]),
    })),
  ),
  defect(
    '`updateEach` leaves the last row as it was',
    inEach(({ each }) => ({ each: each.slice(0, -1) })),
  ),
  defect(
    '`updateEach` changes soft-deleted rows',
    inEach(({ where }) => ({
      where: mapClause(where, (clause) =>
        clause.op === 'isNull' && clause.field.role === 'deletedAt' ? { op: 'and', clauses: [] } : clause,
      ),
    })),
  ),
  defect(
    '`updateEach` takes no notice of versions',
    inEach(({ where }) => ({
      where: mapClause(where, (clause) =>
        clause.op === 'eq' && clause.field.role === 'version' ? { op: 'and', clauses: [] } : clause,
      ),
    })),
  ),
  defect('`updateEach` counts the rows that it was given', {
    run: (command, memory) =>
      command.kind === 'updateEach' ? memory.run(command).then(() => command.each.length) : undefined,
  }),
  defect('`updateEach` stores the rows before the one that fails', {
    run: (command, memory) => {
      if (command.kind !== 'updateEach') return undefined;
      return (async () => {
        let matched = 0;
        for (const values of command.each)
          matched += await memory.run<number>({ ...command, each: [values], shape: freshShape() });
        return matched;
      })();
    },
  }),
  defect(
    '`upsertMany` leaves the rows that are there as they are',
    inUpserts(() => ({ taken: [], assignments: [] })),
  ),
  defect(
    '`upsertMany` counts no version on',
    inUpserts(({ assignments }) => ({ assignments: assignments.filter(({ field }) => field.role !== 'version') })),
  ),
  defect(
    '`upsertMany` replaces whole rows',
    inUpserts(({ entity, on }) => ({
      taken: entity.fields.filter((field) => !field.key && field.role === null && !on.includes(field)),
    })),
  ),
  defect(
    '`upsertMany` says of every row that it was there',
    counted(({ inserted, updated }) => ({ inserted: 0, updated: updated + inserted })),
  ),
  defect(
    '`upsertMany` says of every row that it is new',
    counted(({ inserted, updated }) => ({ inserted: inserted + updated, updated: 0 })),
  ),
];
