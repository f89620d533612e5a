import type { Body } from './body.js';

/** What a flight brought. */
export interface Landing {
  readonly value: unknown;
  /** For further callers, each of whom gets a value of its own; null where it cannot be copied. */
  readonly body: Body | null;
  /**
   * Of those who joined, in their order, how many may have it. One who came while the value was loaded may have come after it was invalidated: it gets the
   * value only when that was seen to be good after it came.
   */
  readonly goodFor: number;
}

/** One load of one key, and those who wait for it. */
export class Flight {
  readonly #controller = new AbortController();
  #joined = 0;
  #present = 0;
  landing: Promise<Landing | null> = Promise.resolve(null);

  /** Aborts when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How many have joined so far. */
  get joined(): number {
    return this.#joined;
  }

  /** One more waits for it; gives its number. */
  join(): number {
    this.#present += 1;
    return this.#joined++;
  }

  /** One waits no more. */
  leave(): void {
    this.#present -= 1;
    if (this.#present === 0) this.#controller.abort();
  }
}
