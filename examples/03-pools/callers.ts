import { entity, integer, Repository, TrivetError, text } from 'trivet';
import { NAMES, type Name, type Pools } from './pools.js';

const CALLERS_OF_EACH = 6;

const Visit = entity('visits', { page: text().max(20).primaryKey(), n: integer().default(0) });

/** Callers that never stop asking, as the requests of an application do, and what they saw. */
export class Callers {
  readonly #seen = new Map<Name, Map<string, number>>();
  readonly #running: Promise<void>[];
  #going = true;
  total = 0;

  constructor(pools: Pools) {
    const visits = new Repository(pools.getPool('sql'), Visit);
    const events = new Repository(pools.getPool('docs'), Visit);
    const redis = pools.getPool('redis');
    const works: Readonly<Record<Name, () => Promise<unknown>>> = {
      sql: () => visits.exists({ page: 'home' }, { timeout: '1s' }),
      docs: () => events.exists({ page: 'home' }, { timeout: '1s' }),
      redis: () => redis.ping(AbortSignal.timeout(1_000)),
    };
    void visits.ensureSchema().catch(() => {});
    this.forget();
    this.#running = NAMES.flatMap((name) =>
      Array.from({ length: CALLERS_OF_EACH }, () => this.#call(name, works[name])),
    );
  }

  /** How often callers of a pool saw what since the scene began, the commonest first. */
  seen(name: Name): readonly (readonly [string, number])[] {
    return [...this.#seen.get(name)!].sort(([, a], [, b]) => b - a);
  }

  forget(): void {
    for (const name of NAMES) this.#seen.set(name, new Map());
  }

  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#running);
  }

  async #call(name: Name, work: () => Promise<unknown>): Promise<void> {
    while (this.#going) {
      const what = await work().then(
        () => 'answered',
        (error: unknown) => {
          // Anything else would be a mistake of this example.
          if (!(error instanceof TrivetError)) throw error;
          return `${error.code} (${error.outcome})`;
        },
      );
      this.total += 1;
      const seen = this.#seen.get(name)!;
      seen.set(what, (seen.get(what) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
