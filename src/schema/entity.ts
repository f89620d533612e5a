import type { Issue } from '../errors/data.js';
import { ValidationError } from '../errors/data.js';
import { systemClock } from '../util/clock.js';
import { type BuildOptions, buildModel } from './build-model.js';
import type { ValueOf, Without } from './composites.js';
import type { Fields, Hidden } from './field.js';
import type { Index } from './index-spec.js';
import type { EntityModel, FieldModel, StoredRow } from './model.js';
import { draftIssues } from './parse.js';
import { type StandardResult, segmentsOf } from './standard.js';
import type { Entity, FieldAt, Path2, Seen } from './types.js';

/** What an entity says beside its fields. */
export interface EntityOptions<F extends Fields, C, K, U, T extends string = Seen<F>> {
  /** The fields of a composite key, in order. A single key is marked by `primaryKey()` on its field. */
  readonly primaryKey?: K | undefined;
  /** Sets of fields that are unique together: `[['authorId', 'slug']]`. */
  readonly unique?: U | undefined;
  // Written in place, like the unions of names of `Entity`: a named alias would print instead of the names.
  readonly indexes?:
    | readonly Index<
        | (keyof F & string)
        | {
            [K in keyof F & string]: F[K] extends { readonly '~fields': infer G } ? `${K}.${Path2<G>}` : never;
          }[keyof F & string]
      >[]
    | undefined;
  /** The texts that `search()` looks through, and how much each weighs: A most, D least. */
  readonly search?:
    | { readonly [P in T]?: FieldAt<F, P> extends Hidden ? 'must be a text that is not hidden' : 'A' | 'B' | 'C' | 'D' }
    | undefined;
  /** Values made from a whole row when it is read; not stored, not filtered. */
  readonly computed?:
    | { readonly [N in keyof C]: (row: { [P in Without<F, Hidden>]: ValueOf<F[P]> }) => C[N] }
    | undefined;
  /** How columns are named. @default the database's own `naming`, which is 'snake' on PostgreSQL and 'as-written' on MongoDB */
  readonly naming?: 'snake' | 'as-written' | undefined;
  /** 'column' leaves an existing table's collation alone; then the order of texts is the server's. @default 'C' */
  readonly collation?: 'C' | 'column' | undefined;
}

/**
 * Says what the data is: names, types, rules, keys and indexes, for every engine and every verb.
 *
 * ```ts
 * export const User = entity('users', {
 *   id: uuid().primaryKey(),
 *   email: text().trim().lowercase().email().unique(),
 *   role: enumOf('user', 'admin').default('user'),
 *   ...timestamps(),
 * })
 * export type User = Row<typeof User>
 * ```
 * `name` is the table or collection; `blog.posts` is the table `posts` of the schema `blog`.
 * @throws ValidationError that lists everything that is wrong with the definition
 */
export function entity<
  F extends Fields,
  C = {},
  const K extends readonly (keyof F & string)[] = readonly [],
  const U extends readonly (readonly (keyof F & string)[])[] = readonly [],
  const T extends (keyof F & string) | `${keyof F & string}.${string}` = never,
>(name: string, fields: F, options?: EntityOptions<F, C, K, U, T>): Entity<F, C, K, U, T> {
  const model = buildModel(name, fields, (options ?? {}) as BuildOptions);
  const made = {
    name,
    fields: Object.freeze({ ...fields }),
    '~model': model,
    '~computed': Object.freeze({ ...options?.computed }),
    '~standard': Object.freeze({ version: 1, vendor: 'trivet', validate: (value: unknown) => validate(model, value) }),
  };
  return Object.freeze(made) as unknown as Entity<F, C, K, U, T>;
}

/** Gives the draft as it would be inserted, without what `generated()` still has to make. */
function validate(model: EntityModel, value: unknown): StandardResult<Record<string, unknown>> {
  const issues: Issue[] = [];
  const { row } = draftIssues(model, value, systemClock.now(), issues);
  if (issues.length > 0) {
    return { issues: issues.map(({ path, message }) => ({ message, path: segmentsOf(path) })) };
  }
  // A required field that is null is `generated()`, and not given.
  return {
    value: Object.fromEntries(model.fields.filter((field) => isGiven(field, row)).map(({ name }) => [name, row[name]])),
  };
}

function isGiven({ name, optional }: FieldModel, row: StoredRow): boolean {
  return Object.hasOwn(row, name) && (optional || row[name] !== null);
}

/** The model of an entity; throws for anything else. */
export function modelOf(entity: unknown): EntityModel {
  const model = (entity as { readonly '~model'?: EntityModel } | null | undefined)?.['~model'];
  if (typeof model === 'object' && model !== null) return model;
  throw new ValidationError('entity', [{ path: '', message: 'must be an entity, made by `entity()`' }]);
}
