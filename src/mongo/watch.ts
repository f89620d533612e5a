import { channels, type QueryTrace, traced } from '../core/channels.js';

/** Where the time of one call goes, and its waits for a connection; only made where somebody listens. */
export class Watch {
  readonly #resource: string;
  readonly #trace: QueryTrace | null;
  /** Since when it waits for a connection: from the call on, or from a further command of it. */
  #waitingSince: number | null = performance.now();
  #sentAt: number | null = null;
  #divided = true;
  #soon: NodeJS.Immediate | null = null;
  #tell: ((error: unknown) => void) | null = null;

  constructor(resource: string, trace: QueryTrace | null) {
    this.#resource = resource;
    this.#trace = trace;
  }

  /** A command is with the driver, which looks for a server and for a connection. */
  handed(): void {
    this.answered();
    this.#waitingSince ??= performance.now();
    this.wait();
  }

  /** A wait for a connection begins, unless there is a free one: then the message is written before the event loop turns. */
  wait(): void {
    if (this.#soon !== null || this.#tell !== null || !channels.acquire.hasSubscribers) return;
    this.#soon = setImmediate(() => {
      this.#soon = null;
      const trace = () => ({ engine: 'mongo', resource: this.#resource });
      const waiting = () =>
        new Promise<void>((resolve, reject) => {
          this.#tell = (error) => (error === null ? resolve() : reject(error));
        });
      traced(channels.acquire, trace, waiting).catch(() => {});
    });
  }

  /** The command has its connection. When the driver sends it once more by itself, that is time of the server. */
  sent(): void {
    this.#endWait(null);
    if (this.#waitingSince === null) return;
    const now = performance.now();
    this.#add('queueMs', now - this.#waitingSince);
    this.#waitingSince = null;
    this.#sentAt = now;
    if (this.#divided) this.#add('decodeMs', 0);
  }

  answered(): void {
    if (this.#sentAt === null) return;
    if (this.#divided) this.#add('serverMs', performance.now() - this.#sentAt);
    this.#sentAt = null;
  }

  /** A command is with the driver that has nothing of ours in it: its wait for a connection counts as time of the server. */
  handedUnseen(): void {
    this.#sentAt ??= performance.now();
  }

  /** It cannot be told apart what the driver and the server take their time for. */
  undivided(): void {
    this.#divided = false;
  }

  decoding<T>(read: () => T): T {
    this.answered();
    const startedAt = performance.now();
    try {
      return read();
    } finally {
      this.#add('decodeMs', performance.now() - startedAt);
    }
  }

  /** The call is over; `error` is what it ended with, or null. */
  end(error: unknown): void {
    this.answered();
    this.#endWait(error);
  }

  #add(name: 'queueMs' | 'serverMs' | 'decodeMs', milliseconds: number): void {
    if (this.#trace !== null) this.#trace[name] = (this.#trace[name] ?? 0) + milliseconds;
  }

  #endWait(error: unknown): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#soon = null;
    this.#tell?.(error);
    this.#tell = null;
  }
}

/** What `read` makes of an answer, with the time that it takes told apart. */
export function decoded<T>(watch: Watch | null, read: () => T): T {
  return watch === null ? read() : watch.decoding(read);
}
