import { Deadline } from '../core/deadline.js';
import type { BesideConnection, NameOf } from './beside-connection.js';
import { createClient, loadDriver, type SingleClient } from './driver.js';
import { mapError } from './errors.js';
import { plain, type Result } from './exchange.js';
import type { Settings } from './options.js';
import { NO_EVENTS, Session } from './session.js';
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

/** The connection beside the pool. */
export class Beside implements BesideConnection {
  readonly resource: string;
  readonly #client: SingleClient;
  readonly #session: Session;
  readonly #listeners = new Set<() => void>();
  #tail: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(client: SingleClient, resource: string) {
    this.#client = client;
    this.resource = resource;
    const release = (destroy?: boolean): void => {
      if (destroy === true) drop(client);
    };
    this.#session = new Session(client, release, resource, NO_EVENTS);
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

  get processId(): number {
    return this.#client.processID!;
  }

  get ended(): boolean {
    return this.#ended || this.#session.gone;
  }

  get idle(): boolean {
    return this.#session.idle;
  }

  onEnd(listener: () => void): void {
    if (this.#ended) listener();
    else this.#listeners.add(listener);
  }

  run(text: string, values: readonly unknown[], deadline: Deadline): Promise<Result> {
    const statement = plain(text, values.map(encodeParameter));
    const result = this.#tail.then(() => this.#session.run(statement, deadline));
    this.#tail = result.catch(() => {});
    return result;
  }

  map(error: unknown, elapsedMs?: number): unknown {
    return mapError(error, { resource: this.resource, elapsedMs, sent: true, table: null });
  }

  destroy(cancel: boolean): void {
    this.#session.destroy(cancel);
    this.#end();
  }

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
