/** What happened to the connections of a pool. Errors are the library's own: they hold no secret. */
export type ConnectionEvent =
  /** The first connection, and the first one after all were lost. */
  | { readonly type: 'connected' | 'reconnected' }
  /** The server cannot be reached any more. */
  | { readonly type: 'disconnected'; readonly error: Error }
  /** A connection broke that no call had, or something failed in the background: no caller learns it otherwise. */
  | { readonly type: 'error'; readonly error: Error };

/** Told of what happens to connections. */
export type ConnectionListener = (event: ConnectionEvent) => void;

/** Tells what happens to connections, each change once. A listener that throws harms neither the pool nor the other listeners. */
export class ConnectionEvents {
  readonly #listeners = new Set<ConnectionListener>();
  #state: 'new' | 'up' | 'down' = 'new';

  /** Whether a connection was made and the server was not lost since. */
  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Gives the function that ends it. */
  watch(listener: ConnectionListener): () => void {
    if (typeof listener !== 'function') throw new TypeError('Expected `listener` to be a function');
    // The same function may be given twice, and each is ended for itself.
    const own: ConnectionListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** A connection was made. */
  up(): void {
    if (this.#state === 'up') return;
    const type = this.#state === 'new' ? 'connected' : 'reconnected';
    this.#state = 'up';
    this.#tell({ type });
  }

  /** Connecting failed, or the last connection was lost because of the server. Told only where there was one. */
  down(error: Error): void {
    if (this.#state !== 'up') return;
    this.#state = 'down';
    this.#tell({ type: 'disconnected', error });
  }

  error(error: Error): void {
    this.#tell({ type: 'error', error });
  }

  #tell(event: ConnectionEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        // Who listens is no part of what happens.
      }
    }
  }
}
