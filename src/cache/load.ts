import type { Duration } from '../util/duration.js';

/** What a load is told, and what it may say of the value. */
export interface LoadContext {
  /** Aborts when nobody waits for the value any more, and at `loadTimeout`. */
  readonly signal: AbortSignal;
  /** Adds tags that are known only now. */
  tag(...tags: readonly string[]): void;
  /** Says how long the value is fresh. */
  ttl(ttl: Duration): void;
}

/** Gives the value of a key; `undefined` is not stored, `null` is. */
export type Load<T> = (context: LoadContext) => T | Promise<T>;
