import { isIP } from 'node:net';
import { ConnectionEvents } from '../../core/connection-events.js';
import { AuthenticationError, ConnectionError } from '../../errors/runtime.js';
import type { RedisClientLike, SingleRedisClient } from './client.js';
import { askBeforeConnecting } from './credentials.js';
import { type Driver, loadDriver } from './driver.js';
import { codeOf, mapError, redact } from './errors.js';
import type { Settings } from './options.js';

const FIRST_PAUSE_MS = 20;
/** Once a second, so that commands are served within a second after the server accepts again. */
const MOST_PAUSE_MS = 1_000;

/** A call that waits for the connection. */
interface Waiting {
  readonly once: boolean;
  resolve(client: RedisClientLike): void;
  reject(error: unknown): void;
}

/** Full jitter, as for every pool (see `Backoff`); the driver counts the failures itself. */
export function pauseOf(times: number, random: () => number = Math.random): number {
  return Math.max(1, Math.round(random() * Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1))));
}

/** The one client, made at the first use. The driver reconnects by itself: what is done here is to wait for it and to listen. */
export class Connection {
  readonly #settings: Settings;
  readonly events: ConnectionEvents = new ConnectionEvents();
  readonly #waiting = new Set<Waiting>();
  #client: RedisClientLike | null = null;
  #making: Promise<RedisClientLike> | null = null;
  #driver: Driver | null = null;
  #loading: Promise<void> | null = null;
  /** Why there is no connection, as an error of the library; null when there is one. */
  trouble: Error | null = null;
  attempts = 0;

  readonly #listeners: Readonly<Record<string, (value?: unknown) => void>> = {
    ready: () => this.#ready(),
    error: (error) => this.#failed(error),
    close: () => this.#lost(),
  };

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The client, if commands can be sent on it now. */
  get ready(): RedisClientLike | null {
    return this.#client?.status === 'ready' ? this.#client : null;
  }

  get client(): RedisClientLike | null {
    return this.#client;
  }

  /** Whether a client can be made at once, because its driver is loaded, or is there. */
  get isLoaded(): boolean {
    return this.#driver !== null || this.#settings.client !== null;
  }

  /** Loads the driver, which takes as long as the machine takes: nothing is asked of a server yet. @throws DriverMissingError */
  load(): Promise<void> {
    // One for all who wait, so that they go on in their order.
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      if (!this.isLoaded) this.#driver = await loadDriver();
    } finally {
      this.#loading = null;
    }
  }

  /**
   * The client when commands can be sent on it; with `once`, the next attempt to connect decides. Credentials and TLS that are refused fail all who
   * wait. `leave` ends the wait.
   */
  wait(once: boolean): { readonly client: Promise<RedisClientLike>; leave(): void } {
    let waiting: Waiting | null = null;
    const client = new Promise<RedisClientLike>((resolve, reject) => {
      waiting = { once, resolve, reject };
      this.#waiting.add(waiting);
    });
    void this.#open();
    return {
      client,
      leave: () => {
        if (waiting !== null) this.#waiting.delete(waiting);
      },
    };
  }

  async #open(): Promise<void> {
    try {
      this.#making ??= this.#make();
      const client = await this.#making;
      if (client.status === 'ready') this.#ready();
      // Its failure comes as an event, which says more than the rejection.
      else if (client.status === 'wait' || client.status === 'end') client.connect().catch(() => {});
    } catch (error) {
      this.#making = null;
      this.#rejectAll(error);
    }
  }

  async #make(): Promise<RedisClientLike> {
    const client = this.#settings.client ?? (await this.#own());
    for (const [event, listener] of Object.entries(this.#listeners)) client.on(event, listener);
    this.#client = client;
    return client;
  }

  async #own(): Promise<SingleRedisClient> {
    await this.load();
    const { Redis } = this.#driver!;
    const { password } = this.#settings;
    const client = new Redis(clientOptions(this.#settings));
    if (typeof password === 'function')
      askBeforeConnecting(client, password, this.#settings.connectTimeoutMs, this.#settings.resource, (error) =>
        this.#failed(error),
      );
    return client;
  }

  #ready(): void {
    this.trouble = null;
    this.attempts = 0;
    this.events.up();
    const client = this.#client!;
    for (const waiting of this.#waiting) waiting.resolve(client);
    this.#waiting.clear();
  }

  #failed(error: unknown): void {
    this.trouble = isRefusedDatabase(error) ? this.#refusedDatabase(error) : this.map(error);
    if (this.#client?.status === 'ready') this.events.error(this.trouble);
    if (isFinal(this.trouble)) {
      this.events.down(this.trouble);
      this.#rejectAll(this.trouble);
    }
  }

  /** The driver goes on with database 0, whose keys are others': a client of our own is ended. */
  #refusedDatabase(error: Error): ConnectionError {
    const { db, resource, client } = this.#settings;
    if (client === null) this.#client?.disconnect();
    return new ConnectionError(
      `There is no database ${db} on ${resource}: correct \`db\` or the path of \`url\`, or raise \`databases\` of the server`,
      { resource, cause: redact(error) },
    );
  }

  #lost(): void {
    this.attempts += 1;
    const error = this.trouble ?? this.map(new Error('the server closed the connection'));
    this.trouble = error;
    this.events.down(error);
    for (const waiting of [...this.#waiting]) {
      if (!waiting.once) continue;
      this.#waiting.delete(waiting);
      waiting.reject(error);
    }
    // One that was ended for its database does not connect again by itself, and somebody may have come meanwhile.
    if (this.#waiting.size > 0 && this.#settings.client === null && this.#client?.status === 'end') void this.#open();
  }

  #rejectAll(error: unknown): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  map(error: unknown): Error {
    return mapError(error, {
      resource: this.#settings.resource,
      sent: false,
      attempts: this.attempts || undefined,
    }) as Error;
  }

  /** Fails those who wait. */
  refuse(error: Error): void {
    this.#rejectAll(error);
  }

  /** Ends a client of our own; one that was given is left as it was. */
  end(): void {
    const client = this.#client;
    if (client === null) return;
    for (const [event, listener] of Object.entries(this.#listeners)) client.off(event, listener);
    if (client === this.#settings.client) return;
    // Without a listener the driver would write the errors of its last moments to the console.
    client.on('error', () => {});
    client.disconnect();
  }
}

function isRefusedDatabase(error: unknown): error is Error {
  const { command } = error as { readonly command?: { readonly name?: unknown } };
  return codeOf(error) !== null && command?.name === 'select';
}

function isFinal(error: unknown): boolean {
  return error instanceof AuthenticationError || (error instanceof ConnectionError && !error.retryable);
}

/** What a client of our own is made with. It never sends a command a second time: the driver's own retries would execute one whose reply got lost twice. */
export function clientOptions(settings: Settings): Readonly<Record<string, unknown>> {
  const { host, port, username, password, db, tls, connectionName, connectTimeoutMs } = settings;
  return {
    host,
    port,
    db,
    ...(username !== undefined && { username }),
    ...(typeof password === 'string' && { password }),
    ...(tls !== false && { tls: tlsOptions(tls === true ? {} : tls, host) }),
    connectionName,
    connectTimeout: connectTimeoutMs,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (times: number) => pauseOf(times),
  };
}

/** The driver tells the server no name, by which one that serves many tells them apart. An address is none. */
function tlsOptions(given: Exclude<Settings['tls'], boolean>, host: string): Readonly<Record<string, unknown>> {
  const name = given.servername ?? (isIP(host) === 0 ? host : undefined);
  return { ...given, servername: name };
}
