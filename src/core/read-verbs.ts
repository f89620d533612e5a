import { NotFoundError } from '../errors/data.js';
import type { GeoPoint, ValueOf } from '../schema/composites.js';
import type { AnyEntity, Id, Where } from '../schema/types.js';
import type { Found, Includes, Ranked } from './found.js';
import type { GroupKeyOf, GroupOptions, Keyed, KeyName, Measured, MeasureOf } from './group-types.js';
import { Hookable } from './hookable.js';
import type {
  CountOptions,
  FindByIdOptions,
  FindOneOptions,
  FindOptions,
  NearOptions,
  SearchOptions,
  StreamOptions,
} from './options.js';
import type { CountMode, CursorPage, CursorPageOptions, Page, PaginateOptions } from './page.js';
import { paginate, paginateByCursor } from './paginate.js';
import { prepareGroup } from './prepare-group.js';
import { prepareNear } from './prepare-near.js';
import { prepareCount, prepareDistinct, prepareFind, prepareFindById } from './prepare-read.js';
import { prepareSearch } from './prepare-search.js';
import type { SearchText } from './verb-types.js';

/** The verbs that read: `Repository` adds those that write. */
export abstract class ReadVerbs<E extends AnyEntity> extends Hookable<E> {
  /** The row with this key, or null. */
  async findById<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(id: Id<E>, options?: FindByIdOptions<E, S, H, I>): Promise<Found<E, S, H, I> | null> {
    return this['~calls'].first(prepareFindById(this['~calls'].context, id, options));
  }

