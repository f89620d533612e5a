import type { RedisOptions } from '../cache/redis/options.js';
import { RedisStore } from '../cache/redis/store.js';
import { CLOSE_DEADLINE, expected, refuseUnknown, timeLimit } from '../core/engine-options.js';
import type { CloseOptions, Resource } from '../core/ports.js';
import type { PoolStats } from '../errors/pool.js';
import { ClosedError } from '../errors/runtime.js';
import { MongoDatabase } from '../mongo/database.js';
import type { MongoOptions } from '../mongo/options.js';
import { PostgresDatabase } from '../postgres/database.js';
import type { PostgresOptions } from '../postgres/options.js';
import { anySignal } from '../util/any-signal.js';
import { Emitter } from '../util/emitter.js';
import { closeAll } from './close.js';
import { CONNECT_DEFAULTS, type ConnectOptions, MODES } from './connect-options.js';
import { EVENTS, type PoolEvents } from './events.js';
import {
  type HealthReport,
  type Liveness,
  type PoolHealth,
  type Pools,
  type Readiness,
  readinessOf,
  reportOf,
} from './health.js';
import { logTo } from './logging.js';
import {
  checkManagerOptions,
  checkName,
  checkResource,
  type HealthCheckOptions,
  healthSettings,
  type PoolManagerOptions,
} from './options.js';
import { type ShutdownOptions, shutdownOn } from './shutdown.js';
import { openAll, openWaiting } from './start.js';
import { Watcher } from './watcher.js';

/**
 * The databases and stores of an application, opened, watched and closed together. It takes any `Resource`, by a name that stands in reports and
 * events; its databases go on to be used directly.
 *
 * @throws TypeError for a wrong option or name
 * @example
 * ```ts
 * import { ConnectionPoolManager, MongoDatabase, PostgresDatabase } from 'trivet';
 *
 * const sql = new PostgresDatabase({ url: process.env.DATABASE_URL, max: 10 });
 * const docs = new MongoDatabase({ url: 'mongodb://localhost:27017/app' });
 * const pools = new ConnectionPoolManager({ sql, docs }, { healthCheck: { interval: '2s' } });
 * await pools.connect({ mode: 'wait', deadline: '1m' });
 * pools.on('healthChanged', (name, { status, reason }) => console.log(name, status, reason));
 * console.log((await pools.health()).checks.sql.pool.waiting);
 * await pools.close({ deadline: '5s' });
 * ```
 */
export class ConnectionPoolManager<P extends Pools = Pools> {
  readonly #pools = new Map<string, Resource>();
  readonly #watchers = new Map<string, Watcher>();
  readonly #unwatch: (() => void)[] = [];
  readonly #unsignal: (() => void)[] = [];
  readonly #emitter = new Emitter<PoolEvents>(EVENTS);
  readonly #options: PoolManagerOptions;
  readonly #madeAt: number = performance.now();
  #settings: ReturnType<typeof healthSettings>;
  #isMonitoring = false;
  #isConnected = false;
  #isDraining = false;
  readonly #ending = new AbortController();
  #closing: Promise<void> | null = null;

