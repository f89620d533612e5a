import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { Command, GroupCommand, GroupKey, GroupMeasure } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { type Defect, defect, type Fault, freshShape } from './planted.js';

const DAY_MS = 86_400_000;

/** A fault in what is asked for. */
function asked(change: (command: GroupCommand) => Partial<GroupCommand>): Fault {
  return {
    command: (command) =>
      command.kind === 'group' ? { ...command, ...change(command), shape: freshShape() } : command,
  };
}

/** A fault in the groups that come back. */
function told(change: (rows: StoredRow[], command: GroupCommand) => StoredRow[]): Fault {
  return {
    run: (command: Command, memory: MemoryDatabase) =>
      command.kind === 'group' ? memory.run<StoredRow[]>(command).then((rows) => change(rows, command)) : undefined,
  };
}

function inKeys(change: (key: GroupKey) => GroupKey): Fault {
  return asked(({ keys }) => ({ keys: keys.map(change) }));
}

function inMeasures(change: (measure: GroupMeasure) => GroupMeasure): Fault {
  return asked(({ measures }) => ({ measures: measures.map(change) }));
}

/** Changes the columns of the measures whose operator is one of `ops`. */
function inColumns(ops: readonly GroupMeasure['op'][], change: (value: StoredRow[string]) => StoredRow[string]): Fault {
  return told((rows, { keys, measures, columns }) =>
    rows.map((row) => {
      const changed = { ...row };
      for (const [i, { op }] of measures.entries()) {
        const { name } = columns[keys.length + i]!;
        if (ops.includes(op)) changed[name] = change(changed[name]!);
      }
      return changed;
    }),
  );
}

export const groupDefects: readonly Defect[] = [
  defect(
    'groups leave out the null key',
    told((rows, { keys, columns }) =>
      rows.filter((row) => columns.slice(0, keys.length).every(({ name }) => row[name] !== null)),
    ),
  ),
  defect(
    'groups without a key give nothing of no rows',
    told((rows, { keys, measures, columns }) =>
      keys.length === 0 &&
      rows.every((row) => measures.every(({ op }, i) => op !== 'count' || row[columns[i]!.name] === 0))
        ? []
        : rows,
    ),
  ),
  defect(
    'groups ignore `having`',
    asked(() => ({ having: { op: 'and', clauses: [] } })),
  ),
  defect(
    'groups ignore their filter',
    asked(({ entity }) => ({
      where: entity.deletedAt === null ? { op: 'and', clauses: [] } : { op: 'isNull', field: entity.deletedAt },
    })),
  ),
  defect(
    'groups are ordered by their first term alone',
    told((rows, { orderBy }) => (orderBy.length < 2 ? rows : reversedTies(rows, orderBy[0]!.field.name))),
  ),
  defect(
    'groups come in the other direction',
    asked(({ orderBy }) => ({
      orderBy: orderBy.map(({ field, direction }) => ({ field, direction: direction === 'asc' ? 'desc' : 'asc' })),
    })),
  ),
  defect(
    'groups ignore their offset',
    asked(() => ({ offset: 0 })),
  ),
  defect(
    'groups ignore their limit',
    asked(() => ({ limit: null })),
  ),
  defect(
    'buckets ignore the time zone',
    inKeys((key) => (key.by === 'bucket' ? { ...key, zoneSlot: null } : key)),
  ),
  defect(
    'quarters are months',
    inKeys((key) => (key.by === 'bucket' && key.unit === 'quarter' ? { ...key, unit: 'month' } : key)),
  ),
  defect(
    'weeks begin on Sunday',
    told((rows, { keys, columns }) =>
      rows.map((row) => {
        const changed = { ...row };
        for (const [i, key] of keys.entries()) {
          const { name } = columns[i]!;
          const value = changed[name];
          if (key.by === 'bucket' && key.unit === 'week' && value instanceof Date)
            changed[name] = new Date(value.getTime() - DAY_MS);
        }
        return changed;
      }),
    ),
  ),
  defect(
    '`countDistinct` counts every value',
    inMeasures((measure) => (measure.op === 'countDistinct' ? ({ ...measure, op: 'count' } as never) : measure)),
  ),
  defect(
    '`countDistinct` counts null',
    inColumns(['countDistinct'], (value) => (value as number) + 1),
  ),
  defect(
    '`min` is the greatest value',
    inMeasures((measure) => (measure.op === 'min' ? { ...measure, op: 'max' } : measure)),
  ),
  defect(
    '`max` is the least value',
    inMeasures((measure) => (measure.op === 'max' ? { ...measure, op: 'min' } : measure)),
  ),
  defect(
    '`avg` is the sum',
    inMeasures((measure) => (measure.op === 'avg' ? { ...measure, op: 'sum' } : measure)),
  ),
  defect(
    'the average of nothing is 0',
    inColumns(['avg'], (value) => value ?? 0),
  ),
  defect(
    'the sum of nothing is null',
    inColumns(['sum'], (value) => (value === 0 || value === 0n || value === '0' ? null : value)),
  ),
  defect(
    'sums of bigints are rounded to a double',
    inColumns(['sum'], (value) => (typeof value === 'bigint' ? BigInt(Number(value)) : value)),
  ),
  defect(
    'averages are whole numbers',
    inColumns(['avg'], (value) => (value === null ? null : Math.trunc(value as number))),
  ),
];

/** Turns around each run of rows with one value in a column. */
function reversedTies(rows: readonly StoredRow[], name: string): StoredRow[] {
  const runs: StoredRow[][] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run !== undefined && String(run[0]![name]) === String(row[name])) run.unshift(row);
    else runs.push([row]);
  }
  return runs.flat();
}
