import type { Assignment } from '../query/command.js';
import { copyOf } from '../schema/copy.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';
import { addDecimal } from '../util/decimal.js';
import { comparator } from './order.js';
import { type Identity, identityOf, reader } from './values.js';

/** Gives a changed copy of a stored row and leaves the row itself as it is; parts that do not change are shared. */
export type Change = (row: StoredRow, values: readonly unknown[]) => StoredRow;

/** Compiles the assignments of a patch. Bounds are not looked at: see `checks.ts`. */
export function compileAssignments(assignments: readonly Assignment[]): Change {
  const steps = assignments.map((assignment) => {
    const read = reader(assignment.field);
    const next = compileOperator(assignment);
    return (from: StoredRow, to: StoredRow, values: readonly unknown[]) =>
      put(to, assignment.field.segments, 0, next(read(from), values[assignment.slot]));
  });
  return (row, values) => steps.reduce((changed, step) => step(row, changed, values), row);
}

type Operator = (current: Value, operand: unknown) => Value;

function compileOperator({ field, op }: Assignment): Operator {
  switch (op) {
    case 'set':
      return (_, operand) => copyOf(field, operand);
    case 'clear':
      return () => null;
    case 'increment':
      return increment(field);
    case 'minimum':
    case 'maximum': {
      const compare = comparator(field.kind);
      const sign = op === 'minimum' ? -1 : 1;
      return (current, operand) =>
        current === null || sign * compare(operand, current) > 0 ? copyOf(field, operand) : current;
    }
    case 'push':
      return (current, operand) => [...items(current), ...items(copyOf(field, operand))];
    case 'addToSet': {
      const identify = identityOf(field.item!);
      return (current, operand) => {
        const list = [...items(current)];
        const held = new Set<Identity>(list.map(identify));
        for (const item of items(copyOf(field, operand))) {
          const identity = identify(item);
          if (!held.has(identity)) list.push(item);
          held.add(identity);
        }
        return list;
      };
    }
    case 'pull': {
      const identify = identityOf(field.item!);
      return (current, operand) => {
        if (current === null) return null;
        const gone = new Set<Identity>(items(operand).map(identify));
        return items(current).filter((item) => !gone.has(identify(item)));
      };
    }
  }
}

function items(list: unknown): readonly Value[] {
  return (list ?? []) as readonly Value[];
}

function increment(field: FieldModel): Operator {
  switch (field.kind) {
    case 'bigint':
      return (current, by) => ((current ?? 0n) as bigint) + (by as bigint);
    case 'decimal':
      return (current, by) => addDecimal((current ?? '0') as string, by as string);
    default:
      return (current, by) => ((current ?? 0) as number) + (by as number);
  }
}

/** A value makes the objects above it; null does not, so that clearing what lies in nothing leaves nothing. */
function put(row: StoredRow, segments: readonly string[], depth: number, value: Value): StoredRow {
  const segment = segments[depth]!;
  if (depth === segments.length - 1) {
    return { ...row, [segment]: value };
  }
  const below = (row[segment] ?? null) as StoredRow | null;
  if (below === null && value === null) return row;
  return { ...row, [segment]: put(below ?? {}, segments, depth + 1, value) };
}
