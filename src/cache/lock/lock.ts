import { inspect } from 'node:util';
import type { LockTrace } from '../../core/channels.js';
import { unavailable } from './failures.js';
import { giveBack } from './giving-back.js';
import { type Extending, extend } from './renewal.js';
import type { Tenure } from './tenure.js';
import { tracedLock } from './traces.js';

/**
 * A lock that was acquired. It is held until it is released, or until `signal` aborts: that is when its time has passed by the clock of this process, or
 * when the store says that it is not ours.
 *
 * Between `assertHeld()` and what is done next a process can be stopped for any time, and a machine that sleeps may even stop the clock, so no check makes
 * a lock safe by itself. What does is `fence`: it grows with each acquisition of the name, and a resource that refuses a smaller one than it has seen
 * admits nobody who is late.
 */
export class Lock {
  static {
    const value = function (this: Lock): string {
      return `Lock(${JSON.stringify(this.name)}, fence ${this.fence})`;
    };
    Object.defineProperty(this.prototype, inspect.custom, { value });
  }

  readonly #tenure: Tenure;
  readonly #extending: Extending;
  #releasing: Promise<boolean> | null = null;

  constructor(tenure: Tenure, extending: Extending) {
    this.#tenure = tenure;
    this.#extending = extending;
  }

  get name(): string {
    return this.#tenure.name;
  }

  /** The fencing token: greater than that of every acquisition of this name before. */
  get fence(): bigint {
    return this.#tenure.fence;
  }

  /** The secret that the store knows this acquisition by; 122 random bits. */
  get owner(): string {
    return this.#tenure.owner;
  }

  /** Aborts when the lock is lost, with `LockLostError` as its reason; not when it is released. */
  get signal(): AbortSignal {
    return this.#tenure.signal;
  }

  /** Whether it is held by the clock of this process. */
  get isHeld(): boolean {
    return !this.#tenure.isOver;
  }

  /** Milliseconds that it is held for yet, if nothing extends it; 0 when it is not held. */
  get leftMs(): number {
    return this.#tenure.isOver ? 0 : this.#tenure.leftMs;
  }

  /** Looks at the clock: it does not rely on a timer, which a blocked event loop would delay. @throws LockLostError when it is not held */
  assertHeld(): void {
    const { loss } = this.#tenure;
    if (loss !== null) throw loss;
  }

  /**
   * Sets the time that is left to the whole `ttl` again. A lock that is lost is never acquired again by it.
   * @throws LockLostError when it is not held; LockUnavailableError when the store did not answer: it is held as long as it was before.
   */
  async extend(): Promise<void> {
    this.assertHeld();
    const { time, store } = this.#extending;
    const startedAt = time.now();
    try {
      await extend(this.#extending, [this.#tenure]);
    } catch (error) {
      this.assertHeld();
      throw unavailable(error, this.name, store.name, time.now() - startedAt);
    }
    this.assertHeld();
  }

  /**
   * Gives the lock back; whoever waits for it is told. True when the store still had it as ours: then it was nobody else's in between. A second call gives
   * what the first one did.
   * @throws LockUnavailableError when the store did not answer: it is tried again in the background as long as the lock may last.
   */
  release(): Promise<boolean> {
    this.#releasing ??= tracedLock(this.#extending.store, 'release', this.#tenure, (trace) => this.#release(trace));
    return this.#releasing;
  }

  async #release(trace: LockTrace | null): Promise<boolean> {
    const { store, time, timeoutMs } = this.#extending;
    const { name, owner } = this.#tenure;
    this.#tenure.end();
    const startedAt = time.now();
    try {
      const isOurs = await store.release(name, owner, { timeoutMs });
      if (trace !== null) trace.isOurs = isOurs;
      return isOurs;
    } catch (error) {
      this.#releasing = null;
      // What another one finds says nothing: the first may have been carried out.
      void giveBack(this.#extending, this.#tenure);
      throw unavailable(error, name, store.name, time.now() - startedAt);
    }
  }

  /** Releases it. What fails is left to the end of its time: it must not replace the error of the block that it is disposed after. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => {});
  }

  /** Without the owner. */
  toJSON(): { readonly name: string; readonly fence: string } {
    return { name: this.name, fence: String(this.fence) };
  }
}
