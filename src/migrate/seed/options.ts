import { expected, positiveInteger, refuseUnknown } from '../../core/engine-options.js';
import type { Database } from '../../core/ports.js';
import { checkBase, checkSeed, FACTORY_DEFAULTS, type SeriesOptions } from './factory-options.js';
import type { Seed } from './seed.js';

/** Options of a `Seeder`. */
export interface SeederOptions<D extends Database = Database> extends SeriesOptions {
  /** A folder, whose files are seeds in the order of their names, or seeds as values, in their order. */
  readonly seeds: string | readonly Seed<D>[];
  /** Rows per transaction. @default 500 @minimum 1 */
  readonly batch?: number | undefined;
  /** Imports a file of code by its path and gives its module. @default `import()` */
  readonly load?: ((file: string) => Promise<unknown>) | undefined;
}

/** The defaults of `SeederOptions`. */
export const SEEDER_DEFAULTS: { readonly batch: number } = Object.freeze({ batch: 500 });

/** Options after they were checked. */
export interface SeederSettings<D extends Database = Database> {
  readonly seeds: string | readonly Seed<D>[];
  readonly seed: number | string;
  readonly base: Date;
  readonly batch: number;
  readonly load: ((file: string) => Promise<unknown>) | null;
}

const KNOWN: ReadonlySet<string> = new Set(['seeds', 'seed', 'base', 'batch', 'load']);

/** @throws TypeError that names the option and says what was expected */
export function seederSettings<D extends Database>(options: SeederOptions<D>): SeederSettings<D> {
  refuseUnknown(options, KNOWN);
  const { seeds, load, seed = FACTORY_DEFAULTS.seed, base = FACTORY_DEFAULTS.base } = options;
  if ((typeof seeds !== 'string' || seeds === '') && !Array.isArray(seeds))
    throw expected('seeds', 'the path of a folder, or a list of seeds', seeds);
  if (load !== undefined && typeof load !== 'function') throw expected('load', 'a function', load);
  return {
    seeds,
    seed: checkSeed(seed),
    base: checkBase(base),
    batch: positiveInteger(options.batch ?? SEEDER_DEFAULTS.batch, 'batch'),
    load: load ?? null,
  };
}

/** Options of `run` and `undo`. */
export interface SeedRunOptions {
  /** Names of the seeds. @default all of them */
  readonly only?: readonly string[] | undefined;
  /** Ends the call after the batch that is under way. */
  readonly signal?: AbortSignal | undefined;
}

const RUN: ReadonlySet<string> = new Set(['only', 'signal']);

/** @throws TypeError that names the option and says what was expected */
export function seedRunOptions(options: SeedRunOptions = {}): SeedRunOptions {
  refuseUnknown(options, RUN);
  const { only, signal } = options;
  if (only !== undefined && (!Array.isArray(only) || only.some((name) => typeof name !== 'string')))
    throw expected('only', 'a list of names', only);
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw expected('signal', 'an AbortSignal', signal);
  return options;
}
