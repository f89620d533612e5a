import type { Demand } from './admission.js';
import type { PostgresPool } from './driver.js';

const guarded = new WeakSet<PostgresPool>();

/** An idle client that loses its connection makes its pool emit an error, which ends the process when nobody listens. */
export function guard(pool: PostgresPool): void {
  if (guarded.has(pool)) return;
  guarded.add(pool);
  pool.on('error', () => {});
}

/** A pool of the application: its own queue and limits hold, for its other callers too. */
export class Adopted {
  readonly #pool: PostgresPool;
  readonly #waiting = new Set<Demand>();

  constructor(pool: PostgresPool) {
    guard(pool);
    this.#pool = pool;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whoever has a client at hand here is the pool itself. */
  free(): null {
    return null;
  }

  get hasFree(): boolean {
    return this.#pool.idleCount > this.#waiting.size;
  }

  enter(demand: Demand): void {
    this.#waiting.add(demand);
    this.#pool.connect((error, client, release) => {
      if (!this.#waiting.delete(demand)) {
        // It came too late for its caller.
        if (client !== undefined) release();
        return;
      }
      if (client === undefined) {
        demand.attempts += 1;
        demand.fail(error);
      } else demand.give(client, release);
    });
  }

  leave(demand: Demand): void {
    this.#waiting.delete(demand);
  }

  close(): readonly Demand[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }
}
