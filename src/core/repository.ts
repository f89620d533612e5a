import { NotFoundError, StaleVersionError } from '../errors/data.js';
import type { FindCommand, SchemaReport, UpdateCommand, UpsertResult } from '../query/command.js';
import type { Value } from '../schema/composites.js';
import type { StoredRow } from '../schema/model.js';
import type { AnyEntity, Id, Insert, Patch, Where } from '../schema/types.js';
import { type Clock, systemClock } from '../util/clock.js';
import { checkBag, KNOWN, runOptions } from './check-options.js';
import type { Found } from './found.js';
import type {
  CallOptions,
  CountOptions,
  DeletedOptions,
  FindOneOptions,
  FindOptions,
  ManyOptions,
  OrderOptions,
  SelectOptions,
  StreamOptions,
  UpdateOptions,
  UpsertOptions,
} from './options.js';
import type { Database } from './ports.js';
import { type Context, finished, type Prepared } from './prepare.js';
import {
  prepareDelete,
  prepareDeleteMany,
  prepareUpdate,
  prepareUpdateMany,
  prepareUpdateOne,
} from './prepare-change.js';
import { prepareInsert, prepareInsertMany, prepareUpsert } from './prepare-insert.js';
import { prepareCount, prepareDistinct, prepareFind, prepareFindById } from './prepare-read.js';
import { Projector } from './projection.js';
import type { NotEmpty, Upserted, VersionOf } from './verb-types.js';

/** Settings of a repository. */
export interface RepositoryOptions {
  /** Where `createdAt`, `updatedAt`, `deletedAt` and new ids take the time from. @default the system's clock */
  readonly clock?: Clock | undefined;
}

/**
 * The rows of one entity in one database: the verbs that mean the same on every engine.
 *
 * Every verb checks its input first and throws `ValidationError`, with every problem by path, before a byte is sent.
 * Extend it to give an application's queries their names.
 *
 * @example
 * ```ts
 * import { entity, gte, increment, integer, MemoryDatabase, Repository, text, uuid } from 'trivet';
 *
 * const User = entity('users', { id: uuid().primaryKey(), name: text(), visits: integer().default(0) });
 * const users = new Repository(new MemoryDatabase(), User);
 * const ann = await users.insert({ name: 'Ann' });
 * await users.update(ann.id, { visits: increment(1) });
 * await users.find({ visits: gte(1) }, { orderBy: { name: 'asc' }, limit: 20 });
 * ```
 */
export class Repository<E extends AnyEntity> {
  /** Tells generic code that this is a repository, without comparing the whole class. */
  declare readonly '~repository': true;
  readonly database: Database<E['~engines']>;
  readonly entity: E;
  readonly #context: Context;

