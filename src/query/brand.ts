/**
 * Marks the values that only the library's functions make. A symbol cannot come out of JSON, and `Symbol.for` makes the
 * mark the same in the ESM and the CJS copy of the package.
 */
const DATA: unique symbol = Symbol.for('trivet.query');

/** What `gte(18)` and the like were told. */
export interface ConditionData {
  readonly type: 'condition';
  readonly op:
    | 'eq'
    | 'ne'
    | 'gt'
    | 'gte'
    | 'lt'
    | 'lte'
    | 'between'
    | 'anyOf'
    | 'noneOf'
    | 'contains'
    | 'startsWith'
    | 'endsWith'
    | 'isNull'
    | 'isNotNull'
    | 'has'
    | 'hasAny'
    | 'hasAll';
  readonly operands: readonly unknown[];
  readonly ignoreCase: boolean;
}

/** What `and`, `or` and `not` were told. */
export interface GroupData {
  readonly type: 'group';
  readonly op: 'and' | 'or' | 'not';
  readonly clauses: readonly unknown[];
}

/** What `increment(1)` and the like were told. */
export interface OperatorData {
  readonly type: 'operator';
  readonly op: 'increment' | 'minimum' | 'maximum' | 'push' | 'pull' | 'addToSet';
  readonly operands: readonly unknown[];
}

/** What `sum('amount')` and the like were told. */
export interface MeasureData {
  readonly type: 'measure';
  readonly op: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'countDistinct';
  readonly path: unknown;
}

/** What `bucket` was told. */
export interface BucketData {
  readonly type: 'bucket';
  readonly path: unknown;
  readonly unit: unknown;
  readonly timeZone: unknown;
}

/** What `each` was told. */
export interface EachData {
  readonly type: 'each';
  readonly path: unknown;
}

/** What any value of the library was told, unchecked. */
export type BrandedData = ConditionData | GroupData | OperatorData | MeasureData | BucketData | EachData;

/** Puts the data behind the mark, out of sight of JSON, `Object.keys` and spreads. */
export function brand(target: object, data: BrandedData): void {
  Object.defineProperty(target, DATA, { value: data });
}

/** The data behind the mark, or undefined for every other value. */
export function branded(value: unknown): BrandedData | undefined {
  return typeof value === 'object' && value !== null ? (value as { [DATA]?: BrandedData })[DATA] : undefined;
}
