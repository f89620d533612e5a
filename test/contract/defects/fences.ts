import type { Clause } from '../../../src/query/clause.js';
import type { Command } from '../../../src/query/command.js';
import { assignmentFault, clauseFault, mapClause } from './faults.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

const EVERY: Clause = { op: 'and', clauses: [] };

function isTest(clause: Clause): clause is Clause & { readonly op: 'lte'; readonly slot: number } {
  return clause.op === 'lte' && clause.field.role === 'fence';
}

/** A fault in the test of the fence, in commands of one kind. */
function testFault(kind: Command['kind'], change: (test: Clause & { readonly slot: number }) => Clause): Fault {
  return {
    command: (command) => {
      if (command.kind !== kind || !('where' in command)) return command;
      const where = mapClause(command.where, (clause) => (isTest(clause) ? change(clause) : clause));
      return { ...command, where, shape: freshShape() };
    },
  };
}

export const fenceDefects: readonly Defect[] = [
  defect(
    'an `update` takes no notice of the fence',
    testFault('update', () => EVERY),
  ),
  defect(
    'an `updateEach` takes no notice of the fence',
    testFault('updateEach', () => EVERY),
  ),
  defect(
    'a `delete` takes no notice of the fence',
    testFault('delete', () => EVERY),
  ),
  defect(
    'a token that is as new as the fence is refused',
    testFault('update', (test) => ({ ...test, op: 'lt' }) as Clause),
  ),
  defect(
    'a token that is older than the fence is taken, and a newer one refused',
    testFault('update', (test) => ({ ...test, op: 'gte' }) as Clause),
  ),
  defect('fences are compared as numbers', {
    command: (command) => {
      if (command.kind !== 'update') return command;
      const values = [...command.values];
      const where = mapClause(command.where, (clause) =>
        isTest(clause) ? { ...clause, slot: values.push(BigInt(Number(values[clause.slot])) + 256n) - 1 } : clause,
      );
      return { ...command, where, values, shape: freshShape() };
    },
  }),
  defect(
    'a row from before the fence is as if it had the newest one',
    clauseFault((clause) =>
      clause.op === 'isNull' && clause.field.role === 'fence' ? { op: 'or', clauses: [] } : clause,
    ),
  ),
  defect(
    'the token of a write is not stored as the fence',
    assignmentFault((each) => (each.field.role === 'fence' ? null : each)),
  ),
  defect('the token of an `updateEach` is not stored as the fence', {
    command: (command) =>
      command.kind === 'updateEach'
        ? {
            ...command,
            assignments: command.assignments.filter(({ field }) => field.role !== 'fence'),
            shape: freshShape(),
          }
        : command,
  }),
  defect('a write without a token takes the fence of the row away', {
    command: (command) => {
      if (command.kind !== 'update' || command.entity.fence === null) return command;
      const field = command.entity.fence;
      if (command.assignments.some((each) => each.field === field)) return command;
      const values = [...command.values, 0n];
      const assignments = [...command.assignments, { field, op: 'set' as const, slot: values.length - 1 }];
      return { ...command, values, assignments, shape: freshShape() };
    },
  }),
  defect('an `upsert` takes the fence of the row away', {
    command: (command) => {
      if (command.kind !== 'upsert' || command.entity.fence === null) return command;
      const values = [...command.values, 0n];
      const reset = { field: command.entity.fence, op: 'set' as const, slot: values.length - 1 };
      return { ...command, values, assignments: [...command.assignments, reset], shape: freshShape() };
    },
  }),
];
