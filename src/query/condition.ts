import { brand, type ConditionData } from './brand.js';

/**
 * A test of one field, made by `gte(18)`, `anyOf('a', 'b')` and the other functions of this module, never by JSON.
 * `Kind` says which fields take it, `T` is its operand.
 */
export class Condition<out Kind extends string, out T> {
  declare private readonly kind: Kind;
  declare private readonly operand: T;

  private constructor(data: ConditionData) {
    brand(this, data);
    Object.freeze(this);
  }

  /** @internal */
  static make<Kind extends string, T>(
    op: ConditionData['op'],
    operands: readonly unknown[],
    ignoreCase = false,
  ): Condition<Kind, T> {
    return new Condition({ type: 'condition', op, operands, ignoreCase });
  }
}

/** Values that have an order. */
export type Ordered = number | bigint | string | Date;

/** How a text is matched. */
export interface TextOptions {
  /** Folds A-Z and nothing else, the same on every engine. @default false */
  readonly ignoreCase?: boolean | undefined;
}

/** The field equals the value. The plain value says the same: `{ role: 'admin' }`. */
export function eq<const T>(value: T): Condition<'equal', T> {
  return Condition.make('eq', [value]);
}

/** The complement of `eq`: also true where the field is null. */
export function ne<const T>(value: T): Condition<'equal', T> {
  return Condition.make('ne', [value]);
}

/** The field equals one of the values, of which one may be null. `anyOf()` is true for no row. */
export function anyOf<const T>(...values: T[]): Condition<'equal', T> {
  return Condition.make('anyOf', values);
}

/** The complement of `anyOf`: also true where the field is null, unless null is one of the values. `noneOf()` is true for every row. */
export function noneOf<const T>(...values: T[]): Condition<'equal', T> {
  return Condition.make('noneOf', values);
}

/** Greater than; false where the field is null. */
export function gt<const T extends Ordered>(value: T): Condition<'order', T> {
  return Condition.make('gt', [value]);
}

/** Greater than or equal; false where the field is null. */
export function gte<const T extends Ordered>(value: T): Condition<'order', T> {
  return Condition.make('gte', [value]);
}

/** Less than; false where the field is null. */
export function lt<const T extends Ordered>(value: T): Condition<'order', T> {
  return Condition.make('lt', [value]);
}

/** Less than or equal; false where the field is null. */
export function lte<const T extends Ordered>(value: T): Condition<'order', T> {
  return Condition.make('lte', [value]);
}

/** From `low` to `high`, both included; false where the field is null. */
export function between<const T extends Ordered>(low: T, high: T): Condition<'order', T> {
  return Condition.make('between', [low, high]);
}

/** The text holds `part`, literally; at most 1,000 code points. */
export function contains(part: string, options?: TextOptions): Condition<'text', string> {
  return textCondition('contains', part, options);
}

/** The text begins with `part`, literally. With case, an ordinary index serves it. */
export function startsWith(part: string, options?: TextOptions): Condition<'text', string> {
  return textCondition('startsWith', part, options);
}

/** The text ends with `part`, literally. */
export function endsWith(part: string, options?: TextOptions): Condition<'text', string> {
  return textCondition('endsWith', part, options);
}

function textCondition(
  op: ConditionData['op'],
  part: string,
  options: TextOptions | undefined,
): Condition<'text', string> {
  return Condition.make(op, [part], options?.ignoreCase === true);
}

/** The field has no value. `null` says the same: `{ age: null }`. */
export function isNull(): Condition<'null', null> {
  return Condition.make('isNull', []);
}

/** The field has a value. */
export function isNotNull(): Condition<'null', null> {
  return Condition.make('isNotNull', []);
}

/** The list holds the item. */
export function has<const T>(item: T): Condition<'list', T> {
  return Condition.make('has', [item]);
}

/** The list holds at least one of the items. `hasAny()` is true for no row. */
export function hasAny<const T>(...items: T[]): Condition<'list', T> {
  return Condition.make('hasAny', items);
}

/** The list holds every item. `hasAll()` is true for every row whose list is not null. */
export function hasAll<const T>(...items: T[]): Condition<'list', T> {
  return Condition.make('hasAll', items);
}
