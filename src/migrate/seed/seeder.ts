import { expected } from '../../core/engine-options.js';
import type { Database } from '../../core/ports.js';
import { AbortedError, QueryError } from '../../errors/runtime.js';
import { SeedFailedError } from '../../errors/seed.js';
import { Emitter } from '../../util/emitter.js';
import { atomically, type BatchRun, putRows, refuseAborted, removeRows } from './batches.js';
import { factory } from './factory.js';
import { loadSeeds } from './load.js';
import {
  type SeederOptions,
  type SeederSettings,
  type SeedRunOptions,
  seederSettings,
  seedRunOptions,
} from './options.js';
import { beginningOf, Random } from './random.js';
import { SeededRows } from './rows.js';
import type { Put, PutOptions, Remove, Seed, SeedContext, UndoContext } from './seed.js';

/** What became of a seed. */
export interface SeedResult {
  readonly name: string;
  readonly inserted: number;
  /** Rows that were there and differed from their drafts. */
  readonly updated: number;
  readonly deleted: number;
  readonly durationMs: number;
}

export interface SeedReport {
  /** In the order in which they ran. */
  readonly seeds: readonly SeedResult[];
}

/** What a seeder tells while it works. */
export interface SeederEvents extends Record<string, readonly unknown[]> {
  /** Of `total` rows, `done` are done; `total` is null where the seed does not say it. */
  readonly progress: readonly [seed: string, done: number, total: number | null];
  readonly finished: readonly [result: SeedResult];
}

type Counts = Pick<SeedResult, 'inserted' | 'updated' | 'deleted'>;

const EVENTS: readonly (keyof SeederEvents & string)[] = ['progress', 'finished'];
/** The rows of a seed are noted in a transaction, which may take as long as making them does. */
const NOTING_LIMIT = '1h';
const OWN_UNDO =
  'The default undo runs the seed once more without writing; a seed that writes otherwise than by `put` needs an `undo` of its own';

/**
 * Fills a database from seeds, on every engine alike. Rows are written by their keys, so running it again changes nothing, and a run that was ended in the
 * middle is finished by the next one.
 * @throws TypeError when an option is not what was expected
 *
 * @example
 * ```ts
 * import { PostgresDatabase } from 'trivet';
 * import { Seeder } from 'trivet/migrate';
 *
 * async function seed() {
 *   const database = new PostgresDatabase({ url: 'postgres://localhost/shop' });
 *   const seeder = new Seeder(database, { seeds: 'seeds', seed: 42 });
 *   seeder.on('progress', (name, done, total) => console.log(name, done, total));
 *   const { seeds } = await seeder.run();
 *   for (const { name, inserted, updated } of seeds) console.log(name, inserted, updated);
 *   await database.close();
 * }
 * ```
 */
export class Seeder<D extends Database = Database> {
  readonly #database: D;
  readonly #settings: SeederSettings<D>;
  readonly #events = new Emitter<SeederEvents>(EVENTS);

  constructor(database: D, options: SeederOptions<D>) {
    this.#settings = seederSettings(options);
    if (typeof database?.transaction !== 'function') throw expected('database', 'a database', database);
    this.#database = database;
  }