  constructor(database: Database<E['~engines']>, entity: E, options: RepositoryOptions = {}) {
    this.database = database;
    this.entity = entity;
    const model = entity['~model'];
    this.#context = {
      model,
      projector: new Projector(model, entity['~computed']),
      clock: options.clock ?? systemClock,
    };
  }

  /** The row with this key, or null. */
  async findById<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    id: Id<E>,
    options?: CallOptions & DeletedOptions & SelectOptions<S, H>,
  ): Promise<Found<E, S, H> | null> {
    return this.#first(prepareFindById(this.#context, id, options));
  }

  /** The row with this key. @throws NotFoundError when there is none. */
  async get<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    id: Id<E>,
    options?: CallOptions & DeletedOptions & SelectOptions<S, H>,
  ): Promise<Found<E, S, H>> {
    const row = await this.#first<Found<E, S, H>>(prepareFindById(this.#context, id, options));
    if (row === null) throw new NotFoundError(this.#context.model.name);
    return row;
  }

  /** The first row that fits, in `orderBy` and then by key, or null. */
  async findOne<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    where: Where<E>,
    options?: FindOneOptions<E, S, H>,
  ): Promise<Found<E, S, H> | null> {
    return this.#first(prepareFind(this.#context, 'findOne', where, options));
  }

  /** The rows that fit; all rows without a filter. Their order is total with `orderBy`, `limit` or `offset`, else the engine's own. */
  async find<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    where: Where<E> = {} as Where<E>,
    options?: FindOptions<E, S, H>,
  ): Promise<Found<E, S, H>[]> {
    const prepared = prepareFind(this.#context, 'find', where, options);
    return prepared.command.limit === 0 ? [] : this.#rows(prepared);
  }

  /**
   * The rows that fit, `batch` at a time, in constant memory. The loop may end at any time.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const users = new Repository(new MemoryDatabase(), entity('users', { id: uuid().primaryKey(), name: text() }));
   * for await (const user of users.stream({}, { batch: 1_000 })) console.log(user.name);
   * ```
   */
  async *stream<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never>(
    where: Where<E> = {} as Where<E>,
    options?: StreamOptions<E, S, H>,
  ): AsyncGenerator<Found<E, S, H>, void, undefined> {
    const { command, projection, run } = prepareFind(this.#context, 'stream', where, options);
    if (command.limit === 0) return;
    for await (const row of this.database.stream(command, run)) yield finished(row, projection) as Found<E, S, H>;
  }

  /** How many rows fit; all rows without a filter. */
  async count(where: Where<E> = {} as Where<E>, options?: CountOptions): Promise<number> {
    return this.#run(prepareCount(this.#context, 'count', where, options));
  }

  /** Whether a row fits. */
  async exists(where: Where<E>, options?: CountOptions): Promise<boolean> {
    return this.#run(prepareCount(this.#context, 'exists', where, options));
  }

  /** The distinct values of a field in ascending order; null, first, when a row has none. */
  async distinct<const P extends E['~path']>(
    path: P,
    where: Where<E> = {} as Where<E>,
    options?: CountOptions,
  ): Promise<Value<E['~paths'][P]>[]> {
    return this.#run(prepareDistinct(this.#context, path, where, options));
  }

  /**
   * Stores a row and gives it as stored, with defaults and generated values.
   *
   * @throws DuplicateKeyError, ConstraintError, ForeignKeyError
   */
  async insert(draft: Insert<E>, options?: CallOptions): Promise<E['~row']> {
    return (await this.#rows<E['~row']>(prepareInsert(this.#context, draft, options)))[0]!;
  }

  /** Stores all the rows or none, and gives them in the order of the drafts. A duplicate names the position of its draft where the engine tells. */
  async insertMany(drafts: readonly Insert<E>[], options?: CallOptions): Promise<E['~row'][]> {
    const prepared = prepareInsertMany(this.#context, drafts, options);
    return prepared === null ? [] : this.#rows(prepared);
  }

  /**
   * Changes the row with this key and gives it as changed. An empty patch writes nothing.
   *
   * @throws NotFoundError when there is no such row, StaleVersionError when it has another version than the one given.
   */
  async update(id: Id<E>, patch: Patch<E>, options?: UpdateOptions<VersionOf<E>>): Promise<E['~row']> {
    const row = await this.#change(prepareUpdate(this.#context, id, patch, options));
    if (row !== null) return row;
    const { model } = this.#context;
    if (options?.version !== undefined) {
      const { signal, timeout } = options;
      if ((await this.#first(prepareFindById(this.#context, id, { signal, timeout }))) !== null)
        throw new StaleVersionError(model.name);
    }
    throw new NotFoundError(model.name);
  }

  /** Changes the first row that fits, in `orderBy` and then by key, atomically, and gives it as changed; null when none fits. */
  async updateOne(
    where: Where<E>,
    patch: Patch<E>,
    options?: CallOptions & OrderOptions<E>,
  ): Promise<E['~row'] | null> {
    return this.#change(prepareUpdateOne(this.#context, where, patch, options));
  }

  /** Changes every row that fits, or none, and gives the number of rows that fit. A filter that every row fits needs `{ all: true }`. */
  async updateMany<K extends keyof E['~where'], All extends boolean = false>(
    where: NotEmpty<E, K, All>,
    patch: Patch<E>,
    options?: ManyOptions<All>,
  ): Promise<number> {
    const prepared = prepareUpdateMany(this.#context, where, patch, options);
    if (prepared !== null) return this.#run(prepared);
    const { signal, timeout } = options ?? {};
    return this.#run(prepareCount(this.#context, 'count', where, { signal, timeout }));
  }

  /**
   * Stores the row, or changes the one that has the same value in `on` to what the draft gives. Defaults apply only to a
   * new row; the key and `createdAt` of an old one stay.
   */
  async upsert(draft: Insert<E>, options: UpsertOptions<E['~unique']>): Promise<Upserted<E>> {
    const prepared = prepareUpsert(this.#context, draft, options);
    const { row, action } = await this.#run<UpsertResult>(prepared);
    return { row: finished(row, prepared.projection) as E['~row'], action };
  }

  /** Deletes the row with this key (softly where the entity says so) and gives it. @throws NotFoundError */
  async delete(id: Id<E>, options?: CallOptions): Promise<E['~row']> {
    const row = await this.#change(prepareDelete(this.#context, id, options));
    if (row === null) throw new NotFoundError(this.#context.model.name);
    return row;
  }

  /** Deletes every row that fits, or none, and gives their number. A filter that every row fits needs `{ all: true }`. */
  async deleteMany<K extends keyof E['~where'], All extends boolean = false>(
    where: NotEmpty<E, K, All>,
    options?: ManyOptions<All>,
  ): Promise<number> {
    return this.#run(prepareDeleteMany(this.#context, where, options));
  }

  /** Makes what the entity needs and the database has not: table or collection, checks, keys, indexes. Alters and drops nothing; says what differs. */
  async ensureSchema(options?: CallOptions): Promise<SchemaReport> {
    const { model } = this.#context;
    const run = runOptions(model.name, checkBag(model.name, KNOWN.call, options));
    return this.database.run({ kind: 'ensureSchema', entities: [model] }, run);
  }

  #run<T>({ command, run }: Prepared<Parameters<Database['run']>[0]>): Promise<T> {
    return this.database.run<T>(command, run);
  }

  async #rows<R>(prepared: Prepared<Parameters<Database['run']>[0]>): Promise<R[]> {
    const rows = await this.#run<StoredRow[]>(prepared);
    const { finish } = prepared.projection;
    return (finish === null ? rows : rows.map(finish)) as R[];
  }

  async #first<R>(prepared: Prepared<FindCommand>): Promise<R | null> {
    const rows = await this.#run<StoredRow[]>(prepared);
    return rows.length === 0 ? null : (finished(rows[0]!, prepared.projection) as R);
  }

  /** One row changed or deleted; an empty patch was prepared as a read. */
  async #change(
    prepared: Prepared<UpdateCommand | FindCommand | Parameters<Database['run']>[0]>,
  ): Promise<E['~row'] | null> {
    if (prepared.command.kind === 'find') return this.#first(prepared as Prepared<FindCommand>);
    const row = await this.#run<StoredRow | null>(prepared);
    return row === null ? null : (finished(row, prepared.projection) as E['~row']);
  }
}
