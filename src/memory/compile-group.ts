import type { GroupCommand, GroupKey, GroupMeasure } from '../query/command.js';
import { copyOf } from '../schema/copy.js';
import type { FieldModel, StoredRow, Value } from '../schema/model.js';
import { beginningOf, Zone } from '../util/calendar.js';
import { addDecimal } from '../util/decimal.js';
import { compileWhere } from './compile-where.js';
import { comparator, rowComparator } from './order.js';
import { type Identity, identityOf, joinIdentities, reader } from './values.js';

/** From the rows that a command's filter fits to its groups. */
export type Group = (
  rows: readonly StoredRow[],
  values: readonly unknown[],
  limit: number | null,
  offset: number,
) => StoredRow[];

/** The values under which a row is grouped: one, but for the items of a list. */
type ReadKey = (row: StoredRow) => readonly Value[];

/** Takes a value, never null; a count of rows takes anything. */
interface Total {
  add(value: Value): void;
  value(): Value;
}

/** Compiles the keys, the measures and what is asked of the groups. */
export function compileGroup({ keys, measures, columns, having, orderBy }: GroupCommand): Group {
  const keyColumns = columns.slice(0, keys.length);
  const totalColumns = columns.slice(keys.length);
  const binds = keys.map(bindKey);
  const identifiers = keyColumns.map(identityOf);
  const reads = measures.map(({ field }) => (field === null ? null : reader(field)));
  const bind = compileWhere(having);
  const compare = rowComparator(orderBy);
  return (rows, values, limit, offset) => {
    const readKeys = binds.map((each) => each(values));
    const groups = new Map<string, { readonly key: readonly Value[]; readonly totals: readonly Total[] }>();
    const groupOf = (key: readonly Value[]) => {
      const identity = joinIdentities(
        key.map((value, i) => (value === null ? null : identifiers[i]!(value)) as Identity),
      );
      let group = groups.get(identity);
      if (group === undefined) groups.set(identity, (group = { key, totals: measures.map(totalOf) }));
      return group;
    };
    if (keys.length === 0) groupOf([]);
    for (const row of rows) {
      for (const key of combinations(readKeys.map((read) => read(row)))) {
        groupOf(key).totals.forEach((total, i) => {
          const value = reads[i] === null ? true : reads[i]!(row);
          if (value !== null) total.add(value);
        });
      }
    }
    const test = bind(values);
    const results: StoredRow[] = [];
    for (const { key, totals } of groups.values()) {
      const result: StoredRow = {};
      for (const [i, column] of keyColumns.entries()) result[column.name] = copyOf(column, key[i]);
      for (const [i, column] of totalColumns.entries()) result[column.name] = copyOf(column, totals[i]!.value());
      if (test(result)) results.push(result);
    }
    if (compare !== null) results.sort(compare);
    return results.slice(offset, limit === null ? undefined : offset + limit);
  };
}

function bindKey(key: GroupKey): (values: readonly unknown[]) => ReadKey {
  const read = reader(key.field);
  if (key.by === 'value') return () => (row) => [read(row)];
  if (key.by === 'item') return () => (row) => (read(row) ?? []) as Value[];
  const { unit, zoneSlot } = key;
  return (values) => {
    const zone = zoneSlot === null ? null : new Zone(values[zoneSlot] as string);
    return (row) => {
      const value = read(row) as Date | null;
      return [value === null ? null : new Date(beginningOf(unit, value.getTime(), zone))];
    };
  };
}

/** Each value of the first list with each of the second, and so on. */
function combinations(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  let all: readonly (readonly Value[])[] = [[]];
  for (const list of lists) all = all.flatMap((begun) => list.map((value) => [...begun, value]));
  return all;
}

function totalOf({ op, field }: GroupMeasure): Total {
  switch (op) {
    case 'count':
      return counter();
    case 'sum':
      return summer(field);
    case 'avg': {
      const sum = summer(field);
      let n = 0;
      return {
        add: (value) => {
          sum.add(value);
          n++;
        },
        value: () => (n === 0 ? null : Number(sum.exact()) / n),
      };
    }
    case 'countDistinct': {
      const identify = identityOf(field);
      const seen = new Set<Identity>();
      return { add: (value) => seen.add(identify(value)), value: () => seen.size };
    }
    default: {
      const compare = comparator(field.kind);
      const sign = op === 'min' ? 1 : -1;
      let best: Value = null;
      return {
        add: (value) => {
          if (best === null || compare(value, best) * sign < 0) best = value;
        },
        value: () => best,
      };
    }
  }
}

function counter(): Total {
  let n = 0;
  return { add: () => n++, value: () => n };
}

/** Adds without rounding, but for reals. */
function summer({ kind }: FieldModel): Total & { exact(): number | bigint | string } {
  if (kind === 'real') {
    let sum = 0;
    return { add: (value) => (sum += value as number), value: () => sum, exact: () => sum };
  }
  if (kind === 'decimal') {
    let sum = '0';
    return { add: (value) => (sum = addDecimal(sum, value as string)), value: () => sum, exact: () => sum };
  }
  let sum = 0n;
  const value = kind === 'integer' ? () => Number(sum) : () => sum;
  return { add: (each) => (sum += BigInt(each as number | bigint)), value, exact: () => sum };
}
