interface Wait {
  readonly dueAt: number;
  readonly expire: () => void;
}

/** One limit for many waits: those that begin later end later, so that one timer serves them all. */
export class Patience {
  readonly #limitMs: number;
  /** In the order of their ends. */
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Calls `expire` when the limit has passed, unless the function that it gives was called. */
  begin(expire: () => void): () => void {
    const wait: Wait = { dueAt: performance.now() + this.#limitMs, expire };
    this.#waits.add(wait);
    // A call that waits has a timer of its own, which keeps the process alive.
    this.#timer ??= setTimeout(() => this.#look(), this.#limitMs).unref();
    return () => void this.#waits.delete(wait);
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const wait of this.#waits) {
      const left = wait.dueAt - now;
      if (left > 0.5) {
        this.#timer = setTimeout(() => this.#look(), left).unref();
        return;
      }
      this.#waits.delete(wait);
      wait.expire();
    }
  }
}
