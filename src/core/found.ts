import type { AnyEntity } from '../schema/types.js';

type Head<S extends string> = S extends `${infer K}.${string}` ? K : S;
type Tail<S, K extends string> = S extends `${K}.${infer Rest}` ? Rest : never;
type Chosen<R, S> = R extends null
  ? null
  : { [K in Head<S & string> & keyof R]: K extends S ? R[K] : Chosen<R[K], Tail<S, K & string>> };

/**
 * What a read gives: the entity's row, or what `select` names of it, with the hidden fields that `reveal` names.
 *
 * Without either it is the row itself, at no cost; a mapped type in the branch of a conditional has no alias, so an editor shows its members.
 */
export type Found<E extends AnyEntity, S extends string, H extends PropertyKey> = [S | H] extends [never]
  ? E['~row']
  : {
      [K in ([S] extends [never] ? keyof E['~row'] : Head<S>) | H]: K extends H
        ? E['~hidden'][K]
        : [S] extends [never]
          ? E['~row'][K & keyof E['~row']]
          : K extends S
            ? E['~row'][K & keyof E['~row']]
            : Chosen<E['~row'][K & keyof E['~row']], Tail<S, K & string>>;
    };
