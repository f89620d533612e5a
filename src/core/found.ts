import type { AnyEntity } from '../schema/types.js';

type Head<S extends string> = S extends `${infer K}.${string}` ? K : S;
type Tail<S, K extends string> = S extends `${K}.${infer Rest}` ? Rest : never;
type Chosen<R, S> = R extends null
  ? null
  : { [K in Head<S & string> & keyof R]: K extends S ? R[K] : Chosen<R[K], Tail<S, K & string>> };

/**
 * Rows of another repository that a read brings along: made by `belongsTo`, `hasOne`, `hasMany`, `manyToMany` and `belongsToMany`, and named by
 * `include`. It is a value: keep it where it is used often. `By` is the field of the including row that it needs, `R` what a row gets.
 */
export interface Relation<out By extends string, out R> {
  readonly '~by': By;
  readonly '~related': R;
}

/** Relations by name: what `include` takes. */
export interface Includes {
  readonly [name: string]: Relation<string, unknown>;
}

/** Refuses relations that take the name of a field, and those that go by a field that the row has not. Nothing is paid for without relations. */
export type Fitting<E extends AnyEntity, I> = {
  readonly [K in keyof I]: K extends keyof E['~row'] ? never : Relation<keyof E['~row'] & string, unknown>;
};

/** The names of relations; none where `include` is undefined: what is inferred of that is any name. */
type NameOf<I> = string extends keyof I ? never : keyof I;

/**
 * What a read gives: the entity's row, or what `select` names of it, with the hidden fields that `reveal` names and the relations of `include`.
 *
 * `NoInfer`: where a result is passed on, the compiler would look for relations in the type that is expected there.
 * Without any of them it is the row itself, at no cost; a mapped type in the branch of a conditional has no alias, so an editor shows its members.
 */
export type Found<E extends AnyEntity, S extends string, H extends PropertyKey, I extends Includes = {}> = [
  S | H | NameOf<I>,
] extends [never]
  ? E['~row']
  : {
      [K in ([S] extends [never] ? keyof E['~row'] : Head<S>) | H | NameOf<NoInfer<I>>]: K extends keyof I
        ? I[K]['~related']
        : K extends H
          ? E['~hidden'][K]
          : [S] extends [never]
            ? E['~row'][K & keyof E['~row']]
            : K extends S
              ? E['~row'][K & keyof E['~row']]
              : Chosen<E['~row'][K & keyof E['~row']], Tail<S, K & string>>;
    };

/** What a search gives: a row, and its rank. Scores compare within one result, and on one engine, only. */
export type Ranked<E extends AnyEntity, S extends string, H extends PropertyKey, I extends Includes = {}> = Found<
  E,
  S,
  H,
  I
> & { score: number };