  /** The row with this key. @throws NotFoundError when there is none. */
  async get<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    id: Id<E>,
    options?: FindByIdOptions<E, S, H, I>,
  ): Promise<Found<E, S, H, I>> {
    const row = await this['~calls'].first<Found<E, S, H, I>>(prepareFindById(this['~calls'].context, id, options));
    if (row === null) throw new NotFoundError(this['~calls'].context.model.name);
    return row;
  }

  /** The first row that fits, in `orderBy` and then by key, or null. */
  async findOne<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(where: Where<E>, options?: FindOneOptions<E, S, H, I>): Promise<Found<E, S, H, I> | null> {
    return this['~calls'].first(prepareFind(this['~calls'].context, 'findOne', where, options));
  }

  /** The rows that fit; all rows without a filter. Their order is total with `orderBy`, `limit` or `offset`, else the engine's own. */
  async find<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    where: Where<E> = {} as Where<E>,
    options?: FindOptions<E, S, H, I>,
  ): Promise<Found<E, S, H, I>[]> {
    const prepared = prepareFind(this['~calls'].context, 'find', where, options);
    return prepared.command.limit === 0 ? [] : this['~calls'].rows(prepared);
  }

  /**
   * The rows that fit, `batch` at a time, in constant memory. The loop may end at any time. A stream belongs to the transaction that it
   * is asked for in, wherever it is read, and ends with it.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const users = new Repository(new MemoryDatabase(), entity('users', { id: uuid().primaryKey(), name: text() }));
   * for await (const user of users.stream({}, { batch: 1_000 })) console.log(user.name);
   * ```
   */
  stream<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    where: Where<E> = {} as Where<E>,
    options?: StreamOptions<E, S, H, I>,
  ): AsyncGenerator<Found<E, S, H, I>, void, undefined> {
    return this['~calls'].stream(() => prepareFind(this['~calls'].context, 'stream', where, options));
  }

  /**
   * A page by its number, with the number of rows. The deeper the page, the more rows the server passes over: for long lists and
   * for lists that change while they are read, `paginateByCursor` is the better one. It asks one question, and a second one
   * for the count unless the page's rows tell it.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const users = new Repository(new MemoryDatabase(), entity('users', { id: uuid().primaryKey(), name: text() }));
   * const { rows, total, pages, hasNext } = await users.paginate({}, { page: 2, limit: 10, orderBy: { name: 'asc' } });
   * const { rows: fast, hasNext: more } = await users.paginate({}, { count: 'none' });
   * ```
   */
  async paginate<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    const C extends CountMode = 'exact',
    I extends Includes = {},
  >(where: Where<E> = {} as Where<E>, options?: PaginateOptions<E, S, H, C, I>): Promise<Page<Found<E, S, H, I>, C>> {
    return paginate(this['~calls'], where, options);
  }

  /**
   * A page by its position: the rows behind the cursor `after`, or before the cursor `before`, in `orderBy` and then by key. The cost
   * does not grow with the depth where an index serves the order, and rows that come or go meanwhile neither repeat a row nor lose one.
   *
   * A cursor belongs to its entity and order: with another one it is refused. It is a text for URLs that holds the values of the
   * order's fields, encoded, not encrypted; `cursorKey` of the repository signs it.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const users = new Repository(new MemoryDatabase(), entity('users', { id: uuid().primaryKey(), name: text() }));
   * const first = await users.paginateByCursor({}, { limit: 10, orderBy: { name: 'asc' } });
   * if (first.next !== null) {
   *   await users.paginateByCursor({}, { limit: 10, orderBy: { name: 'asc' }, after: first.next });
   * }
   * ```
   */
  async paginateByCursor<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(where: Where<E> = {} as Where<E>, options?: CursorPageOptions<E, S, H, I>): Promise<CursorPage<Found<E, S, H, I>>> {
    return paginateByCursor(this['~calls'], where, options);
  }

  /** How many rows fit; all rows without a filter. */
  async count(where: Where<E> = {} as Where<E>, options?: CountOptions): Promise<number> {
    return this['~calls'].run(prepareCount(this['~calls'].context, 'count', where, options));
  }

  /** Whether a row fits. */
  async exists(where: Where<E>, options?: CountOptions): Promise<boolean> {
    return this['~calls'].run(prepareCount(this['~calls'].context, 'exists', where, options));
  }

  /** The distinct values of a field in ascending order; null, first, when a row has none. */
  async distinct<const P extends E['~path']>(
    path: P,
    where: Where<E> = {} as Where<E>,
    options?: CountOptions,
  ): Promise<ValueOf<E['~paths'][P]>[]> {
    return this['~calls'].run(prepareDistinct(this['~calls'].context, path, where, options));
  }

  /**
   * Groups the rows and measures each group, on the server. A row of the result has each key under the name of its field and each
   * measure under its own; a null key is a group of its own. Without keys there is one row, of no rows too. Groups come in the
   * order of their keys, unless `orderBy` says otherwise; the keys break its ties.
   *
   * @throws QueryError for a sum of integers past 2^53, or of reals past what a real can hold.
   * @example
   * ```ts
   * import { avg, bucket, count, entity, enumOf, gt, integer, MemoryDatabase, Repository, timestamps, uuid } from 'trivet';
   *
   * const Post = entity('posts', { id: uuid().primaryKey(), status: enumOf('draft', 'published'), views: integer().default(0), ...timestamps() });
   * const posts = new Repository(new MemoryDatabase(), Post);
   * const months = await posts.groupBy(
   *   ['status', bucket('createdAt', 'month', { timeZone: 'Europe/Berlin' })],
   *   { posts: count(), views: avg('views') },
   *   { having: { posts: gt(5) }, orderBy: { createdAt: 'desc' }, limit: 12 },
   * );
   * for (const { createdAt, status, posts, views } of months) console.log(createdAt, status, posts, views);
   * ```
   */
  async groupBy<const K extends GroupKeyOf<E>, M extends Record<string, MeasureOf<E>>>(
    keys: readonly K[],
    measures: M,
    options?: GroupOptions<E, K, M>,
  ): Promise<{ [P in KeyName<K> | keyof M]: P extends keyof M ? Measured<E, M[P]> : Keyed<E, K, P> }[]> {
    return this['~calls'].groups(prepareGroup(this['~calls'].context, keys, measures, options));
  }

  /**
   * The rows that hold every word of the text in the fields that the entity's `search` names, the best first; the key breaks ties. Words
   * in quotes must follow one another in one field, and a row that holds a word behind a minus is left out: `coffee "fair trade" -decaf`.
   * Nothing else in the text means anything, so it may come from anybody.
   *
   * A word is what lies between spaces, punctuation and symbols. Capital letters do not matter, accents do; parts of words and other
   * forms of them are not found. Which rows fit is the same on every engine, how they rank is each engine's own.
   *
   * @example
   * ```ts
   * import { entity, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Post = entity('posts', { id: uuid().primaryKey(), title: text(), body: text() }, { search: { title: 'A', body: 'C' } });
   * const posts = new Repository(new MemoryDatabase(), Post);
   * await posts.insert({ title: 'Fair coffee', body: 'Where our beans come from.' });
   * const [best] = await posts.search('coffee -decaf', { limit: 10 });
   * console.log(best?.title, best?.score);
   * ```
   */
  async search<
    const S extends E['~select'] = never,
    const H extends keyof E['~hidden'] = never,
    I extends Includes = {},
  >(text: SearchText<E>, options?: SearchOptions<E, S, H, I>): Promise<Ranked<E, S, H, I>[]> {
    return this['~calls'].numbered(prepareSearch(this['~calls'].context, text, options), 'score');
  }

  /**
   * The rows nearest to a point, each with its `distance` from it: metres on a sphere of radius 6,378,100, to the millimetre. Nearest
   * first, then by key. Rows without a point are left out. The field needs `index.geo(...)` in the entity, and `ensureSchema()`.
   *
   * @throws SchemaError on MongoDB when the index is not there.
   * @example
   * ```ts
   * import { entity, geoPoint, index, MemoryDatabase, Repository, text, uuid } from 'trivet';
   *
   * const Cafe = entity('cafes', { id: uuid().primaryKey(), name: text(), location: geoPoint().optional() }, { indexes: [index.geo('location')] });
   * const cafes = new Repository(new MemoryDatabase(), Cafe);
   * const here = { type: 'Point', coordinates: [13.405, 52.52] } as const; // longitude, latitude
   * for (const { name, distance } of await cafes.near('location', here, { maxDistance: 2_000, limit: 5 })) console.log(name, distance);
   * ```
   */
  async near<const S extends E['~select'] = never, const H extends keyof E['~hidden'] = never, I extends Includes = {}>(
    field: E['~geo'],
    point: GeoPoint,
    options?: NearOptions<E, S, H, I>,
  ): Promise<(Found<E, S, H, I> & { distance: number })[]> {
    return this['~calls'].numbered(prepareNear(this['~calls'].context, field, point, options), 'distance');
  }
}
