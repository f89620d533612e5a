import { inspect } from 'node:util';
import type { ConnectionListener } from '../../core/connection-events.js';
import { Deadline } from '../../core/deadline.js';
import { CLOSE_DEADLINE, timeLimit } from '../../core/engine-options.js';
import { logConnections, Observer } from '../../core/observer.js';
import type { CloseOptions, Resource, ServerState } from '../../core/ports.js';
import { type PoolStats, PoolUnavailableError } from '../../errors/pool.js';
import { ClosedError, ConnectionError } from '../../errors/runtime.js';
import type { LockStore } from '../lock/port.js';
import type { CacheStore, EntryStore } from '../ports.js';
import type { RedisArgument, RedisCallOptions } from './call-options.js';
import { isCluster, type RedisClientLike } from './client.js';
import { Connection } from './connection.js';
import { RedisEntries } from './entries.js';
import { codeOf } from './errors.js';
import { InFlight } from './in-flight.js';
import { RedisLockStore } from './locks.js';
import { parseOptions, type RedisOptions, type Settings } from './options.js';
import { Prober } from './probe.js';
import { shaOf } from './scripts.js';
import { type Subscriber, Subscriptions } from './subscriptions.js';

/**
 * A Redis server, over the driver `ioredis`, which is loaded at the first command. One connection carries all commands; it is made again by itself when
 * it is lost, and commands wait for it within their time.
 *
 * Nothing is sent twice: the driver's own retries execute a command again whose reply got lost, so they are off, and a lost reply is a
 * `ConnectionError` with `outcome: 'unknown'`, unless the call says `idempotent`.
 *
 * @throws TypeError when an option is not what was expected.
 * @example
 * ```ts
 * import { RedisStore } from 'trivet';
 *
 * const redis = new RedisStore({ url: 'redis://localhost:6379/0', timeout: '1s' });
 * await redis.run('SET', ['greeting', 'hello'], { idempotent: true });
 * console.log(await redis.run('GET', ['greeting']));
 * await redis.close();
 * ```
 */
export class RedisStore implements Resource, CacheStore {
  static {
    // Shows no address: it may hold a password.
    const value = function (this: RedisStore): string {
      return `RedisStore(${this.#settings.resource})`;
    };
    Object.defineProperty(this.prototype, inspect.custom, { value });
  }

  readonly engine = 'redis' as const;
  /** The name given, or `host:port/db`. */
  readonly name: string;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #prober: Prober;
  readonly #subscriptions: Subscriptions;
  readonly #inFlight = new InFlight();
  readonly #observer: Observer;
  #timeouts = 0;
  #closing: Promise<void> | null = null;

  constructor(options: RedisOptions = {}) {
    this.#settings = parseOptions(options);
    this.name = this.#settings.resource;
    this.#connection = new Connection(this.#settings);
    this.#prober = new Prober(this.#settings);
    this.#subscriptions = new Subscriptions(this.#settings);
    logConnections(this.#settings.observer, this.name, this.#connection.events);
    this.#observer = new Observer('redis', this.#settings.resource, this.#settings.observer);
  }

  /**
   * Runs one command, and gives its reply as the driver does.
   * @throws QueryError with `serverCode` when the server refuses it, TimeoutError, AbortedError, ConnectionError, PoolUnavailableError, AuthenticationError
   */
  run(command: string, args: readonly RedisArgument[] = [], options: RedisCallOptions = {}): Promise<unknown> {
    return this.#call(command, options, (client) =>
      options.bytes === true ? client.callBuffer(command, ...args) : client.call(command, ...args),
    );
  }

