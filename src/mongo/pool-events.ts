import { channels, type Trace } from '../core/channels.js';
import { ConnectionEvents } from '../core/connection-events.js';
import type { PoolHolder, PoolStats } from '../errors/pool.js';
import { ConnectionError } from '../errors/runtime.js';
import type { MongoClientLike } from './client.js';

interface ConnectionFacts {
  readonly address?: string;
  readonly connectionId?: unknown;
  readonly reason?: unknown;
}

interface ServerFacts {
  readonly type: string;
  readonly error?: { readonly message?: string } | null;
}

/** What the driver tells of its pools, which have no figures of their own to ask for, and of the servers. */
export class PoolEvents {
  readonly events: ConnectionEvents = new ConnectionEvents();
  readonly #resource: string;
  #total = 0;
  #timeouts = 0;
  /** Connections that calls have, the oldest first. */
  readonly #out = new Map<unknown, number>();
  readonly #making = new Map<unknown, Trace>();
  #watched: MongoClientLike | null = null;

  readonly #listeners: Readonly<Record<string, (facts: never) => void>> = {
    connectionCreated: (facts: ConnectionFacts) => {
      this.#total++;
      this.#begin(facts);
    },
    connectionReady: (facts: ConnectionFacts) => this.#end(facts, null),
    connectionClosed: (facts: ConnectionFacts) => {
      this.#total = Math.max(0, this.#total - 1);
      this.#out.delete(keyOf(facts));
      this.#end(facts, 'the connection was closed');
    },
    connectionCheckOutFailed: ({ reason }: ConnectionFacts) => {
      if (reason === 'timeout') this.#timeouts++;
    },
    connectionCheckedOut: (facts: ConnectionFacts) => {
      this.#out.set(keyOf(facts), performance.now());
    },
    connectionCheckedIn: (facts: ConnectionFacts) => this.#out.delete(keyOf(facts)),
    // Replies are read raw, those with which a server says that it is primary no more too: the driver takes the bytes of its version as they are, and
    // then every command on that server ends in a TypeError of its own. Without a version the next description counts as newer.
    serverDescriptionChanged: ({ newDescription }: { readonly newDescription: { topologyVersion?: unknown } }) => {
      if (newDescription.topologyVersion instanceof Uint8Array) newDescription.topologyVersion = null;
    },
    topologyDescriptionChanged: ({
      newDescription,
    }: {
      readonly newDescription: { readonly servers: ReadonlyMap<string, ServerFacts> };
    }) => {
      const servers = [...newDescription.servers.values()];
      if (servers.some(({ type }) => type !== 'Unknown' && type !== 'PossiblePrimary')) this.events.up();
      else this.#down(servers);
    },
  };

  constructor(resource: string) {
    this.#resource = resource;
  }

  watch(client: MongoClientLike): void {
    if (this.#watched === client) return;
    this.unwatch();
    this.#watched = client;
    for (const [event, listener] of Object.entries(this.#listeners)) client.on(event, listener);
  }

  unwatch(): void {
    const client = this.#watched;
    if (client === null) return;
    for (const [event, listener] of Object.entries(this.#listeners)) client.off(event, listener);
    this.#watched = null;
    this.#total = 0;
    this.#out.clear();
    this.#making.clear();
  }

  /** The driver does not tell of every wait how it ended, so that waits are not counted by its events. */
  stats(max: number, min: number, calls: number): PoolStats {
    const active = this.#out.size;
    // A client that the caller brought may have connections from before it was watched.
    const total = Math.max(this.#total, active);
    return {
      max,
      min,
      total,
      active,
      idle: total - active,
      waiting: Math.max(0, calls - active),
      timeouts: this.#timeouts,
    };
  }

  get oldest(): PoolHolder | undefined {
    const since = this.#out.values().next().value;
    return since === undefined ? undefined : { heldMs: performance.now() - since };
  }

  #down(servers: readonly ServerFacts[]): void {
    const resource = this.#resource;
    const why = servers.find(({ error }) => error?.message)?.error?.message ?? 'no server answers';
    this.events.down(
      new ConnectionError(`MongoDB at ${resource} cannot be reached: ${why}`, { resource, retryable: true }),
    );
  }

  #begin(facts: ConnectionFacts): void {
    if (!channels.connect.hasSubscribers) return;
    const trace = { engine: 'mongo', resource: this.#resource };
    this.#making.set(keyOf(facts), trace);
    channels.connect.start.publish(trace);
    channels.connect.end.publish(trace);
  }

  #end(facts: ConnectionFacts, failure: string | null): void {
    const trace = this.#making.get(keyOf(facts));
    if (trace === undefined) return;
    this.#making.delete(keyOf(facts));
    if (failure !== null) {
      trace.error = new ConnectionError(`MongoDB at ${this.#resource}: ${failure}`, { resource: this.#resource });
      channels.connect.error.publish(trace);
    }
    channels.connect.asyncStart.publish(trace);
    channels.connect.asyncEnd.publish(trace);
  }
}

function keyOf({ address, connectionId }: ConnectionFacts): string {
  return `${address}#${String(connectionId)}`;
}
