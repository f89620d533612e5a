import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { FindCommand } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

type FirstOfEach = FindCommand & Required<Pick<FindCommand, 'perParent'>>;

function isFirstOfEach(command: { readonly kind: string }): command is FirstOfEach {
  return command.kind === 'find' && (command as FindCommand).perParent !== undefined;
}

/** A fault in the rows of a find that takes the first of each parent. */
function firstOfEach(change: (command: FirstOfEach) => FindCommand): Fault {
  return {
    command: (command) => (isFirstOfEach(command) ? { ...change(command), shape: freshShape() } : command),
  };
}

function inFirstOfEach(change: (rows: StoredRow[], command: FirstOfEach) => StoredRow[]): Fault {
  return {
    run: (command, memory: MemoryDatabase) =>
      isFirstOfEach(command) ? memory.run<StoredRow[]>(command).then((rows) => change(rows, command)) : undefined,
  };
}

export const relationDefects: readonly Defect[] = [
  defect(
    'the limit of each parent is the limit of all',
    firstOfEach(({ perParent, ...rest }) => ({ ...rest, limit: perParent.limit })),
  ),
  defect(
    'the limit of each parent takes one row too few',
    firstOfEach((command) => ({ ...command, perParent: { ...command.perParent, limit: command.perParent.limit - 1 } })),
  ),
  defect(
    'the rows of a parent lose the tie-breakers of their order',
    firstOfEach((command) => ({ ...command, orderBy: command.orderBy.slice(0, 1) })),
  ),
  defect(
    'the rows of a parent are taken from the end',
    firstOfEach((command) => ({
      ...command,
      orderBy: command.orderBy.map(({ field, direction }) => ({
        field,
        direction: direction === 'asc' ? 'desc' : 'asc',
      })),
    })),
  ),
  defect(
    'the rows of a parent come in no order',
    inFirstOfEach((rows) => rows.reverse()),
  ),
  defect(
    'the rows of a parent ignore their filter',
    firstOfEach(({ where, perParent, ...rest }) => ({
      ...rest,
      perParent,
      where: where.op === 'and' ? where.clauses[0]! : where,
    })),
  ),
  defect(
    'the rows of parents lose the first',
    inFirstOfEach((rows) => rows.slice(1)),
  ),
];
