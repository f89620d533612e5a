import type { GeoPointField, InputOf, ValueOf, With, Without } from './composites.js';
import type { AnyField, Defaulted, Fence, Fields, Hidden, Optional, PrimaryKey, Unique, Version } from './field.js';
import type { Direction, EntityModel } from './model.js';
import type { DateField, TextField, TimestampField, UuidField } from './scalars.js';

/** Dotted paths: three levels written out, no counter, no recursion over values. */
export type Path<F> =
  | (keyof F & string)
  | { [K in keyof F & string]: F[K] extends { readonly '~fields': infer G } ? `${K}.${Path2<G>}` : never }[keyof F &
      string];
/** Those of two levels. */
export type Path2<F> =
  | (keyof F & string)
  | {
      [K in keyof F & string]: F[K] extends { readonly '~fields': infer G } ? `${K}.${keyof G & string}` : never;
    }[keyof F & string];

/** The paths that may leave: all but hidden ones. `where` alone takes every path (a reset token is hidden and looked up). */
export type Seen<F> = {
  [P in keyof F & string]: F[P] extends Hidden
    ? never
    : F[P] extends { readonly '~fields': infer G }
      ? P | `${P}.${Path2<G>}`
      : P;
}[keyof F & string];

/** The field at a path; what lies in an optional object is optional. */
export type FieldAt<F, P> = P extends keyof F
  ? F[P]
  : P extends `${infer K}.${infer Rest}`
    ? K extends keyof F
      ? F[K] extends { readonly '~fields': infer G }
        ? F[K] extends Optional
          ? FieldAt<G, Rest> & Optional
          : FieldAt<G, Rest>
        : never
      : never
    : never;

type Filter<X> = X extends AnyField ? X['~where'] | (X extends Optional ? X['~null'] : never) : never;
type Patched<X> = X extends AnyField ? X['~input'] | X['~patch'] | (X extends Optional ? null : never) : never;
interface Numeric {
  readonly '~numeric': true;
}
interface ScalarList {
  readonly '~value': readonly (string | number | bigint | boolean | Date)[];
}
type Sortable = Numeric | TimestampField | DateField | TextField | UuidField;

/** What every entity has, whatever its fields. */
export interface AnyEntity {
  readonly name: string;
  readonly fields: any;
  readonly '~model': EntityModel;
  readonly '~computed': Readonly<Record<string, (row: any) => unknown>>;
  readonly '~row': any;
  readonly '~hidden': any;
  readonly '~insert': any;
  readonly '~patch': any;
  readonly '~where': any;
  readonly '~id': any;
  readonly '~keyed': any;
  readonly '~orderBy': any;
  readonly '~paths': any;
  readonly '~path': any;
  readonly '~select': any;
  readonly '~unique': any;
  readonly '~text': any;
  readonly '~geo': any;
  readonly '~time': any;
  readonly '~number': any;
  readonly '~order': any;
  readonly '~items': any;
  readonly '~search': any;
  readonly '~version': any;
  readonly '~fence': any;
  readonly '~engines': any;
}

/**
 * What the data is, made by `entity()`. The types that follow from the fields are members, not generic aliases: they are
 * lazy, computed once per entity, and print as what they are. Only `name`, `fields`, `~model`, `~computed` and
 * `~standard` exist at run time.
 */
export interface Entity<
  F extends Fields,
  C = {},
  K extends readonly (keyof F)[] = readonly [],
  U extends readonly unknown[] = readonly [],
  T extends string = never,
