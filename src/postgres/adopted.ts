import type { Demand } from './admission.js';
import type { PostgresPool } from './driver.js';

/** A pool of the application: its own queue and limits hold, for its other callers too. */
export class Adopted {
  readonly #pool: PostgresPool;
  readonly #waiting = new Set<Demand>();

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whoever has a client at hand here is the pool itself. */
  free(): null {
    return null;
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
