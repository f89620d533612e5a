import { Deadline } from '../core/deadline.js';
import { createClient, loadDriver, type NameOf, type SingleClient } from './driver.js';
import { mapError } from './errors.js';
import type { Result } from './exchange.js';
import type { Settings } from './options.js';
import { Session } from './session.js';
import { encodeParameter } from './sql.js';
import { warmUp } from './warm-up.js';

/** Makes a connection beside the pool; `failed` hears what happens to it later. The error is the driver's. */
export async function connectBeside(
  settings: Settings,
  nameOf: NameOf,
  deadline: Deadline,
  failed: (client: SingleClient) => void,
): Promise<SingleClient> {
  const { pool, config, connectTimeoutMs, resource } = settings;
  const client = createClient(await loadDriver(), pool, config, connectTimeoutMs, nameOf);
  client.on('error', () => failed(client));
  await new Promise<void>((resolve, reject) => {
    deadline.listen(() => reject(deadline.error('not-executed', resource, 'the server took no connection')));
    if (deadline.ended) reject(deadline.error('not-executed', resource, 'no connection was asked for'));
    else client.connect((error) => (error ? reject(error) : resolve()));
  }).catch((error) => {
    drop(client);
    throw error;
  });
  deadline.listen(null);
  return client;
}

/** A goodbye would wait for a peer that may be gone. */
export function drop(client: SingleClient): void {
  client.connection.stream.destroy();
}

/** How long a goodbye may take. */
const GOODBYE_MS = 1_000;

/**
 * A connection of its own beside the pool, for what has to outlive single calls: a lock of the session, settings that nobody else may meet. Statements run
 * one after the other. Errors come out as the driver's; `map` makes them the library's.
 */
export class Beside {
  readonly resource: string;
  readonly #client: SingleClient;
  readonly #session: Session;
  readonly #listeners = new Set<() => void>();
  #tail: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(client: SingleClient, resource: string) {
    this.#client = client;
    this.resource = resource;
    const none = (): void => {};
    const release = (destroy?: boolean): void => {
      if (destroy === true) drop(client);
    };
    this.#session = new Session(client, release, resource, { failed: none, cancelling: none, gone: none });
    client.once('end', () => this.#end());
  }

  /** Connects, within the time for it, and runs `onConnect` where there is one. @throws errors of the library */
  static async open(settings: Settings, nameOf: NameOf, signal: AbortSignal | undefined): Promise<Beside> {
    const { resource, connectTimeoutMs, onConnect } = settings;
    const deadline = new Deadline(connectTimeoutMs, signal);
    let made: Beside | null = null;
    const lost = (): void => {
      if (made !== null) made.#end();
    };
    try {
      const client = await connectBeside(settings, nameOf, deadline, lost);
      made = new Beside(client, resource);
      if (onConnect !== null) await warmUp(client, onConnect, connectTimeoutMs, resource);
      return made;
    } catch (error) {
      made?.destroy(false);
      throw mapError(error, { resource, elapsedMs: deadline.elapsedMs, sent: false, table: null });
    } finally {
      deadline.clear();
    }
  }

  /** Of the server's process that serves it. */
  get processId(): number {
    return this.#client.processID!;
  }

  /** Whether nothing can run on it any more. */
  get ended(): boolean {
    return this.#ended || this.#session.gone;
  }

  /** Whether the server says that no transaction is open. */
  get idle(): boolean {
    return this.#session.idle;
  }

  /** Tells `listener` once when the connection ends, whoever ends it; at once when it has. */
  onEnd(listener: () => void): void {
    if (this.#ended) listener();
    else this.#listeners.add(listener);
  }

  /** Runs a statement. When the deadline ends first, it is cancelled on the server and the connection dropped. */
  run(text: string, values: readonly unknown[], deadline: Deadline): Promise<Result> {
    const statement = { text, values: values.map(encodeParameter), name: null, columns: null };
    const result = this.#tail.then(() => this.#session.run(statement, deadline));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** An error of `run` as one of the library's. */
  map(error: unknown, elapsedMs?: number): unknown {
    return mapError(error, { resource: this.resource, elapsedMs, sent: true, table: null });
  }

  /** Ends the connection at once, and with `cancel` what runs on it. */
  destroy(cancel: boolean): void {
    this.#session.destroy(cancel);
    this.#end();
  }

  /** Says goodbye and waits until the server has heard it, for a while. */
  async close(): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GOODBYE_MS);
      this.#client.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.destroy(false);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
