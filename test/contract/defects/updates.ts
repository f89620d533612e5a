import type { MemoryDatabase } from '../../../src/memory/database.js';
import type { Clause } from '../../../src/query/clause.js';
import type { UpdateCommand } from '../../../src/query/command.js';
import type { StoredRow } from '../../../src/schema/model.js';
import { assignmentFault, mapClause, spoiledUpdate } from './faults.js';
import {
  allRows,
  type Defect,
  defect,
  freshShape,
  matchingRows,
  only,
  same,
  setPath,
  textOf,
  valueAt,
} from './planted.js';

async function oneByOne(command: UpdateCommand, memory: MemoryDatabase): Promise<number> {
  const rows = await matchingRows(memory, command);
  for (const row of rows) await memory.run(only(command, row));
  return rows.length;
}

export const updateDefects: readonly Defect[] = [
  defect('an increment loses updates that come together', {
    run: (command, memory) => {
      if (
        command.kind !== 'update' ||
        !command.assignments.some(({ op, field }) => op === 'increment' && field.role !== 'version')
      )
        return undefined;
      return (async () => {
        const rows = await matchingRows(memory, command);
        await new Promise((resolve) => setImmediate(resolve));
        const [row] = rows;
        if (row === undefined) return command.many ? 0 : null;
        const values = [...command.values];
        const assignments = command.assignments.map((each) => {
          if (each.op !== 'increment' || each.field.kind !== 'integer') return each;
          const current = (valueAt(row, each.field.segments) ?? 0) as number;
          return {
            field: each.field,
            op: 'set' as const,
            slot: values.push(current + (command.values[each.slot] as number)) - 1,
          };
        });
        return memory.run({
          ...command,
          assignments: command.many ? command.assignments : assignments,
          values,
          shape: freshShape(),
        });
      })();
    },
  }),
  defect(
    '`increment` of nothing leaves nothing',
    spoiledUpdate((before, _after, { op }) => (op === 'increment' && before === null ? null : undefined)),
  ),
  defect(
    '`minimum` of nothing leaves nothing',
    spoiledUpdate((before, _after, { op }) => (op === 'minimum' && before === null ? null : undefined)),
  ),
  defect(
    '`maximum` of nothing leaves nothing',
    spoiledUpdate((before, _after, { op }) => (op === 'maximum' && before === null ? null : undefined)),
  ),
  defect(
    '`push` to nothing leaves nothing',
    spoiledUpdate((before, _after, { op }) => (op === 'push' && before === null ? null : undefined)),
  ),
  defect(
    '`pull` from nothing leaves an empty list',
    spoiledUpdate((before, _after, { op }) => (op === 'pull' && before === null ? [] : undefined)),
  ),
  defect(
    '`increment` sets',
    assignmentFault((each) => (each.op === 'increment' && each.field.role === null ? { ...each, op: 'set' } : each)),
  ),
  defect(
    'decimals are incremented as floating point numbers',
    spoiledUpdate((before, _after, { op, field }, operand) =>
      op === 'increment' && field.kind === 'decimal' ? String(Number(before ?? 0) + Number(operand)) : undefined,
    ),
  ),
  defect(
    'bigints are incremented as numbers',
    spoiledUpdate((before, _after, { op, field }, operand) =>
      op === 'increment' && field.kind === 'bigint' ? BigInt(Number(before ?? 0n) + Number(operand)) : undefined,
    ),
  ),
  defect(
    '`minimum` takes the greater value',
    assignmentFault((each) => (each.op === 'minimum' ? { ...each, op: 'maximum' } : each)),
  ),
  defect(
    '`maximum` sets',
    assignmentFault((each) => (each.op === 'maximum' ? { ...each, op: 'set' } : each)),
  ),
  defect(
    '`addToSet` adds what is there already',
    assignmentFault((each) => (each.op === 'addToSet' ? { ...each, op: 'push' } : each)),
  ),
  defect(
    '`addToSet` adds an item twice that it is given twice',
    spoiledUpdate((before, _after, { op }, operand) => {
      if (op !== 'addToSet') return undefined;
      const list: unknown[] = before ?? [];
      return [...list, ...operand.filter((item: unknown) => !list.some((each) => same(each, item)))];
    }),
  ),
  defect(
    '`addToSet` takes out duplicates that were there',
    spoiledUpdate((_before, after, { op }) => {
      if (op !== 'addToSet') return undefined;
      return after.filter((item: unknown, i: number) => after.findIndex((each: unknown) => same(each, item)) === i);
    }),
  ),
  defect(
    '`addToSet` adds only its first item',
    assignmentFault((each, hold, values) =>
      each.op === 'addToSet' ? { ...each, slot: hold((values[each.slot] as unknown[]).slice(0, 1)) } : each,
    ),
  ),
  defect(
    '`push` adds only its first item',
    assignmentFault((each, hold, values) =>
      each.op === 'push' ? { ...each, slot: hold((values[each.slot] as unknown[]).slice(0, 1)) } : each,
    ),
  ),
  defect(
    '`push` puts items in front',
    spoiledUpdate((before, _after, { op }, operand) => (op === 'push' ? [...operand, ...(before ?? [])] : undefined)),
  ),
  defect(
    '`pull` takes only the first occurrence',
    spoiledUpdate((before, _after, { op }, operand) => {
      if (op !== 'pull' || before === null) return undefined;
      const list = [...before];
      for (const item of operand) {
        const at = list.findIndex((each) => same(each, item));
        if (at >= 0) list.splice(at, 1);
      }
      return list;
    }),
  ),
  defect(
    '`pull` of the last item leaves nothing',
    spoiledUpdate((_before, after, { op }) => (op === 'pull' && after?.length === 0 ? null : undefined)),
  ),
  defect(
    'a patch of a path drops its neighbours',
    assignmentFault((each, hold, values, entity) => {
      const [top, ...rest] = each.field.segments;
      if (each.op !== 'set' || rest.length === 0) return each;
      const value = rest.reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), values[each.slot]);
      return { field: entity.paths.get(top!)!, op: 'set', slot: hold(value) };
    }),
  ),
  defect('clearing a path creates the objects above it', {
    run: (command, memory) => {
      if (command.kind !== 'update') return undefined;
      return (async () => {
        const before = await matchingRows(memory, command);
        let result = await memory.run<unknown>(command);
        for (const { op, field } of command.assignments) {
          if (op !== 'clear' || field.segments.length < 2) continue;
          for (const row of before) {
            const top = command.entity.paths.get(field.segments[0]!)!;
            if (row[top.name] !== null) continue;
            const changed = await setPath(memory, command.entity, row, top, {});
            if (!command.many) result = Object.fromEntries(command.select.map(({ name }) => [name, changed[name]]));
          }
        }
        return result;
      })();
    },
  }),
  defect(
    'an object in a patch is merged into the stored one',
    spoiledUpdate((before, after, { op, field }) =>
      op === 'set' && field.kind === 'object' && before !== null
        ? Object.fromEntries(Object.keys(after).map((name) => [name, after[name] ?? before[name]]))
        : undefined,
    ),
  ),
  defect('`updateMany` counts the rows that it changed', {
    run: (command, memory) => {
      if (command.kind !== 'update' || !command.many) return undefined;
      return (async () => {
        const before = await matchingRows(memory, command);
        await memory.run(command);
        const after = await allRows(memory, command.entity);
        const stored = new Set(after.map((row) => textOf(row)));
        return before.filter((row) => !stored.has(textOf(row))).length;
      })();
    },
  }),
  defect('`updateMany` that fails keeps what it wrote before', {
    run: (command, memory) => (command.kind === 'update' && command.many ? oneByOne(command, memory) : undefined),
  }),
  defect('`updateMany` changes one row only', {
    run: (command, memory) => {
      if (command.kind !== 'update' || !command.many) return undefined;
      return matchingRows(memory, command).then(async (rows) => {
        if (rows[0] !== undefined) await memory.run(only(command, rows[0]));
        return rows.length;
      });
    },
  }),
  defect('`updateOne` changes every row that matches', {
    run: (command, memory) => {
      if (command.kind !== 'update' || command.many) return undefined;
      return memory.run<StoredRow | null>(command).then(async (row) => {
        if (row !== null) await memory.run({ ...command, many: true, shape: freshShape() });
        return row;
      });
    },
  }),
  defect('`updateOne` does not look at its order', {
    command: (command) => (command.kind === 'update' ? { ...command, orderBy: [], shape: freshShape() } : command),
  }),
  defect('`update` gives the row as it was before', {
    run: (command, memory) => {
      if (command.kind !== 'update' || command.many) return undefined;
      return allRows(memory, command.entity).then(async (rows) => {
        const row = await memory.run<StoredRow | null>(command);
        const before =
          row === null
            ? undefined
            : rows.find((each) => command.entity.key.every(({ name }) => each[name] === row[name]));
        return before === undefined ? row : Object.fromEntries(command.select.map(({ name }) => [name, before[name]]));
      });
    },
  }),
  defect('two `updateOne` that come together take the same row', {
    run: (command, memory) => {
      if (command.kind !== 'update' || command.many) return undefined;
      const first = {
        kind: 'find' as const,
        entity: command.entity,
        where: command.where,
        values: command.values,
        orderBy: command.orderBy,
      };
      return memory
        .run<StoredRow[]>({ ...first, select: command.entity.fields, limit: 1, offset: 0, shape: freshShape() })
        .then(async ([row]) => {
          await new Promise((resolve) => setImmediate(resolve));
          return row === undefined ? null : memory.run(only(command, row));
        });
    },
  }),
  defect('a stale version is not seen', {
    command: (command) => {
      if (command.kind !== 'update') return command;
      const version = (clause: Clause) => clause.op === 'eq' && clause.field.role === 'version';
      const where = mapClause(command.where, (clause) => (version(clause) ? { op: 'and', clauses: [] } : clause));
      return { ...command, where, shape: freshShape() };
    },
  }),
  defect(
    'the version stays as it is',
    assignmentFault((each) => (each.field.role === 'version' ? null : each)),
  ),
  defect(
    '`updatedAt` stays as it is',
    assignmentFault((each) => (each.field.role === 'updatedAt' ? null : each)),
  ),
];
