import type { AnyEntity, Where } from '../schema/types.js';
import type { Fitting, Found, Includes, Relation } from './found.js';
import type { DeletedOptions, OrderOptions, SelectOptions } from './options.js';

/** A repository as a relation sees it: comparing whole classes would cost the compiler thousands of steps. */
export interface Has<E extends AnyEntity> {
  readonly entity: E;
  readonly '~repository': true;
}

/** What a relation to at most one row takes. */
export interface RelationOptions<E extends AnyEntity, S, I, H> extends DeletedOptions, SelectOptions<S, H> {
  /** Which of the related rows count. @default all */
  readonly where?: Where<E> | undefined;
  /** Relations of the related rows, at most 10 levels deep. @default none */
  readonly include?: (I & Fitting<E, I>) | undefined;
}

/** What a relation to the first of several rows takes. */
export interface OrderedRelationOptions<E extends AnyEntity, S, I, H>
  extends RelationOptions<E, S, I, H>,
    OrderOptions<E> {}

/** What a relation to a list of rows takes. */
export interface ListRelationOptions<E extends AnyEntity, S, I, H, N> extends OrderedRelationOptions<E, S, I, H> {
  /** Most related rows of each row. @default all @minimum 0 */
  readonly limit?: number | undefined;
  /** Gives the number of related rows instead of the rows; goes with `where` and `deleted` only. @default false */
  readonly count?: N | undefined;
}

// `Symbol.for`: a relation made by the CJS copy of the package is good for the ESM copy; a symbol cannot come out of JSON.
const DATA: unique symbol = Symbol.for('trivet.relation');

/** The function that made a relation. */
export type RelationKind = 'belongsTo' | 'hasOne' | 'hasMany' | 'manyToMany' | 'belongsToMany';

/** What a relation was made of, unchecked: the verb that includes it knows both entities. */
export interface RelationData {
  readonly kind: RelationKind;
  readonly repository: unknown;
  /** A field of the including row; of the related rows (`hasOne`, `hasMany`); of the rows between (`manyToMany`). */
  readonly by: unknown;
  /** `manyToMany`: the repository of the rows between, and their field that names the related row. */
  readonly through: unknown;
  readonly theirs: unknown;
  readonly options: unknown;
}

function relation<By extends string, R>(data: RelationData): Relation<By, R> {
  return Object.freeze(Object.defineProperty({}, DATA, { value: Object.freeze(data) })) as Relation<By, R>;
}

/** The data of a relation, or undefined for every other value. */
export function relationData(value: unknown): RelationData | undefined {
  return typeof value === 'object' && value !== null ? (value as { readonly [DATA]?: RelationData })[DATA] : undefined;
}

/**
 * The row that a field of this one names: `null` where the field has no value, or no row has it.
 *
 * @param by The field of this row. It is compared with the key of the other entity, or with the field that `references()` says.
 * @example
 * ```ts
 * import { belongsTo, entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const database = new MemoryDatabase();
 * const users = new Repository(database, entity('users', { id: uuid().primaryKey(), name: text() }));
 * const posts = new Repository(database, entity('posts', { id: uuid().primaryKey(), authorId: uuid(), title: text() }));
 * const [post] = await posts.find({}, { include: { author: belongsTo(users, 'authorId', { select: ['name'] }) } });
 * console.log(post?.author?.name);
 * ```
 */
export function belongsTo<
  E extends AnyEntity,
  const By extends string,
  const S extends E['~select'] = never,
  I extends Includes = {},
  const H extends keyof E['~hidden'] = never,
>(repository: Has<E>, by: By, options?: RelationOptions<E, S, I, H>): Relation<By, Found<E, S, H, I> | null> {
  return relation({ kind: 'belongsTo', repository, by, through: null, theirs: null, options });
}

/**
 * The first row, in `orderBy` and then by key, whose field names this one; `null` where there is none.
 *
 * @param by The field of the other row.
 * @example
 * ```ts
 * import { entity, hasOne, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const database = new MemoryDatabase();
 * const users = new Repository(database, entity('users', { id: uuid().primaryKey() }));
 * const profiles = new Repository(database, entity('profiles', { id: uuid().primaryKey(), userId: uuid().unique(), bio: text() }));
 * const [user] = await users.find({}, { include: { profile: hasOne(profiles, 'userId') } });
 * console.log(user?.profile?.bio);
 * ```
 */
export function hasOne<
  E extends AnyEntity,
  const S extends E['~select'] = never,
  I extends Includes = {},
  const H extends keyof E['~hidden'] = never,
