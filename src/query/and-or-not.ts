import type { AnyEntity, Where } from '../schema/types.js';
import { brand, type GroupData } from './brand.js';

/** Clauses joined by `and`, `or` or `not`: stands wherever a filter stands. */
export class Group<in E> {
  declare readonly '~group': (entity: E) => void;

  private constructor(data: GroupData) {
    brand(this, data);
    Object.freeze(this);
  }

  /** @internal */
  static make<E>(op: GroupData['op'], clauses: readonly unknown[]): Group<E> {
    return new Group<E>({ type: 'group', op, clauses });
  }
}

/** True where every clause is; `and()` is true for every row. Typed by where it stands; alone: `and<typeof User>(...)`. */
export function and<E extends AnyEntity = never>(...clauses: Where<NoInfer<E>>[]): Group<E> {
  return Group.make('and', clauses);
}

/** True where at least one clause is; `or()` is true for no row. Typed by where it stands; alone: `or<typeof User>(...)`. */
export function or<E extends AnyEntity = never>(...clauses: Where<NoInfer<E>>[]): Group<E> {
  return Group.make('or', clauses);
}

/** The complement: every row where the clause is not true, those with null included. */
export function not<E extends AnyEntity = never>(clause: Where<NoInfer<E>>): Group<E> {
  return Group.make('not', [clause]);
}
