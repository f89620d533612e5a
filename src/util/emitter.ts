/** Listeners by the name of what happens. One that throws harms neither what happens nor the others. */
export class Emitter<Events extends Record<string, readonly unknown[]>> {
  readonly #listeners = new Map<keyof Events, Set<unknown>>();
  readonly #names: readonly (keyof Events)[];

  constructor(names: readonly (keyof Events)[]) {
    this.#names = names;
  }

  /** Gives the function that ends it. @throws TypeError for a name that is none */
  on<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): () => void {
    if (!this.#names.includes(name))
      throw new TypeError(
        `Expected an event to be one of ${this.#names.map(String).join(', ')}, got \`${String(name)}\``,
      );
    if (typeof listener !== 'function') throw new TypeError('Expected a listener to be a function');
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(name, listeners);
    }
    listeners.add(listener);
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  /** Whether anybody listens: what is told many times need not be put together for nobody. */
  isHeard(name: keyof Events): boolean {
    const listeners = this.#listeners.get(name);
    return listeners !== undefined && listeners.size > 0;
  }

  tell<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined || listeners.size === 0) return;
    for (const listener of [...listeners]) {
      try {
        (listener as (...values: Events[Name]) => void)(...values);
      } catch {
        // Who listens is no part of what happens.
      }
    }
  }
}
