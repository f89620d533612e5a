import { brand, type OperatorData } from './brand.js';
import type { Ordered } from './condition.js';

/**
 * A change that the server computes from the value that is there, made by `increment(1)`, `push('x')` and the other
 * functions of this module, never by JSON.
 */
export class UpdateOperator<out Kind extends string, out T> {
  declare private readonly kind: Kind;
  declare private readonly operand: T;

  private constructor(data: OperatorData) {
    brand(this, data);
    Object.freeze(this);
  }

  /** @internal */
  static make<Kind extends string, T>(op: OperatorData['op'], operands: readonly unknown[]): UpdateOperator<Kind, T> {
    return new UpdateOperator({ type: 'operator', op, operands });
  }
}

/** Adds to a number, atomically; from 0 where there is none. Negative to subtract. */
export function increment<const T extends number | bigint | string>(by: T): UpdateOperator<'increment', T> {
  return UpdateOperator.make('increment', [by]);
}

/** Keeps the smaller of the value that is there and this one; takes this one where there is none. */
export function minimum<const T extends Ordered>(value: T): UpdateOperator<'bound', T> {
  return UpdateOperator.make('minimum', [value]);
}

/** Keeps the greater of the value that is there and this one; takes this one where there is none. */
export function maximum<const T extends Ordered>(value: T): UpdateOperator<'bound', T> {
  return UpdateOperator.make('maximum', [value]);
}

/** Puts the items behind the list; from the empty list where there is none. */
export function push<const T>(...items: T[]): UpdateOperator<'list', T> {
  return UpdateOperator.make('push', items);
}

/** Takes every occurrence of the items out of the list. A list of objects has no `pull`: objects have no equality. */
export function pull<const T>(...items: T[]): UpdateOperator<'list', T> {
  return UpdateOperator.make('pull', items);
}

/** Puts each item that is not in the list yet behind it. A list of objects has no `addToSet`: objects have no equality. */
export function addToSet<const T>(...items: T[]): UpdateOperator<'list', T> {
  return UpdateOperator.make('addToSet', items);
}
