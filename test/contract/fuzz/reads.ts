import fc from 'fast-check';
import { PATHS } from './entities.js';
import { hostileText, IDS, orNull, pathsOf, someValue } from './generators.js';

// Programs are plain data, so that a counterexample can be read and shrunk; `interpret.ts` turns them into calls.

const ORDERED = pathsOf('integer', 'real', 'text', 'timestamp', 'date', 'decimal', 'bigint', 'uuid');
const SCALARS = pathsOf('integer', 'real', 'text', 'boolean', 'enum', 'timestamp', 'date', 'decimal', 'bigint', 'uuid');
const TEXTS = pathsOf('text');
const LISTS = pathsOf('texts', 'integers');
const NULLABLE = Object.keys(PATHS).filter((path) => path !== 'id' && path !== 'b');
/** A value, or the value that the stored row of that number has at the path, so that filters find something. */
export type Operand = { readonly value: unknown } | { readonly stored: number };

const operand = (path: string): fc.Arbitrary<Operand> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ stored: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ value: someValue(path) }) },
  );

/** A text, or a part of the text that a stored row has at the path, with the case of its letters toggled or not. */
export type Pattern =
  | { readonly text: string }
  | { readonly stored: number; readonly from: number; readonly to: number; readonly toggled: boolean };

const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ text: hostileText }) },
  { weight: 4, arbitrary: fc.record({ stored: fc.nat(9), from: fc.nat(5), to: fc.nat(5), toggled: fc.boolean() }) },
);

export type WhereSpec =
  | { readonly op: 'and' | 'or'; readonly clauses: readonly WhereSpec[] }
  | { readonly op: 'not'; readonly clause: WhereSpec }
  | {
      readonly op: 'plain' | 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';
      readonly path: string;
      readonly operand: Operand | null;
    }
  | { readonly op: 'between'; readonly path: string; readonly low: Operand; readonly high: Operand }
  | {
      readonly op: 'anyOf' | 'noneOf' | 'hasAny' | 'hasAll';
      readonly path: string;
      readonly operands: readonly (Operand | null)[];
    }
  | { readonly op: 'has'; readonly path: string; readonly operand: Operand }
  | { readonly op: 'isNull' | 'isNotNull'; readonly path: string }
  | {
      readonly op: 'contains' | 'startsWith' | 'endsWith';
      readonly path: string;
      readonly pattern: Pattern;
      readonly ignoreCase: boolean;
    };

const nullable = (path: string): boolean => NULLABLE.includes(path);

export const textLeaf: fc.Arbitrary<WhereSpec> = fc.record({
  op: fc.constantFrom('contains' as const, 'startsWith' as const, 'endsWith' as const),
  path: fc.constantFrom(...TEXTS),
  pattern,
  ignoreCase: fc.boolean(),
});

const leaf: fc.Arbitrary<WhereSpec> = fc.oneof(
  fc.constantFrom(...SCALARS, ...LISTS).chain((path) =>
    fc.record({
      op: fc.constantFrom('plain' as const, 'eq' as const, 'ne' as const),
      path: fc.constant(path),
      operand: nullable(path) ? orNull(operand(path)) : operand(path),
    }),
  ),
  fc.constantFrom(...ORDERED).chain((path) =>
    fc.record({
      op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
      path: fc.constant(path),
      operand: operand(path),
    }),
  ),
  fc.constantFrom(...ORDERED).chain((path) =>
    fc.record({
      op: fc.constant('between' as const),
      path: fc.constant(path),
      low: operand(path),
      high: operand(path),
    }),
  ),
  fc.constantFrom(...SCALARS).chain((path) =>
    fc.record({
      op: fc.constantFrom('anyOf' as const, 'noneOf' as const),
      path: fc.constant(path),
      operands: fc.array(nullable(path) ? orNull(operand(path)) : operand(path), { maxLength: 3 }),
    }),
  ),
  fc.record({ op: fc.constantFrom('isNull' as const, 'isNotNull' as const), path: fc.constantFrom(...NULLABLE) }),
  fc
    .constantFrom(...LISTS)
    .chain((path) =>
      fc.record({ op: fc.constant('has' as const), path: fc.constant(path), operand: itemOperand(path) }),
    ),
  fc.constantFrom(...LISTS).chain((path) =>
    fc.record({
      op: fc.constantFrom('hasAny' as const, 'hasAll' as const),
      path: fc.constant(path),
      operands: fc.array(itemOperand(path), { maxLength: 3 }),
    }),
  ),
  textLeaf,
  textLeaf,
);

function itemOperand(path: string): fc.Arbitrary<Operand> {
  const item =
    PATHS[path] === 'texts'
      ? fc.constantFrom('a', 'b', 'A', '', 'null', '{a}', '"', '\\', 'é')
      : fc.constantFrom(0, 1, -1, 2147483648);
  return fc.record({ value: item });
}

export const where: fc.Arbitrary<WhereSpec> = fc.letrec<{ clause: WhereSpec }>((tie) => ({
  clause: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      clauses: fc.array(tie('clause'), { maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), clause: tie('clause') }),
  ),
})).clause;

export type OrderSpec = readonly (readonly [path: string, direction: 'asc' | 'desc'])[];

export const order: fc.Arbitrary<OrderSpec> = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...SCALARS), fc.constantFrom('asc' as const, 'desc' as const)),
  { maxLength: 3, selector: ([path]) => path },
);

const limits = { limit: fc.option(fc.integer({ min: 0, max: 5 })), offset: fc.integer({ min: 0, max: 3 }) };
const deleted = fc.constantFrom(
  'with' as const,
  'with' as const,
  'only' as const,
  undefined,
  undefined,
  undefined,
  undefined,
);

export type ReadSpec =
  | {
      readonly verb: 'find' | 'stream';
      readonly where: WhereSpec;
      readonly order: OrderSpec;
      readonly limit: number | null;
      readonly offset: number;
      readonly select: readonly string[] | null;
      readonly batch: number;
      readonly deleted: 'with' | 'only' | undefined;
    }
  | {
      readonly verb: 'findOne';
      readonly where: WhereSpec;
      readonly order: OrderSpec;
      readonly deleted: 'with' | 'only' | undefined;
    }
  | { readonly verb: 'count' | 'exists'; readonly where: WhereSpec; readonly deleted: 'with' | 'only' | undefined }
  | {
      readonly verb: 'distinct';
      readonly path: string;
      readonly where: WhereSpec;
      readonly deleted: 'with' | 'only' | undefined;
    }
  | { readonly verb: 'findById'; readonly id: string; readonly deleted: 'with' | 'only' | undefined };

export const read: fc.Arbitrary<ReadSpec> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constantFrom('find' as const, 'find' as const, 'find' as const, 'stream' as const),
      where,
      order,
      ...limits,
      select: fc.option(fc.uniqueArray(fc.constantFrom(...Object.keys(PATHS)), { minLength: 1, maxLength: 4 }), {
        freq: 4,
      }),
      batch: fc.integer({ min: 1, max: 4 }),
      deleted,
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('findOne' as const), where, order, deleted }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constantFrom('count' as const, 'exists' as const), where, deleted }) },
  {
    weight: 2,
    arbitrary: fc.record({ verb: fc.constant('distinct' as const), path: fc.constantFrom(...SCALARS), where, deleted }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ verb: fc.constant('findById' as const), id: fc.constantFrom(...IDS.slice(0, 8)), deleted }),
  },
);
