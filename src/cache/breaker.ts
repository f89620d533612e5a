import { AuthenticationError, ClosedError, ConnectionError, QueryError, TimeoutError } from '../errors/runtime.js';
import { Backoff } from '../util/backoff.js';

const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 1_000;

/** What the server says that will not serve any command for now. */
const AWAY: ReadonlySet<string> = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN']);

/** Who waits for the store to be back. */
export interface Recovery {
  /** Asks the store for a sign of life, and does what is owed to it. Rejects when it is not back. */
  attempt(): Promise<void>;
  opened(error: Error): void;
  closed(): void;
}

/**
 * Keeps calls away from a store that does not answer: the first that waited in vain opens it, and no other one waits. Whether the store is back is
 * found out behind, not by a caller.
 */
export class Breaker {
  readonly #recovery: Recovery;
  readonly #backoff = new Backoff(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  #error: Error | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(recovery: Recovery) {
    this.#recovery = recovery;
  }

  /** Why the store is not asked; null when it is. */
  get error(): Error | null {
    return this.#error;
  }

  /** A call of the store failed. */
  failed(error: unknown): void {
    if (this.#error !== null || this.#ended || !isAway(error)) return;
    this.#error = error as Error;
    this.#recovery.opened(this.#error);
    this.#schedule();
  }

  /** Opens it although the store may answer: there is something that has to reach it first. */
  open(error: Error): void {
    if (this.#error !== null || this.#ended) return;
    this.#error = error;
    this.#recovery.opened(error);
    this.#schedule();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    // Whether the store is back keeps no process alive.
    this.#timer = setTimeout(() => void this.#attempt(), this.#backoff.failed()).unref();
  }

  async #attempt(): Promise<void> {
    try {
      await this.#recovery.attempt();
    } catch {
      if (!this.#ended) this.#schedule();
      return;
    }
    this.#backoff.succeeded();
    this.#error = null;
    this.#recovery.closed();
  }
}

/** Whether an error says that the store does not answer, and not that it refuses one thing. */
function isAway(error: unknown): boolean {
  if (error instanceof QueryError) return AWAY.has(error.serverCode ?? '');
  return (
    error instanceof ConnectionError ||
    error instanceof TimeoutError ||
    error instanceof AuthenticationError ||
    error instanceof ClosedError
  );
}