> {
  readonly name: string;
  readonly fields: F;
  /** @internal */
  readonly '~model': EntityModel;
  /** @internal */
  readonly '~computed': Readonly<Record<string, (row: any) => unknown>>;
  readonly '~row': {
    [P in { [N in keyof F]: F[N] extends Hidden ? never : N }[keyof F] | keyof C]: P extends keyof F
      ? ValueOf<F[P]>
      : P extends keyof C
        ? C[P]
        : never;
  };
  readonly '~hidden': { [P in With<F, Hidden>]: ValueOf<F[P]> };
  readonly '~insert': { [P in Without<F, Defaulted | Optional>]: InputOf<F[P]> } & {
    [P in With<F, Defaulted | Optional>]?: InputOf<F[P]>;
  };
  readonly '~patch': {
    [P in Exclude<Path<F>, With<F, PrimaryKey | Version | Fence> | K[number]>]?: Patched<FieldAt<F, P>>;
  };
  readonly '~where': {
    [P in Path<F> | '~group']?: P extends '~group' ? (entity: Entity<F, C, K, U, T>) => void : Filter<FieldAt<F, P>>;
  };
  readonly '~id': K extends readonly [] ? F[With<F, PrimaryKey>]['~value'] : { [P in K[number]]: F[P]['~value'] };
  /** The key as fields of a row. */
  readonly '~keyed': K extends readonly [] ? { [P in With<F, PrimaryKey>]: F[P]['~value'] } : Entity<F, C, K, U>['~id'];
  readonly '~orderBy': { readonly [P in Seen<F>]?: Direction };
  readonly '~paths': { readonly [P in Path<F>]: FieldAt<F, P> };
  // Unions of names are written in place: a named alias would print instead of the names.
  readonly '~path': {
    [P in keyof F & string]: F[P] extends Hidden
      ? never
      : F[P] extends { readonly '~fields': infer G }
        ? P | `${P}.${Path2<G>}`
        : P;
  }[keyof F & string];
  readonly '~select': Entity<F, C, K, U, T>['~path'] | (keyof C & string);
  readonly '~unique':
    | { [P in keyof F]: F[P] extends Unique ? P : never }[keyof F]
    | U[number]
    | (K extends readonly [] ? never : K);
  readonly '~text': { [P in Seen<F>]: FieldAt<F, P> extends TextField ? P : never }[Seen<F>];
  readonly '~geo': {
    [P in Entity<F, C, K, U>['~path']]: FieldAt<F, P> extends GeoPointField ? P : never;
  }[Entity<F, C, K, U>['~path']];
  readonly '~time': { [P in Seen<F>]: FieldAt<F, P> extends TimestampField ? P : never }[Seen<F>];
  readonly '~number': { [P in Seen<F>]: FieldAt<F, P> extends Numeric ? P : never }[Seen<F>];
  readonly '~order': { [P in Seen<F>]: FieldAt<F, P> extends Sortable ? P : never }[Seen<F>];
  readonly '~items': { [P in Seen<F>]: FieldAt<F, P> extends ScalarList ? P : never }[Seen<F>];
  /** The fields that `search()` looks through. */
  readonly '~search': T;
  /** What `{ version }` takes: a number where the entity has `versioned()`, else nothing. */
  readonly '~version': [With<F, Version>] extends [never] ? never : number;
  /** What `{ fence }` takes: a bigint where the entity has `fenced()`, else nothing. */
  readonly '~fence': [With<F, Fence>] extends [never] ? never : bigint;
  /** `string` when every field works on any engine, else the names of the engines on which all do. */
  readonly '~engines': keyof F[keyof F]['~engines'] & string;
  /** A draft as a Standard Schema (version 1): forms, Hono, tRPC and others take the entity as it is. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'trivet';
    readonly validate: (value: unknown) => any;
    readonly types?:
      | { readonly input: Entity<F, C, K, U, T>['~insert']; readonly output: Entity<F, C, K, U, T>['~insert'] }
      | undefined;
  };
}

/** A row as reads give it, without hidden fields: `type User = Row<typeof User>`. */
export type Row<E extends AnyEntity> = E['~row'];
/** What `insert` takes. */
export type Insert<E extends AnyEntity> = E['~insert'];
/** What `update` takes. */
export type Patch<E extends AnyEntity> = E['~patch'];
/** What a hook sees of a write, and gives back: plain values of fields, and of dotted paths in a patch. */
export type Change<E extends AnyEntity> = { -readonly [P in keyof E['~paths']]?: InputOf<E['~paths'][P]> };
/** A filter. */
export type Where<E extends AnyEntity> = E['~where'];
/** The primary key: a value, or an object of a composite key's fields. */
export type Id<E extends AnyEntity> = E['~id'];

type Shared = '~row' | '~insert' | '~patch' | '~orderBy' | '~paths';

/**
 * Any entity that has these fields, among others: what a base class of an application asks of its entities. Fields of other names it leaves
 * alone; those that are named here have their types in rows, filters, drafts, patches and orders.
 *
 * @example
 * ```ts
 * import { entity, type EntityWith, MemoryDatabase, Repository, text, timestamps, uuid } from 'trivet';
 *
 * const owned = { owner: text().max(40), ...timestamps() };
 *
 * abstract class OwnedRepository<E extends EntityWith<typeof owned>> extends Repository<E> {
 *   latestOf(owner: string) {
 *     return this.find({ owner }, { orderBy: { createdAt: 'desc' }, limit: 10 });
 *   }
 * }
 *
 * const Note = entity('notes', { id: uuid().primaryKey(), body: text(), ...owned });
 * class Notes extends OwnedRepository<typeof Note> {}
 * const [note] = await new Notes(new MemoryDatabase(), Note).latestOf('ann');
 * console.log(note?.body);
 * ```
 */
export type EntityWith<F extends Fields> = Omit<AnyEntity, Shared | '~where' | '~version' | '~fence'> &
  Pick<Entity<F>, Shared> & {
    // A group of the fields alone would fit no entity: `or<E>(...)` makes one of the class's.
    readonly '~where': Omit<Entity<F>['~where'], '~group'> & { readonly '~group'?: any };
    // Where it is not among the fields, the entity may have it all the same.
    readonly '~version': [Entity<F>['~version']] extends [never] ? any : number;
    readonly '~fence': [Entity<F>['~fence']] extends [never] ? any : bigint;
  };
