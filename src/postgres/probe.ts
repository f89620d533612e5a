import { Deadline } from '../core/deadline.js';
import type { ServerState } from '../core/ports.js';
import { Beside, connectBeside, drop } from './beside.js';
import type { BesideConnection, NameOf } from './beside-connection.js';
import type { SingleClient } from './driver.js';
import { mapError } from './errors.js';
import type { Settings } from './options.js';
import { closedError } from './pool-errors.js';
import { NO_EVENTS, Session } from './session.js';

const ASK = {
  text: `select current_setting('server_version') as version, pg_is_in_recovery() as replica,
    current_setting('default_transaction_read_only') = 'on' as readonly`,
  name: null,
  values: [],
  columns: null,
};

/**
 * Asks the server for its state on a connection of its own, which no caller holds and which no limit of the pool keeps waiting. It is kept from one
 * question to the next, so that a server that takes no more connections is not taken for one that is away; one that fails is dropped.
 */
export class Prober {
  readonly #settings: Settings;
  #kept: SingleClient | null = null;
  readonly #others = new Set<Beside>();
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** @throws ConnectionError, AuthenticationError, TimeoutError, AbortedError, ClosedError */
  async probe(signal?: AbortSignal): Promise<ServerState> {
    const { resource, connectTimeoutMs } = this.#settings;
    if (this.#closed) throw closedError(resource);
    const deadline = new Deadline(connectTimeoutMs, signal);
    let client = this.#kept;
    this.#kept = null;
    let sent = false;
    try {
      client ??= await this.#connect(deadline);
      sent = true;
      const session = this.#session(client);
      const { rows } = await session.run(ASK, deadline);
      // Takes its listener off the client, which stays.
      session.release();
      const { version, replica, readonly } = rows[0] as { version: string; replica: boolean; readonly: boolean };
      this.#keep(client);
      return {
        version: version.split(' ')[0] ?? version,
        role: replica ? 'replica' : 'primary',
        writable: !replica && !readonly,
      };
    } catch (error) {
      if (client !== null) drop(client);
      throw mapError(error, { resource, elapsedMs: deadline.elapsedMs, sent, table: null });
    } finally {
      deadline.clear();
    }
  }

  /** A connection beside the pool, which ends with the database. @throws ConnectionError, AuthenticationError, TimeoutError, AbortedError, ClosedError */
  async beside(nameOf: NameOf, signal?: AbortSignal): Promise<BesideConnection> {
    const { resource } = this.#settings;
    if (this.#closed) throw closedError(resource);
    const made = await Beside.open(this.#settings, nameOf, signal);
    if (this.#closed) {
      made.destroy(false);
      throw closedError(resource);
    }
    this.#others.add(made);
    made.onEnd(() => this.#others.delete(made));
    return made;
  }

  close(): void {
    this.#closed = true;
    for (const other of [...this.#others]) other.destroy(true);
    if (this.#kept !== null) drop(this.#kept);
    this.#kept = null;
  }

  async #connect(deadline: Deadline): Promise<SingleClient> {
    // What fails on it is told by the question under way; with none, the next one makes another.
    const client = await connectBeside(this.#settings, healthName, deadline, (client) => {
      if (this.#kept === client) this.#kept = null;
    });
    // Health alone keeps no process alive; a question has a timer.
    client.unref();
    return client;
  }

  #session(client: SingleClient): Session {
    return new Session(client, () => {}, this.#settings.resource, NO_EVENTS);
  }

  #keep(client: SingleClient): void {
    if (this.#closed || this.#kept !== null) drop(client);
    else this.#kept = client;
  }
}

/** The server cuts longer names. */
const MAX_NAME = 63;

function healthName(application: string): string {
  return `${application} (health)`.slice(-MAX_NAME);
}
