import type { Clause, Keyset, Leaf, ListLeaf, TextLeaf } from '../query/clause.js';
import { successor } from '../util/text.js';
import type { BsonTypes, Document } from './client.js';
import { encoderOf } from './fields.js';
import type { Names } from './names.js';

/** Where a field is: in a document, or in what a pipeline made. */
export type Paths = Pick<Names, 'path'>;

/** From the values of a command to its filter. */
export type FilterOf = (values: readonly unknown[]) => Document;

/**
 * Compiles a filter. A value stands under an operator, so that it can never be one; only the key, which is a text or a BSON
 * class, stands alone: the server goes straight to its index then, and with `$eq` it does not.
 */
export function compileWhere(clause: Clause, names: Paths, bson: BsonTypes): FilterOf {
  switch (clause.op) {
    case 'and':
      return conjunction(clause.clauses, names, bson);
    case 'or': {
      // The server refuses an empty `$or`.
      if (clause.clauses.length === 0) return () => ({ _id: { $in: [] } });
      const parts = clause.clauses.map((each) => compileWhere(each, names, bson));
      if (parts.length === 1) return parts[0]!;
      const bound = boundOf(clause.keyset, names, bson);
      return (values) => ({ ...bound?.(values), $or: parts.map((part) => part(values)) });
    }
    case 'not': {
      const inner = compileWhere(clause.clause, names, bson);
      return (values) => ({ $nor: [inner(values)] });
    }
    default: {
      const path = names.path(clause.field);
      const test = compileLeaf(clause, path, bson);
      return (values) => ({ [path]: test(values) });
    }
  }
}

/**
 * A bound on the first field of a keyset, beside its alternatives: with it the server can walk one index in the order, where it would
 * otherwise look the alternatives up in other indexes and sort what it found.
 */
function boundOf(keyset: Keyset | undefined, names: Paths, bson: BsonTypes): FilterOf | null {
  const first = keyset?.[0];
  if (first === undefined || first.slot < 0) return null;
  const { field, direction, slot } = first;
  if (direction === 'desc' && field.nullable) return null;
  return compileWhere({ op: direction === 'asc' ? 'gte' : 'lte', field, slot }, names, bson);
}

/** One document where each leaf has a path of its own, which means the same as `$and` and is what the server plans fastest. */
function conjunction(clauses: readonly Clause[], names: Paths, bson: BsonTypes): FilterOf {
  if (clauses.length === 0) return () => ({});
  const tests: (readonly [string, (values: readonly unknown[]) => unknown])[] = [];
  const rest: FilterOf[] = [];
  const taken = new Set<string>();
  for (const clause of clauses) {
    if (isLeaf(clause) && !taken.has(names.path(clause.field))) {
      const path = names.path(clause.field);
      taken.add(path);
      tests.push([path, compileLeaf(clause, path, bson)]);
    } else rest.push(compileWhere(clause, names, bson));
  }
  return (values) => {
    const filter: Document = {};
    for (const [path, test] of tests) filter[path] = test(values);
    if (rest.length > 0) filter['$and'] = rest.map((part) => part(values));
    return filter;
  };
}

function isLeaf(clause: Clause): clause is Leaf {
  return clause.op !== 'and' && clause.op !== 'or' && clause.op !== 'not';
}

function compileLeaf(leaf: Leaf, path: string, bson: BsonTypes): (values: readonly unknown[]) => unknown {
  switch (leaf.op) {
    case 'isNull':
      return () => ({ $eq: null });
    case 'isNotNull':
      return () => ({ $ne: null });
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return compileText(leaf);
    case 'has':
    case 'hasAny':
    case 'hasAll':
      return compileList(leaf, bson);
    case 'anyOf':
    case 'noneOf': {
      const operator = leaf.op === 'anyOf' ? '$in' : '$nin';
      const encode = encoderOf(leaf.field, bson);
      return (values) => ({ [operator]: (values[leaf.slot] as readonly unknown[]).map(encode) });
    }
    default: {
      const operator = `$${leaf.op}`;
      const encode = encoderOf(leaf.field, bson);
      if (path === '_id' && leaf.op === 'eq') return (values) => encode(values[leaf.slot]);
      return (values) => ({ [operator]: encode(values[leaf.slot]) });
    }
  }
}

function compileList(leaf: ListLeaf, bson: BsonTypes): (values: readonly unknown[]) => unknown {
  const encode = encoderOf(leaf.field.item!, bson);
  if (leaf.op === 'has') return (values) => ({ $eq: encode(values[leaf.slot]) });
  const operator = leaf.op === 'hasAny' ? '$in' : '$all';
  return (values) => ({ [operator]: (values[leaf.slot] as readonly unknown[]).map(encode) });
}

function compileText({ op, slot, ignoreCase }: TextLeaf): (values: readonly unknown[]) => unknown {
  if (op === 'startsWith' && !ignoreCase) {
    return (values) => {
      const prefix = values[slot] as string;
      const bound = successor(prefix);
      return bound === null ? { $gte: prefix } : { $gte: prefix, $lt: bound };
    };
  }
  const literal = ignoreCase ? escapeFolded : escapePattern;
  const head = op === 'startsWith' ? '^' : '';
  // `$` would also match before a line feed at the end.
  const tail = op === 'endsWith' ? '\\z' : '';
  return (values) => ({ $regex: head + literal(values[slot] as string) + tail });
}

/** A pattern that matches the text literally. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/#-]/g, '\\$&');
}

// The server's own option would fold beyond ASCII: `k` would find the Kelvin sign, `s` the long s. Those two get a class of
// their own; for each other letter a class would cost too much (3,000 of them are refused), so runs share one group.
const RUNS = /([A-JL-RT-Za-jl-rt-z]+)|([KSks])|([^A-Za-z]+)/g;

/** A pattern that matches the text literally, with A-Z as a-z and no other folding. */
export function escapeFolded(text: string): string {
  return text.replace(RUNS, (_, run?: string, letter?: string, other?: string) => {
    if (run !== undefined) return `(?i:${run})`;
    if (letter !== undefined) return `[${letter.toLowerCase()}${letter.toUpperCase()}]`;
    return escapePattern(other!);
  });
}
