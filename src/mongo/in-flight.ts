import type { Outcome } from '../errors/error.js';
import type { EndCall } from './call.js';

/** The calls and transactions that are under way, so that closing can wait for them, and end what does not end. */
export class InFlight {
  readonly #calls = new Set<EndCall>();
  #transactions = 0;
  #drained: (() => void) | null = null;
  readonly #told = new Set<() => void>();

  /** Calls that are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** Notes a call that `end` ends; gives the function that is told of its end. */
  readonly begin = (end: EndCall): (() => void) => {
    this.#calls.add(end);
    return () => {
      this.#calls.delete(end);
      this.#look();
    };
  };

  /** Resolves when the calls and transactions that are under way now have ended, whatever came after them. */
  async settled(): Promise<void> {
    const before = [...this.#calls];
    const transactions = this.#transactions;
    const isOver = (): boolean =>
      !before.some((call) => this.#calls.has(call)) && (transactions === 0 || this.#transactions === 0);
    while (!isOver()) await new Promise<void>((resolve) => this.#told.add(resolve));
  }

  /** Counts a transaction, which is under way between its calls too. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#transactions += 1;
    try {
      return await work();
    } finally {
      this.#transactions -= 1;
      this.#look();
    }
  }

  /** Resolves when nothing is under way; at the deadline calls end with `error`, and nothing is waited for any more. */
  async drained(deadlineMs: number, error: (outcome: Outcome) => Error): Promise<void> {
    if (this.#calls.size === 0 && this.#transactions === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      timer = setTimeout(() => {
        for (const end of [...this.#calls]) end(error);
        resolve();
      }, deadlineMs);
    });
    clearTimeout(timer);
  }

  #look(): void {
    for (const tell of this.#told) tell();
    this.#told.clear();
    if (this.#calls.size === 0 && this.#transactions === 0) this.#drained?.();
  }
}
