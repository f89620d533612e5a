import { inspect } from 'node:util';
import type { ConnectionListener } from '../../core/connection-events.js';
import { CLOSE_DEADLINE, timeLimit } from '../../core/engine-options.js';
import { logConnections, Observer } from '../../core/observer.js';
import type { CloseOptions, Resource, ServerState } from '../../core/ports.js';
import type { PoolStats } from '../../errors/pool.js';
import type { LockStore } from '../lock/port.js';
import type { CacheStore, EntryStore } from '../ports.js';
import type { StoreStats, StoreStatsOptions } from '../store-stats.js';
import type { RedisArgument, RedisCallOptions } from './call-options.js';
import { Calls } from './calls.js';
import { isCluster, type RedisClientLike } from './client.js';
import type { GatheringCommands } from './commands.js';
import { Connection } from './connection.js';
import { RedisEntries } from './entries.js';
import { codeOf } from './errors.js';
import { RedisLockStore } from './locks.js';
import { type ArgumentsFor, askMasters, type MasterReply } from './masters.js';
import { parseOptions, type RedisOptions, type Settings } from './options.js';
import { Prober } from './probe.js';
import { shaOf } from './scripts.js';
import { serverStats } from './server-stats.js';
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
  readonly #calls: Calls;
  readonly #observer: Observer;
  #closing: Promise<void> | null = null;

  constructor(options: RedisOptions = {}) {
    this.#settings = parseOptions(options);
    this.name = this.#settings.resource;
    this.#connection = new Connection(this.#settings);
    this.#prober = new Prober(this.#settings);
    this.#subscriptions = new Subscriptions(this.#settings);
    logConnections(this.#settings.observer, this.name, this.#connection.events);
    this.#observer = new Observer('redis', this.#settings.resource, this.#settings.observer);
    this.#calls = new Calls(this.#settings, this.#connection, this.#observer);
  }

  /**
   * Runs one command, and gives its reply as the driver does.
   * @throws QueryError with `serverCode` when the server refuses it, TimeoutError, AbortedError, ConnectionError, PoolUnavailableError, AuthenticationError
   */
  run(command: string, args: readonly RedisArgument[] = [], options: RedisCallOptions = {}): Promise<unknown> {
    return this.#calls.call(command, options, (client) =>
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
    return this.#calls.call('EVALSHA', options, async (client) => {
      try {
        return await client.call('EVALSHA', shaOf(lua), ...rest);
      } catch (error) {
        // The server knows no such script: it did nothing.
        if (codeOf(error) !== 'NOSCRIPT') throw error;
        return client.call('EVAL', lua, ...rest);
      }
    });
  }

  /** Runs one command at each server that has keys, with arguments for each: the masters of a cluster, else the server itself. */
  onMasters(
    command: string,
    argumentsFor: ArgumentsFor,
    options: RedisCallOptions = {},
  ): Promise<readonly MasterReply[]> {
    const send = (client: RedisClientLike) => askMasters(client, this.name, command, argumentsFor);
    return this.#calls.call(command, options, send) as Promise<readonly MasterReply[]>;
  }

  /** What the server says of its memory, its clients and its keys; of a cluster, each master. It takes a round trip. @throws as `run` */
  storeStats(options: StoreStatsOptions = {}): Promise<StoreStats> {
    return serverStats(this, options);
  }

  /** The entries of a cache under a prefix: what `CacheManager` asks for. */
  entries(prefix: string, timeoutMs: number): EntryStore {
    const store: GatheringCommands = {
      name: this.name,
      isCluster: this.isCluster,
      run: (command, args, options) => this.run(command, args, options),
      script: (lua, keys, args, options) => this.script(lua, keys, args, options),
      onMasters: (command, argumentsFor, options) => this.onMasters(command, argumentsFor, options),
      subscribe: (channel, listener) => this.subscribe(channel, listener),
      observed: (command, work) => (this.#observer.listens ? this.#observer.query(command, null, work) : work()),
      soon: (send) => this.#calls.soon(send),
    };
    return new RedisEntries(store, prefix, timeoutMs);
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
  connect(): Promise<void> {
    return this.#calls.connect();
  }

  /** Asks the server for a sign of life, within `connectTimeout`; one attempt to connect. */
  async ping(signal?: AbortSignal): Promise<void> {
    const timeout = `${this.#settings.connectTimeoutMs}ms` as const;
    await this.#calls.call('PING', { signal, timeout }, (client) => client.call('PING'), true);
  }

  /** Asks the server for its state on a connection of its own, within `connectTimeout`. The connection is kept for the next time. */
  probe(signal?: AbortSignal): Promise<ServerState> {
    return this.#prober.probe(signal);
  }

  /** All commands share one connection: it is in use while any of them runs. */
  stats(): PoolStats {
    return this.#calls.stats();
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
    await this.#calls.close(deadlineMs);
    this.#connection.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toJSON(): { readonly engine: 'redis'; readonly resource: string } {
    return { engine: 'redis', resource: this.#settings.resource };
  }
}