  constructor(pools: P, options: PoolManagerOptions<Extract<keyof P, string>> = {}) {
    if (typeof pools !== 'object' || pools === null) throw expected('pools', 'an object of databases by name', pools);
    checkManagerOptions(options, Object.keys(pools));
    this.#options = options;
    this.#settings = healthSettings(options.healthCheck);
    if (options.logger !== undefined) logTo(options.logger, this.#emitter);
    for (const [name, resource] of Object.entries(pools)) this.#add(name, resource);
  }

  /** The pool of a name. @throws TypeError that lists the names there are */
  getPool<Name extends keyof P>(name: Name): P[Name];
  getPool(name: string): Resource;
  getPool(name: string): Resource {
    const pool = this.#pools.get(name);
    if (pool !== undefined) return pool;
    const names = [...this.#pools.keys()].join(', ') || 'none';
    throw new TypeError(`There is no pool \`${String(name)}\`: there are ${names}`);
  }

  /** Adds a PostgreSQL database under a name that is not taken; it is opened by its first call. @throws TypeError */
  createPostgresPool(name: string, options: PostgresOptions = {}): PostgresDatabase {
    return this.#create(name, () => new PostgresDatabase({ name, ...options }));
  }

  /** Adds a MongoDB database under a name that is not taken; it is opened by its first call. @throws TypeError */
  createMongoPool(name: string, options: MongoOptions = {}): MongoDatabase {
    return this.#create(name, () => new MongoDatabase({ label: name, ...options }));
  }

  /** Adds a Redis store under a name that is not taken; it is opened by its first command. @throws TypeError */
  createRedisPool(name: string, options: RedisOptions = {}): RedisStore {
    return this.#create(name, () => new RedisStore({ name, ...options }));
  }

  /**
   * Opens every pool, and starts to check them when `healthCheck` was given.
   * @throws PoolStartError with what each pool failed with; everything is closed then
   */
  async connect(options: ConnectOptions = {}): Promise<this> {
    refuseUnknown(options, new Set(['mode', 'deadline']));
    const { mode = CONNECT_DEFAULTS.mode, deadline = CONNECT_DEFAULTS.deadline } = options;
    if (!MODES.includes(mode)) throw expected('mode', MODES.map((each) => `'${each}'`).join(', '), mode);
    const deadlineMs = timeLimit(deadline, 'deadline');
    this.#refuseClosed();
    const ending = this.#ending.signal;
    const [required, optional] = this.#byNeed();
    // Nothing waits for those that the application can work without.
    void openWaiting(optional, ending).catch((error) => this.#tellFailures(error));
    if (mode === 'background') {
      const told = openWaiting(required, ending).catch((error) => this.#tellFailures(error));
      // Those that failed are looked at on, so that it is seen when they are there after all.
      void told.then(() => this.#opened());
      return this;
    }
    try {
      const limit = anySignal([ending, AbortSignal.timeout(deadlineMs)]);
      await (mode === 'wait' ? openWaiting(required, limit) : openAll(required));
    } catch (error) {
      await this.close().catch(() => {});
      throw error;
    }
    this.#refuseClosed();
    this.#opened();
    return this;
  }

  #opened(): void {
    if (this.#closing !== null) return;
    this.#isConnected = true;
    if (this.#options.healthCheck !== undefined) this.startHealthMonitoring();
  }

  #tellFailures(error: { readonly failures?: Readonly<Record<string, Error>> }): void {
    for (const [name, failure] of Object.entries(error.failures ?? {})) this.#emitter.tell('error', name, failure);
  }

  #byNeed(): readonly [required: Pools, optional: Pools] {
    const split = (required: boolean): Pools =>
      Object.fromEntries([...this.#pools].filter(([name]) => this.#watchers.get(name)!.required === required));
    return [split(true), split(false)];
  }

  /** Checks every pool again and again, in the background. @default the options of the constructor */
  startHealthMonitoring(options?: HealthCheckOptions): void {
    this.#refuseClosed();
    if (options !== undefined) this.#settings = healthSettings(options);
    this.#isMonitoring = true;
    for (const watcher of this.#watchers.values()) watcher.start(this.#settings);
  }

  stopHealthMonitoring(): void {
    this.#isMonitoring = false;
    for (const watcher of this.#watchers.values()) watcher.stop();
  }

  /** Checks every pool now, side by side: one that hangs makes neither the others nor the report late. */
  async health(): Promise<HealthReport<P>> {
    await Promise.all([...this.#watchers.values()].map((watcher) => watcher.check()));
    return this.lastHealth();
  }

  /** Checks one pool now. @throws TypeError for a name that there is not */
  checkHealth(name: Extract<keyof P, string>): Promise<PoolHealth>;
  checkHealth(name: string): Promise<PoolHealth>;
  async checkHealth(name: string): Promise<PoolHealth> {
    this.getPool(name);
    return this.#watchers.get(name)!.check();
  }

  /** What the last checks found, with the figures of now. Asks nobody. */
  lastHealth(): HealthReport<P> {
    const checks = Object.fromEntries([...this.#watchers].map(([name, { last }]) => [name, last]));
    return reportOf<P>(checks as HealthReport<P>['checks']);
  }

  /** Whether the application can take work: every pool that is required is open and not down. Checks now, unless they are being watched. */
  async readiness(): Promise<Readiness<P>> {
    const isClosing = this.#isDraining || this.#closing !== null;
    const report = this.#isMonitoring || isClosing ? this.lastHealth() : await this.health();
    return readinessOf(report, isClosing, this.#isConnected);
  }

  /** Whether the process works. Looks at no database: a process is not to be restarted because its database is away. */
  liveness(): Liveness {
    return {
      status: 'pass',
      uptime: Math.round((performance.now() - this.#madeAt) / 1_000),
      closing: this.#isDraining || this.#closing !== null,
    };
  }

  /** The figures of every pool, or of one. @throws TypeError for a name that there is not */
  stats(): { readonly [Name in keyof P]: PoolStats };
  stats(name: string): PoolStats;
  stats(name?: string): PoolStats | Readonly<Record<string, PoolStats>> {
    if (name !== undefined) return this.getPool(name).stats();
    return Object.fromEntries([...this.#pools].map(([each, pool]) => [each, pool.stats()]));
  }

  /** Gives the function that ends it. A listener that throws harms nobody. */
  on<Name extends keyof PoolEvents>(name: Name, listener: (...values: PoolEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  off<Name extends keyof PoolEvents>(name: Name, listener: (...values: PoolEvents[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  /**
   * Is no longer ready, checks no more, and closes every pool: stores first, then the databases side by side. What is in flight may finish until the
   * deadline, and is cancelled then. Idempotent: later calls get the same promise.
   * @throws PoolCloseError when everything is closed but something went wrong
   */
  close({ deadline = CLOSE_DEADLINE }: CloseOptions = {}): Promise<void> {
    const deadlineMs = timeLimit(deadline, 'deadline');
    // What is called meanwhile must see that it closes.
    this.#closing ??= Promise.resolve().then(() => this.#close(deadlineMs));
    return this.#closing;
  }

  /** The same as `close`. */
  closeAll(options?: CloseOptions): Promise<void> {
    return this.close(options);
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#ending.abort();
    this.stopHealthMonitoring();
    try {
      await closeAll(Object.fromEntries(this.#pools), deadlineMs);
    } finally {
      for (const end of this.#unwatch.splice(0)) end();
      this.#emitter.tell('closed');
      // Those of a shutdown under way stay, so that a second signal ends it.
      for (const end of this.#unsignal.splice(0)) end();
    }
  }

  /**
   * Closes when the process is told to end: the first of the signals drains, closes and exits with 0 (1 when something went wrong), a second one
   * exits at once with 128 and its number. From the first on it is not ready. Nothing is done to signals that are not asked for here. Gives the
   * function that takes it back.
   */
  shutdownOn(signals: readonly NodeJS.Signals[], options: ShutdownOptions = {}): () => void {
    refuseUnknown(options, new Set(['deadline', 'drain']));
    const { deadline, drain } = options;
    if (deadline !== undefined) timeLimit(deadline, 'deadline');
    if (drain !== undefined && typeof drain !== 'function') throw expected('drain', 'a function', drain);
    const draining = (): unknown => {
      this.#isDraining = true;
      return drain?.();
    };
    const end = shutdownOn(signals, () => this.close({ deadline }), { drain: draining });
    this.#unsignal.push(end);
    return end;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #create<R extends Resource>(name: string, make: () => R): R {
    this.#refuseClosed();
    const resource = make();
    this.#add(name, resource);
    if (this.#isMonitoring) this.#watchers.get(name)!.start(this.#settings);
    return resource;
  }

  #add(name: string, resource: Resource): void {
    checkName(name);
    if (this.#pools.has(name)) throw new TypeError(`There is a pool \`${name}\` already: give another name`);
    checkResource(name, resource);
    const { optional = [] } = this.#options;
    const changed = (now: PoolHealth, before: PoolHealth): void =>
      this.#emitter.tell('healthChanged', name, now, before);
    this.#pools.set(name, resource);
    this.#watchers.set(name, new Watcher(name, resource, !optional.includes(name), this.#settings, changed));
    const end = resource.watch?.((event) => {
      if (event.type === 'error' || event.type === 'disconnected') this.#emitter.tell(event.type, name, event.error);
      else this.#emitter.tell(event.type, name);
    });
    if (end !== undefined) this.#unwatch.push(end);
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw new ClosedError('The pools were closed: make a new manager');
  }
}
