import type { WireConnection } from './driver.js';

type Stream = WireConnection['stream'];

/** How long a connection that said goodbye may take to end, before it is cut: a server that is well answers in far less. */
const GRACE_MS = 500;
/** How long a request to cancel is waited for: one that cannot be reached would keep whoever closes. */
const CANCELLING_MS = 250;

/** What goes on after a connection was given up: its goodbye, and the request to cancel what ran on it. A pool has ended when none is left. */
export class Farewells {
  readonly #leaving = new Map<Stream, NodeJS.Timeout>();
  readonly #cancelling = new Set<Promise<void>>();
  #left: (() => void) | null = null;

  /** The server is asked to cancel something; `asked` settles when it has been. */
  cancelling(asked: Promise<void>): void {
    this.#cancelling.add(asked);
    void asked.then(() => this.#cancelling.delete(asked));
  }

  /** A connection says goodbye. One whose peer does not answer is cut after a moment, so that it keeps no process alive. */
  leaving(stream: Stream): void {
    if (stream.destroyed === true || this.#leaving.has(stream)) return;
    this.#leaving.set(
      stream,
      setTimeout(() => stream.destroy(), GRACE_MS),
    );
    stream.once('close', () => {
      clearTimeout(this.#leaving.get(stream));
      this.#leaving.delete(stream);
      if (this.#leaving.size === 0) this.#left?.();
    });
  }

  /** Settles when the server has every request to cancel, or a moment later. */
  async cancelled(): Promise<void> {
    if (this.#cancelling.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CANCELLING_MS);
    });
    await Promise.race([Promise.all([...this.#cancelling]), enough]);
    clearTimeout(timer);
  }

  /** Settles when every connection that said goodbye has ended. */
  async left(): Promise<void> {
    if (this.#leaving.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#left = resolve;
    });
  }

  /** Cuts the connections that say goodbye. */
  cutShort(): void {
    for (const stream of [...this.#leaving.keys()]) stream.destroy();
  }
}
