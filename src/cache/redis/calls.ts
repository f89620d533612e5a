import { Deadline } from '../../core/deadline.js';
import { timeLimit } from '../../core/engine-options.js';
import type { Observer } from '../../core/observer.js';
import { type PoolStats, PoolUnavailableError } from '../../errors/pool.js';
import { ClosedError, ConnectionError } from '../../errors/runtime.js';
import { Patience } from '../../util/patience.js';
import type { RedisClientLike } from './client.js';
import type { CommandOptions } from './commands.js';
import type { Connection } from './connection.js';
import { InFlight } from './in-flight.js';
import type { Settings } from './options.js';

type Send = (client: RedisClientLike) => Promise<unknown>;

/** The calls of a store: each waits for the connection, is sent, and has an end. */
export class Calls {
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #observer: Observer;
  readonly #inFlight: InFlight;
  /** Of calls with no timeout of their own. */
  readonly #patience: Patience;
  #soon: (() => void)[] = [];
  #timeouts = 0;
  #isClosed = false;

  constructor(settings: Settings, connection: Connection, observer: Observer) {
    this.#settings = settings;
    this.#connection = connection;
    this.#observer = observer;
    this.#inFlight = new InFlight(settings.resource, settings.client === null);
    this.#patience = new Patience(settings.timeoutMs);
  }

  /** Sends a command, within its time, which begins when the driver is loaded. With `once`, one attempt to connect decides. */
  call(operation: string, options: CommandOptions, send: Send, once = false): Promise<unknown> {
    if (this.#connection.isLoaded || this.#isClosed) return this.#call(operation, options, send, once);
    return this.#connection.load().then(() => this.#call(operation, options, send, once));
  }

  #call(
    operation: string,
    { signal, timeout, patience, idempotent = false, isPart = false }: CommandOptions,
    send: Send,
    once: boolean,
  ): Promise<unknown> {
    let deadline: Deadline;
    try {
      this.#refuseClosed();
      const limit = patience ?? (timeout === undefined ? this.#patience : timeLimit(timeout, 'timeout'));
      deadline = new Deadline(limit, signal);
    } catch (error) {
      return Promise.reject(error);
    }
    if (isPart || !this.#observer.listens) return this.#answered(deadline, idempotent, once, send);
    return this.#observer.query(operation, null, () => this.#answered(deadline, idempotent, once, send));
  }

  async #answered(deadline: Deadline, idempotent: boolean, once: boolean, send: Send): Promise<unknown> {
    try {
      for (let again = idempotent; ; ) {
        const client = this.#connection.ready ?? (await this.#ready(deadline, once));
        try {
          return await this.#inFlight.send(client, send, deadline);
        } catch (error) {
          if (!(error instanceof ConnectionError) || deadline.ended) throw error;
          const isUnsent = error.outcome === 'not-executed' && error.retryable;
          if (!again && !isUnsent) throw error;
          if (!isUnsent) again = false;
          // The driver learns in a later turn that its connection is gone.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    } finally {
      deadline.clear();
    }
  }

  /** Connects; one attempt. */
  async connect(): Promise<void> {
    this.#refuseClosed();
    await this.#connection.load();
    this.#refuseClosed();
    const deadline = new Deadline(this.#settings.connectTimeoutMs + this.#settings.timeoutMs, undefined);
    try {
      await this.#ready(deadline, true);
    } finally {
      deadline.clear();
    }
  }

  /** Calls `send` when all that goes on in the process now has asked for what it wants, and in any case before calls are refused. */
  soon(send: () => void): void {
    if (this.#soon.length === 0) process.nextTick(() => this.#sendAll());
    this.#soon.push(send);
  }

  #sendAll(): void {
    const all = this.#soon;
    this.#soon = [];
    for (const send of all) send();
  }

  /** All commands share one connection: it is in use while any of them runs. */
  stats(): PoolStats {
    const total = this.#connection.ready === null ? 0 : 1;
    const active = Math.min(total, this.#inFlight.size);
    const { waiting } = this.#connection;
    return { max: 1, min: 0, total, active, idle: total - active, waiting, timeouts: this.#timeouts };
  }

  /** Refuses new calls, fails those that wait, and lets those in flight finish until the deadline. */
  async close(deadlineMs: number): Promise<void> {
    this.#sendAll();
    this.#isClosed = true;
    this.#connection.refuse(this.#closedError('not-executed'));
    await this.#inFlight.drained(deadlineMs, () => this.#closedError('unknown'));
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw this.#closedError('not-executed');
  }

  #closedError(outcome: 'not-executed' | 'unknown'): ClosedError {
    const { resource } = this.#settings;
    return new ClosedError(`The store was closed (${resource})`, { resource, outcome });
  }

  /** The client when commands can be sent on it, within the deadline. */
  #ready(deadline: Deadline, once: boolean): Promise<RedisClientLike> {
    const { resource } = this.#settings;
    const wait = this.#connection.wait(once);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        const stats = this.stats();
        wait.leave();
        const { trouble, attempts } = this.#connection;
        if (!deadline.timedOut || trouble === null) {
          if (deadline.timedOut) this.#timeouts += 1;
          reject(deadline.error('not-executed', resource, 'there was no connection', trouble ?? undefined));
          return;
        }
        this.#timeouts += 1;
        const { elapsedMs, timeoutMs } = deadline;
        reject(
          new PoolUnavailableError(
            `No connection to ${resource} could be made within ${timeoutMs} ms: ${trouble.message}`,
            {
              resource,
              stats,
              elapsedMs,
              attempts,
              cause: trouble,
            },
          ),
        );
      };
      deadline.listen(stop);
      if (deadline.ended) stop();
      wait.client.then(resolve, reject).finally(() => deadline.listen(null));
    });
  }
}