>(
  repository: Has<E>,
  by: keyof E['~row'] & string,
  options?: OrderedRelationOptions<E, S, I, H>,
): Relation<never, Found<E, S, H, I> | null> {
  return relation({ kind: 'hasOne', repository, by, through: null, theirs: null, options });
}

/**
 * The rows whose field names this one, in `orderBy` and then by key; `limit` is for each row that includes them.
 *
 * @param by The field of the other rows.
 * @example
 * ```ts
 * import { entity, hasMany, MemoryDatabase, Repository, timestamps, uuid } from 'trivet';
 *
 * const database = new MemoryDatabase();
 * const posts = new Repository(database, entity('posts', { id: uuid().primaryKey() }));
 * const comments = new Repository(database, entity('comments', { id: uuid().primaryKey(), postId: uuid(), ...timestamps() }));
 * const latest = hasMany(comments, 'postId', { orderBy: { createdAt: 'desc' }, limit: 5 });
 * const [post] = await posts.find({}, { include: { latest, comments: hasMany(comments, 'postId', { count: true }) } });
 * console.log(post?.latest.length, post?.comments);
 * ```
 */
export function hasMany<
  E extends AnyEntity,
  const S extends E['~select'] = never,
  I extends Includes = {},
  const H extends keyof E['~hidden'] = never,
  N extends boolean = false,
>(
  repository: Has<E>,
  by: keyof E['~row'] & string,
  options?: ListRelationOptions<E, S, I, H, N>,
): Relation<never, N extends true ? number : Found<E, S, H, I>[]> {
  return relation({ kind: 'hasMany', repository, by, through: null, theirs: null, options });
}

/**
 * The rows that rows of a third entity join to this one, each once, in `orderBy` and then by key. Two queries: the rows between, then the related ones.
 *
 * @param through The repository of the rows between; deleted ones do not join.
 * @param ours Its field that names this row.
 * @param theirs Its field that names the related row.
 * @example
 * ```ts
 * import { entity, manyToMany, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const database = new MemoryDatabase();
 * const posts = new Repository(database, entity('posts', { id: uuid().primaryKey() }));
 * const tags = new Repository(database, entity('tags', { id: uuid().primaryKey(), name: text() }));
 * const postTags = new Repository(database, entity('post_tags', { postId: uuid(), tagId: uuid() }, { primaryKey: ['postId', 'tagId'] }));
 * const [post] = await posts.find({}, { include: { tags: manyToMany(tags, postTags, 'postId', 'tagId') } });
 * console.log(post?.tags.map((tag) => tag.name));
 * ```
 */
export function manyToMany<
  E extends AnyEntity,
  J extends AnyEntity,
  const S extends E['~select'] = never,
  I extends Includes = {},
  const H extends keyof E['~hidden'] = never,
  N extends boolean = false,
>(
  repository: Has<E>,
  through: Has<J>,
  ours: keyof J['~row'] & string,
  theirs: keyof J['~row'] & string,
  options?: ListRelationOptions<E, S, I, H, N>,
): Relation<never, N extends true ? number : Found<E, S, H, I>[]> {
  return relation({ kind: 'manyToMany', repository, by: ours, through, theirs, options });
}

/**
 * The rows that a list of this row names, each once, in the order of the list unless `orderBy` says another. Names without a row are left out.
 *
 * @param by The list of this row, such as `categoryIds`.
 * @example
 * ```ts
 * import { belongsToMany, entity, list, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const database = new MemoryDatabase();
 * const categories = new Repository(database, entity('categories', { id: uuid().primaryKey(), name: text() }));
 * const posts = new Repository(database, entity('posts', { id: uuid().primaryKey(), categoryIds: list(uuid()).default([]) }));
 * const [post] = await posts.find({}, { include: { categories: belongsToMany(categories, 'categoryIds') } });
 * console.log(post?.categories.map((category) => category.name));
 * ```
 */
export function belongsToMany<
  E extends AnyEntity,
  const By extends string,
  const S extends E['~select'] = never,
  I extends Includes = {},
  const H extends keyof E['~hidden'] = never,
  N extends boolean = false,
>(
  repository: Has<E>,
  by: By,
  options?: ListRelationOptions<E, S, I, H, N>,
): Relation<By, N extends true ? number : Found<E, S, H, I>[]> {
  return relation({ kind: 'belongsToMany', repository, by, through: null, theirs: null, options });
}
