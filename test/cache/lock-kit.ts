import { type LockStore, MemoryLockStore } from '../../src/index.js';
import { FakeTime } from './fake-time.js';

export { caught } from '../setup/outcomes.js';

type Method = 'acquire' | 'extend' | 'release';

/** A store in memory over fake time, with faults: what the store does stays right, what the caller hears of it may not. */
export class FaultyStore implements LockStore {
  readonly name = 'faulty';
  readonly time = new FakeTime();
  readonly memory: MemoryLockStore = new MemoryLockStore({ time: this.time });
  /** The calls that were made. */
  readonly calls: { readonly method: Method; readonly names: readonly string[] }[] = [];
  /** Runs before a call reaches the store. */
  before: (method: Method) => Promise<void> | void = () => {};
  /** Runs before its answer reaches the caller. */
  after: (method: Method) => Promise<void> | void = () => {};

  count(method: Method): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  acquire(name: string, owner: string, ttlMs: number) {
    return this.#call('acquire', [name], () => this.memory.acquire(name, owner, ttlMs));
  }

  extend(locks: Parameters<MemoryLockStore['extend']>[0]) {
    const names = locks.map((each) => each.name);
    return this.#call('extend', names, () => this.memory.extend(locks));
  }

  release(name: string, owner: string) {
    return this.#call('release', [name], () => this.memory.release(name, owner));
  }

  listen(name: string, listener: () => void): () => void {
    return this.memory.listen(name, listener);
  }

  /** So much time passes in each call of this kind, before or after the store does it. */
  delay(where: 'before' | 'after', method: Method, milliseconds: number): void {
    this[where] = (called) => (called === method ? this.pause(milliseconds) : undefined);
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.time.after(milliseconds, resolve));
  }

  /** Takes the lock away from whoever has it, as an eviction does. */
  async evict(name: string): Promise<void> {
    const held = this.#owners.get(name);
    if (held !== undefined) await this.memory.release(name, held);
  }

  readonly #owners = new Map<string, string>();

  async #call<T>(method: Method, names: readonly string[], work: () => Promise<T>): Promise<T> {
    this.calls.push({ method, names });
    await this.before(method);
    const result = await work();
    await this.after(method);
    return result;
  }

  /** Notes the owners, for `evict`. */
  noting(): this {
    const acquire = this.memory.acquire.bind(this.memory);
    this.memory.acquire = async (name, owner, ttlMs) => {
      const acquired = await acquire(name, owner, ttlMs);
      if (acquired.fence !== undefined) this.#owners.set(name, owner);
      return acquired;
    };
    return this;
  }
}
