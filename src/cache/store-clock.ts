/** How long a reading of the store's clock is good for. The clocks of two machines differ by a few milliseconds in ten minutes. */
const GOOD_FOR_MS = 600_000;

/**
 * The store's clock as it is known here: read now and then, and reckoned from the local monotonic one. The clocks of machines are never compared: one
 * that is wrong would make what others wrote seem old or fresh.
 */
export class StoreClock {
  readonly #local: () => number;
  #offset = 0;
  #readAt: number | null = null;

  constructor(local: () => number) {
    this.#local = local;
  }

  /** Milliseconds by the store's clock, or null when it has to be read. */
  get now(): number | null {
    const local = this.#local();
    return this.#readAt === null || local - this.#readAt > GOOD_FOR_MS ? null : local + this.#offset;
  }

  /** The store said `microseconds`, to a question that was sent at `sentAt`. */
  learn(microseconds: number, sentAt: number): void {
    const local = this.#local();
    this.#offset = microseconds / 1_000 - (sentAt + local) / 2;
    this.#readAt = local;
  }
}
