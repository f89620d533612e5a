/** What the store says to who wants a lock: it is theirs with this fencing token, or another's for so long at most. */
export type Acquired =
  | { readonly fence: bigint; readonly leftMs?: undefined }
  | { readonly fence?: undefined; readonly leftMs: number };

/** A lock that somebody has, as a store knows it. */
export interface OwnedLock {
  readonly name: string;
  /** The secret of this one acquisition. */
  readonly owner: string;
}

/** A lock that is to be kept for so long from now. */
export interface ExtendedLock extends OwnedLock {
  readonly ttlMs: number;
}

/** How long a call of a store may take. */
export interface LockCall {
  readonly timeoutMs: number;
}

/**
 * Where locks are kept. Whoever has a lock is known by the secret `owner` alone; a store never waits for a lock. Its errors are those of the library, and it
 * never sends a call twice whose answer got lost. `lockContract` of `trivet/testing` has the rules.
 */
export interface LockStore {
  /** Name of the store in errors. */
  readonly name: string;
  /** `redis`, `memory`, or what another store calls itself, for traces. @default its name */
  readonly engine?: string | undefined;
  /**
   * Takes the lock for `ttlMs`, if nobody has it: the same owner neither. Fences of one name grow strictly. When it is held: for how many milliseconds at
   * most, infinite where the store has something else under this name that does not end.
   */
  acquire(name: string, owner: string, ttlMs: number, call: LockCall): Promise<Acquired>;
  /** Sets the time that is left of each lock that its owner still has; tells of each, in their order, whether that was so. It never acquires. */
  extend(locks: readonly ExtendedLock[], call: LockCall): Promise<readonly boolean[]>;
  /** Frees the lock if the owner still has it; false when that was not so, and nothing was done. */
  release(name: string, owner: string, call: LockCall): Promise<boolean>;
  /**
   * Calls `listener` when the lock was released, and when that may have been missed: once after it began to listen, too, unless the lock is held then. Gives the
   * function that ends it. It is a hint that may not come: who waits asks again all the same. A store that cannot tell does nothing, and names the two rules of
   * the contract about it in `except`.
   */
  listen(name: string, listener: () => void): () => void;
}