  /** Tells `listener` what happens; gives the function that ends it. */
  on<N extends keyof SeederEvents>(name: N, listener: (...values: SeederEvents[N]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Runs the seeds, one after the other.
   * @throws SeedFileError, and TypeError for a name that no seed has, when nothing was done
   * @throws SeedFailedError, and AbortedError by the signal: batches that were stored before stay, and the next run goes on from there
   */
  run(options?: SeedRunOptions): Promise<SeedReport> {
    return this.#each('run', options);
  }

  /** Takes the rows of the seeds away, the last seed and its last rows first. It throws what `run` throws. */
  undo(options?: SeedRunOptions): Promise<SeedReport> {
    return this.#each('undo', options);
  }

  async #each(direction: 'run' | 'undo', options: SeedRunOptions | undefined): Promise<SeedReport> {
    const { only, signal = new AbortController().signal } = seedRunOptions(options);
    const seeds = chosen(await loadSeeds(this.#settings), only);
    const results: SeedResult[] = [];
    for (const seed of direction === 'run' ? seeds : seeds.toReversed()) {
      refuseAborted(signal);
      const startedAt = performance.now();
      const counts = await this.#carryOut(seed, direction, signal);
      const result = { name: seed.name, ...counts, durationMs: Math.round(performance.now() - startedAt) };
      results.push(result);
      this.#events.tell('finished', result);
    }
    return { seeds: results };
  }

  async #carryOut(seed: Seed<D>, direction: 'run' | 'undo', signal: AbortSignal): Promise<Counts> {
    const counts = { inserted: 0, updated: 0, deleted: 0 };
    const { batch } = this.#settings;
    let done = 0;
    const stored = (rows: number): void => {
      done += rows;
      this.#events.tell('progress', seed.name, done, seed.total ?? null);
    };
    const run: BatchRun = { db: this.#database, batch, signal, stored };
    try {
      if (direction === 'run') await this.#run(seed, run, counts);
      else if (seed.undo !== undefined) await this.#undoItself(seed, run, counts);
      else
        for (const rows of (await this.#noted(seed, run)).toReversed()) counts.deleted += await removeRows(rows, run);
      return counts;
    } catch (cause) {
      if (cause instanceof AbortedError || cause instanceof SeedFailedError) throw cause;
      refuseAborted(signal);
      throw new SeedFailedError({ seed: seed.name, direction, done, cause });
    }
  }

  async #run(seed: Seed<D>, run: BatchRun, counts: { inserted: number; updated: number }): Promise<void> {
    const put = async (target: unknown, drafts: Iterable<unknown>, options?: PutOptions<unknown>) => {
      refuseAborted(run.signal);
      const result = await putRows(this.#rows(target, drafts, options), run);
      counts.inserted += result.inserted;
      counts.updated += result.updated;
      return result;
    };
    await seed.run({ ...this.#tools(seed, run), put: put as Put<D> });
  }

  async #undoItself(seed: Seed<D>, run: BatchRun, counts: { deleted: number }): Promise<void> {
    const remove = async (target: unknown, drafts: Iterable<unknown>, options?: PutOptions<unknown>) => {
      refuseAborted(run.signal);
      const deleted = await removeRows(this.#rows(target, drafts, options), run);
      counts.deleted += deleted;
      return deleted;
    };
    await seed.undo!({ ...this.#tools(seed, run), remove: remove as Remove<D> });
  }

  /** The rows of every `put` of a seed, in their order. Nothing is written. */
  async #noted(seed: Seed<D>, run: BatchRun): Promise<SeededRows[]> {
    const { signal } = run;
    const work = async (): Promise<SeededRows[]> => {
      const noted: SeededRows[] = [];
      const put = async (target: unknown, drafts: Iterable<unknown>, options?: PutOptions<unknown>) => {
        const rows = this.#rows(target, drafts, options);
        noted.push(rows);
        return { inserted: 0, updated: 0, unchanged: rows.size };
      };
      await seed.run({ ...this.#tools(seed, { ...run, stored: () => {} }), put: put as Put<D> });
      return noted;
    };
    const options = { signal, readOnly: true, timeout: NOTING_LIMIT } as const;
    try {
      return await atomically(this.#database, work, options);
    } catch (cause) {
      if (!(cause instanceof QueryError)) throw cause;
      throw new SeedFailedError({ seed: seed.name, direction: 'undo', done: 0, cause, advice: OWN_UNDO });
    }
  }

  #rows(target: unknown, drafts: Iterable<unknown>, options: PutOptions<unknown> = {}): SeededRows {
    if (typeof drafts !== 'object' || drafts === null || !(Symbol.iterator in drafts))
      throw expected('drafts', 'a list of drafts', drafts);
    return new SeededRows(this.#database, target, drafts, options.on, this.#settings.base);
  }

  #tools(seed: Seed<D>, { signal }: BatchRun): Omit<SeedContext<D> & UndoContext<D>, 'put' | 'remove'> {
    const { seed: value, base } = this.#settings;
    return {
      db: this.#database,
      factory: (entity, draft, options = {}) => factory(entity, draft, { ...options, seed: value, base }),
      random: new Random(beginningOf(value, `seed ${seed.name}`, 0).state),
      base: new Date(base),
      signal,
      progress: (done, total = null) => this.#events.tell('progress', seed.name, done, total),
    };
  }
}

function chosen<D extends Database>(
  seeds: readonly Seed<D>[],
  only: readonly string[] | undefined,
): readonly Seed<D>[] {
  if (only === undefined) return seeds;
  const names = seeds.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw expected(
      'only',
      names.length === 0 ? 'left out: there are no seeds' : `names of seeds (${names.join(', ')})`,
      unknown,
    );
  return seeds.filter(({ name }) => only.includes(name));
}
