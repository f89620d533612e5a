import { expected, refuseUnknown } from '../../core/engine-options.js';
import type { Database } from '../../core/ports.js';
import type { Repository } from '../../core/repository.js';
import type { AnyEntity, Id, Insert } from '../../schema/types.js';
import type { CheckedDraft, Factory, FactoryTools } from './factory.js';
import type { OwnFactoryOptions } from './factory-options.js';
import type { Random } from './random.js';

/** Refuses an entity with fields that the database does not know. */
type KnownTo<D, E extends AnyEntity> =
  D extends Database<E['~engines']> ? unknown : 'the entity has fields that this database does not know';

/** Options of `put` and `remove`. */
export interface PutOptions<Unique> {
  /** The unique field or set by which rows are found again. @default the primary key */
  readonly on?: Unique | undefined;
}

/** What `put` did. */
export interface PutCounts {
  readonly inserted: number;
  /** Rows that were there and differed from their drafts. */
  readonly updated: number;
  /** Rows that were there as their drafts have them: nothing was written. */
  readonly unchanged: number;
}

/** Stores drafts, in batches. */
export interface Put<D extends Database> {
  /**
   * Stores the rows that are not there, changes those that differ from their draft, and leaves the others alone; a softly deleted row is restored. What
   * a draft leaves out, and what is hidden, is not compared. Each batch is a transaction of its own, where the database has any.
   * @throws ValidationError for a draft that is not valid and for two drafts of one row
   */
  <E extends AnyEntity>(
    entity: E & KnownTo<D, E>,
    drafts: Iterable<Insert<E>>,
    options?: PutOptions<E['~unique']>,
  ): Promise<PutCounts>;
  /** The same through a repository, with its hooks and its middleware. */
  <E extends AnyEntity>(
    repository: Repository<E>,
    drafts: Iterable<Insert<E>>,
    options?: PutOptions<E['~unique']>,
  ): Promise<PutCounts>;
}

/** Takes away the rows of drafts, for good, in batches, and gives how many were there. */
export interface Remove<D extends Database> {
  <E extends AnyEntity>(
    entity: E & KnownTo<D, E>,
    drafts: Iterable<Insert<E>>,
    options?: PutOptions<E['~unique']>,
  ): Promise<number>;
  <E extends AnyEntity>(
    repository: Repository<E>,
    drafts: Iterable<Insert<E>>,
    options?: PutOptions<E['~unique']>,
  ): Promise<number>;
}

/** `factory()` with the seed and the base of the run. */
export type SeedFactory = <E extends AnyEntity, const R extends object>(
  entity: E,
  draft: (tools: FactoryTools<E>) => R & CheckedDraft<E, R>,
  options?: OwnFactoryOptions<Id<NoInfer<E>>>,
) => Factory<E>;

/** What a seed is given, whatever way it goes. */
interface SeedTools<D extends Database> {
  readonly db: D;
  /** `factory()` with the seed and the base of the run. */
  readonly factory: SeedFactory;
  /** The seed's own numbers: the same in every run. */
  readonly random: Random;
  /** The moment that all others are counted from. */
  readonly base: Date;
  /** Aborts when the run must end. */
  readonly signal: AbortSignal;
  /** Tells how far work beside `put` is; `put` tells it by itself. `total` is null where it is not known. */
  progress(done: number, total?: number | null): void;
}

/** What the `run` of a seed is given. */
export interface SeedContext<D extends Database = Database> extends SeedTools<D> {
  readonly put: Put<D>;
}

/** What the `undo` of a seed is given. */
export interface UndoContext<D extends Database = Database> extends SeedTools<D> {
  readonly remove: Remove<D>;
}

/** Fills a database, the same way each time. */
export interface Seed<D extends Database = Database> {
  /** By which it is chosen and told of. */
  readonly name: string;
  /** How many rows it writes, for the progress. @default not known */
  readonly total?: number | undefined;
  run(context: SeedContext<D>): unknown;
  /**
   * Takes away what `run` made.
   * @default the rows of every `put` of `run`, the last ones first. To know them, `run` is called once more, in a transaction that takes no writes,
   * with a `put` that only notes them
   */
  undo?(context: UndoContext<D>): unknown;
}

const KNOWN: ReadonlySet<string> = new Set(['name', 'total', 'run', 'undo']);

/**
 * Types a seed: the default export of a file in the folder of the seeds, or a value for the list.
 *
 * @throws TypeError for what is no seed
 * @example
 * ```ts
 * import { entity, MemoryDatabase, text, uuid } from 'trivet';
 * import { defineSeed, Seeder } from 'trivet/migrate';
 *
 * const Tag = entity('tags', { id: uuid().primaryKey(), name: text().max(50).unique() });
 * const tags = defineSeed({
 *   name: 'tags',
 *   run: async ({ factory, put }) => {
 *     const some = factory(Tag, ({ sequence }) => ({ name: sequence('tag ') }));
 *     await put(Tag, some.make(20));
 *   },
 * });
 * const { seeds } = await new Seeder(new MemoryDatabase(), { seeds: [tags] }).run();
 * console.log(seeds[0]); // { name: 'tags', inserted: 20, updated: 0, deleted: 0, durationMs: 3 }
 * ```
 */
export function defineSeed<D extends Database = Database>(seed: Seed<D>): Seed<D> {
  refuseUnknown(seed, KNOWN);
  const { name, total, run, undo } = seed;
  if (typeof name !== 'string' || name === '') throw expected('name', 'a text', name);
  if (total !== undefined && (!Number.isSafeInteger(total) || total < 0))
    throw expected('total', 'an integer from 0', total);
  if (typeof run !== 'function') throw expected('run', 'a function', run);
  if (undo !== undefined && typeof undo !== 'function') throw expected('undo', 'a function', undo);
  return seed;
}
