import { Chain, type Link } from './chain.js';

interface Wait {
  readonly expire: () => void;
  readonly dueAt: number;
}

/** A wait that began. */
export type Waiting = Link<Wait>;

/** The longest delay that a timer of Node takes, in milliseconds: longer ones would fire at once. */
export const LONGEST_DELAY_MS = 2_147_483_647;

/** One limit for many waits: those that begin later end later, so that one timer serves them all, and to wait costs none of its own. */
export class Patience {
  readonly limitMs: number;
  /** In the order of their ends. */
  readonly #waits = new Chain<Wait>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Calls `expire` when the limit has passed since `now`, which is the time, unless it is told that the wait has ended. */
  begin(expire: () => void, now: number = performance.now()): Waiting {
    if (this.#timer === undefined) this.#timer = this.#after(this.limitMs);
    // What somebody waits for keeps the process alive; the timer of nobody does not.
    else if (this.#waits.size === 0) this.#timer.ref();
    return this.#waits.add({ expire, dueAt: now + this.limitMs });
  }

  /** The wait has ended; nothing happens where it had before. */
  end(waiting: Waiting): void {
    if (this.#waits.delete(waiting) && this.#waits.size === 0) this.#timer?.unref();
  }

  #after(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), Math.min(milliseconds, LONGEST_DELAY_MS));
  }

  #look(): void {
    const now = performance.now();
    let left = 0;
    try {
      for (let { first } = this.#waits; first !== null; { first } = this.#waits) {
        left = first.value.dueAt - now;
        if (left > 0.5) return;
        left = 0;
        this.#waits.delete(first);
        first.value.expire();
      }
    } finally {
      this.#timer = this.#waits.size === 0 ? undefined : this.#after(left);
    }
  }
}
