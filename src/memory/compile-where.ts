import type { Clause, ListLeaf, SetLeaf, TextLeaf, ValueLeaf } from '../query/clause.js';
import type { StoredRow, Value } from '../schema/model.js';
import { foldAscii } from '../util/text.js';
import { comparator } from './order.js';
import { identityOf, reader } from './values.js';

/** Whether a row fits. */
export type Test = (row: StoredRow) => boolean;

/** A compiled filter: takes the values of one command and gives the test of its rows. */
export type Bind = (values: readonly unknown[]) => Test;

/** Compiles a filter. Nothing in the result depends on values, so that one result serves every command of its shape. */
export function compileWhere(clause: Clause): Bind {
  switch (clause.op) {
    case 'and': {
      const binds = clause.clauses.map(compileWhere);
      if (binds.length === 1) return binds[0]!;
      return (values) => {
        const tests = binds.map((bind) => bind(values));
        return (row) => tests.every((test) => test(row));
      };
    }
    case 'or': {
      const binds = clause.clauses.map(compileWhere);
      return (values) => {
        const tests = binds.map((bind) => bind(values));
        return (row) => tests.some((test) => test(row));
      };
    }
    case 'not':
      return complement(compileWhere(clause.clause));
    case 'isNull': {
      const read = reader(clause.field);
      return () => (row) => read(row) === null;
    }
    case 'isNotNull': {
      const read = reader(clause.field);
      return () => (row) => read(row) !== null;
    }
    case 'eq':
      return equal(clause);
    case 'ne':
      return complement(equal(clause));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return range(clause);
    case 'anyOf':
      return anyOf(clause);
    case 'noneOf':
      return complement(anyOf(clause));
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return text(clause);
    case 'has':
    case 'hasAny':
    case 'hasAll':
      return list(clause);
  }
}

/** Two-valued: what is not true is false, also where the field is null. */
function complement(bind: Bind): Bind {
  return (values) => {
    const test = bind(values);
    return (row) => !test(row);
  };
}

/** A test of the value of one path, false where it is null. */
function present(
  leaf: Exclude<Clause, { op: 'and' | 'or' | 'not' }>,
  bind: (value: unknown) => (value: Value) => boolean,
  slot: number,
): Bind {
  const read = reader(leaf.field);
  return (values) => {
    const test = bind(values[slot]);
    return (row) => {
      const value = read(row);
      return value !== null && test(value);
    };
  };
}

function equal(leaf: ValueLeaf): Bind {
  const identify = identityOf(leaf.field);
  return present(
    leaf,
    (value) => {
      const wanted = identify(value);
      return (each) => identify(each) === wanted;
    },
    leaf.slot,
  );
}

const SIGNS: Readonly<Record<'gt' | 'gte' | 'lt' | 'lte', (result: number) => boolean>> = {
  gt: (result) => result > 0,
  gte: (result) => result >= 0,
  lt: (result) => result < 0,
  lte: (result) => result <= 0,
};

function range(leaf: ValueLeaf): Bind {
  const compare = comparator(leaf.field.kind);
  const holds = SIGNS[leaf.op as keyof typeof SIGNS];
  return present(leaf, (value) => (each) => holds(compare(each, value)), leaf.slot);
}

function anyOf(leaf: SetLeaf): Bind {
  const identify = identityOf(leaf.field);
  return present(
    leaf,
    (value) => {
      const wanted = new Set((value as Value[]).map(identify));
      return (each) => wanted.has(identify(each));
    },
    leaf.slot,
  );
}

function text(leaf: TextLeaf): Bind {
  const fold = leaf.ignoreCase ? foldAscii : (each: string) => each;
  return present(
    leaf,
    (value) => {
      const pattern = fold(value as string);
      switch (leaf.op) {
        case 'contains':
          return (each) => fold(each as string).includes(pattern);
        case 'startsWith':
          return (each) => fold(each as string).startsWith(pattern);
        case 'endsWith':
          return (each) => fold(each as string).endsWith(pattern);
      }
    },
    leaf.slot,
  );
}

function list(leaf: ListLeaf): Bind {
  const identify = identityOf(leaf.field.item!);
  return present(
    leaf,
    (value) => {
      const wanted = (leaf.op === 'has' ? [value] : (value as Value[])).map(identify);
      const among = (items: Value) => {
        const held = new Set((items as Value[]).map(identify));
        return (item: (typeof wanted)[number]) => held.has(item);
      };
      return leaf.op === 'hasAny' ? (items) => wanted.some(among(items)) : (items) => wanted.every(among(items));
    },
    leaf.slot,
  );
}
