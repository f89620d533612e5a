import { refuseUnknown } from '../../core/engine-options.js';
import type { Acquired, ExtendedLock, LockStore } from '../lock/port.js';
import { type LockTime, systemTime } from '../lock/time.js';

interface Held {
  readonly owner: string;
  readonly endsAt: number;
}

/** Options of `MemoryLockStore`. */
export interface MemoryLockStoreOptions {
  /** For tests. @default the monotonic clock of the process */
  readonly time?: LockTime | undefined;
}

const KNOWN: ReadonlySet<string> = new Set(['time']);
const FEW = 1_000;

/**
 * Locks that one process has for itself: for tests, and where there is one process. It keeps the same contract as Redis. Two `Locks` over one store
 * are to each other as two processes are.
 *
 * @throws TypeError for an option that there is not
 * @example
 * ```ts
 * import { Locks, MemoryLockStore } from 'trivet';
 *
 * const locks = new Locks(new MemoryLockStore());
 * await locks.withLock('one at a time', ({ fence }) => console.log(fence));
 * ```
 */
export class MemoryLockStore implements LockStore {
  readonly engine = 'memory' as const;
  readonly name = 'memory';
  readonly #time: LockTime;
  readonly #held = new Map<string, Held>();
  readonly #listeners = new Map<string, Set<() => void>>();
  // Microseconds since 1970, as on Redis: a resource that has seen the fences of another process, or of a former one, takes those of this one.
  #fence = 0n;
  #sweepAt = FEW;

  constructor(options: MemoryLockStoreOptions = {}) {
    refuseUnknown(options, KNOWN);
    this.#time = options.time ?? systemTime;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Acquired> {
    const held = this.#find(name);
    if (held !== undefined) return { leftMs: held.endsAt - this.#time.now() };
    this.#sweep();
    const now = BigInt(Date.now()) * 1_000n;
    this.#fence = this.#fence < now ? now : this.#fence + 1n;
    this.#held.set(name, { owner, endsAt: this.#time.now() + ttlMs });
    return { fence: this.#fence };
  }

  async extend(locks: readonly ExtendedLock[]): Promise<readonly boolean[]> {
    return locks.map(({ name, owner, ttlMs }) => {
      if (this.#find(name)?.owner !== owner) return false;
      this.#held.set(name, { owner, endsAt: this.#time.now() + ttlMs });
      return true;
    });
  }

  async release(name: string, owner: string): Promise<boolean> {
    if (this.#find(name)?.owner !== owner) return false;
    this.#held.delete(name);
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener();
    return true;
  }

  listen(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const own = (): void => listener();
    listeners.add(own);
    if (this.#find(name) === undefined) own();
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }

  #find(name: string): Held | undefined {
    const held = this.#held.get(name);
    return held !== undefined && held.endsAt > this.#time.now() ? held : undefined;
  }

  /** Those that ended by themselves and that nobody asks for again; as often as there are twice as many. */
  #sweep(): void {
    if (this.#held.size < this.#sweepAt) return;
    for (const name of this.#held.keys()) if (this.#find(name) === undefined) this.#held.delete(name);
    this.#sweepAt = Math.max(FEW, this.#held.size * 2);
  }
}
