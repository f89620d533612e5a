import type { PostgresClient, WireClient } from './driver.js';

interface Birth {
  readonly generation: number;
  readonly until: number;
}

/** How much earlier than the others a connection may end, so that those that were made together do not end together. */
const JITTER = 0.1;

/** The server ends every connection (57P01 to 57P03), or takes no writes any more (25006): the others are as good as lost. */
const ENDING: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '25006']);
const BROKEN = /ECONNRESET|EPIPE|ETIMEDOUT|terminated unexpectedly/;
const RESETS = 3;
const RESETS_WITHIN_MS = 1_000;

/** Which connections are too old, or of a time before the server failed, to be given to a caller. */
export class Lifetimes {
  readonly #maxMs: number;
  readonly #random: () => number;
  readonly #births = new WeakMap<PostgresClient, Birth>();
  #generation = 0;
  #resets: number[] = [];

  constructor(maxMs: number, random: () => number = Math.random) {
    this.#maxMs = maxMs;
    this.#random = random;
  }

  born(client: PostgresClient): void {
    const until = performance.now() + this.#maxMs * (1 - JITTER * this.#random());
    this.#births.set(client, { generation: this.#generation, until });
  }

  fits(client: PostgresClient): boolean {
    const birth = this.#births.get(client);
    if (birth !== undefined && (birth.generation !== this.#generation || performance.now() >= birth.until))
      return false;
    const { connection, _queryable } = client as Partial<WireClient>;
    return _queryable !== false && connection?.stream.writable === true;
  }

  /** Something failed on a connection. Where it speaks of the server, no connection of before is given out again. */
  failed(error: unknown, readOnly: boolean): void {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code === 'string' && ENDING.has(code)) {
      // A transaction that is read-only by its own option takes no writes either.
      if (code !== '25006' || !readOnly) this.#generation += 1;
      return;
    }
    if (!BROKEN.test(`${String(code)} ${String(message)}`)) return;
    const now = performance.now();
    this.#resets = [...this.#resets.filter((at) => now - at < RESETS_WITHIN_MS), now];
    if (this.#resets.length < RESETS) return;
    this.#resets = [];
    this.#generation += 1;
  }
}
