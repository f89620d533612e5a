/** Longer delays would fire at once. */
const LONGEST_MS = 2_147_483_647;

/** One limit for many waits: those that begin later end later, so that one timer serves them all, and to wait costs none of its own. */
export class Patience {
  readonly limitMs: number;
  /** When each is due, in the order of their ends. */
  readonly #waits = new Map<() => void, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Calls `expire` when the limit has passed since `now`, which is the time, unless it is told that the wait has ended. */
  begin(expire: () => void, now: number = performance.now()): void {
    if (this.#timer === undefined) this.#timer = this.#after(this.limitMs);
    // What somebody waits for keeps the process alive; the timer of nobody does not.
    else if (this.#waits.size === 0) this.#timer.ref();
    this.#waits.set(expire, now + this.limitMs);
  }

  /** The wait of `expire` has ended; nothing happens where there is none. */
  end(expire: () => void): void {
    if (this.#waits.delete(expire) && this.#waits.size === 0) this.#timer?.unref();
  }

  #after(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), Math.min(milliseconds, LONGEST_MS));
  }

  #look(): void {
    const now = performance.now();
    let left = 0;
    try {
      for (const [expire, dueAt] of this.#waits) {
        left = dueAt - now;
        if (left > 0.5) return;
        left = 0;
        this.#waits.delete(expire);
        expire();
      }
    } finally {
      this.#timer = this.#waits.size === 0 ? undefined : this.#after(left);
    }
  }
}