  /** Runs a Lua script, which is sent whole only where the server has not got it yet. The keys are those that it touches. */
  async script(
    lua: string,
    keys: readonly string[],
    args: readonly RedisArgument[] = [],
    options: RedisCallOptions = {},
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    return this.#call('EVALSHA', options, async (client) => {
      try {
        return await client.call('EVALSHA', shaOf(lua), ...rest);
      } catch (error) {
        // The server knows no such script: it did nothing.
        if (codeOf(error) !== 'NOSCRIPT') throw error;
        return client.call('EVAL', lua, ...rest);
      }
    });
  }

  /** The entries of a cache under a prefix: what `CacheManager` asks for. */
  entries(prefix: string, timeoutMs: number): EntryStore {
    return new RedisEntries(this, prefix, timeoutMs);
  }

  /** The locks of a cache under a prefix: what `CacheManager` asks for. */
  locks(prefix: string): LockStore {
    return new RedisLockStore(this, { prefix });
  }

  /** Whether the keys are spread over the servers of a cluster. */
  get isCluster(): boolean {
    const { client } = this.#settings;
    return client !== null && isCluster(client);
  }

  /** Tells of the messages of a channel, on a connection of its own; gives the function that ends it. */
  subscribe(channel: string, listener: Subscriber): () => void {
    return this.#subscriptions.add(channel, listener);
  }

  /** The driver's own client, when it was made. */
  get native(): RedisClientLike | null {
    return this.#connection.client;
  }

  /** Connects and logs in; one attempt. @throws ConnectionError, AuthenticationError, DriverMissingError */
  async connect(): Promise<void> {
    this.#refuseClosed();
    const deadline = new Deadline(this.#settings.connectTimeoutMs + this.#settings.timeoutMs, undefined);
    try {
      await this.#ready(deadline, true);
    } finally {
      deadline.clear();
    }
  }

  /** Asks the server for a sign of life, within `connectTimeout`; one attempt to connect. */
  async ping(signal?: AbortSignal): Promise<void> {
    const timeout = `${this.#settings.connectTimeoutMs}ms` as const;
    await this.#call('PING', { signal, timeout }, (client) => client.call('PING'), true);
  }

  /** Asks the server for its state on a connection of its own, within `connectTimeout`. The connection is kept for the next time. */
  probe(signal?: AbortSignal): Promise<ServerState> {
    return this.#prober.probe(signal);
  }

  /** All commands share one connection: it is in use while any of them runs. */
  stats(): PoolStats {
    const total = this.#connection.ready === null ? 0 : 1;
    const active = Math.min(total, this.#inFlight.size);
    return {
      max: 1,
      min: 0,
      total,
      active,
      idle: total - active,
      waiting: this.#connection.waiting,
      timeouts: this.#timeouts,
    };
  }

  /** Tells `listener` what happens to the connection; gives the function that ends it. */
  watch(listener: ConnectionListener): () => void {
    return this.#connection.events.watch(listener);
  }

  /**
   * Refuses new commands, fails those that wait, lets those in flight finish until the deadline, and ends the connection; a client that was given stays
   * open. Idempotent.
   */
  close({ deadline = CLOSE_DEADLINE }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeLimit(deadline, 'deadline'));
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#prober.close();
    this.#subscriptions.close();
    this.#connection.refuse(this.#closedError('not-executed'));
    await this.#inFlight.drained(deadlineMs, () => this.#closedError('unknown'));
    this.#connection.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toJSON(): { readonly engine: 'redis'; readonly resource: string } {
    return { engine: 'redis', resource: this.#settings.resource };
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw this.#closedError('not-executed');
  }

  #closedError(outcome: 'not-executed' | 'unknown'): ClosedError {
    const { resource } = this.#settings;
    return new ClosedError(`The store was closed (${resource})`, { resource, outcome });
  }

  async #call(
    operation: string,
    { signal, timeout, idempotent = false }: RedisCallOptions,
    send: (client: RedisClientLike) => Promise<unknown>,
    once = false,
  ): Promise<unknown> {
    this.#refuseClosed();
    const { resource, timeoutMs } = this.#settings;
    const deadline = new Deadline(timeout === undefined ? timeoutMs : timeLimit(timeout, 'timeout'), signal);
    const work = async (): Promise<unknown> => {
      for (let again = idempotent; ; ) {
        const client = this.#connection.ready ?? (await this.#ready(deadline, once));
        try {
          return await this.#inFlight.send(client, send, { deadline, resource, own: this.#settings.client === null });
        } catch (error) {
          if (!(error instanceof ConnectionError) || deadline.ended) throw error;
          const isUnsent = error.outcome === 'not-executed' && error.retryable;
          if (!again && !isUnsent) throw error;
          if (!isUnsent) again = false;
          // The driver learns in a later turn that its connection is gone.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    try {
      return await (this.#observer.listens ? this.#observer.query(operation, null, work) : work());
    } finally {
      deadline.clear();
    }
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
