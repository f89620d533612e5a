import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { type Duration, parseDuration } from '../../util/duration.js';
import { Loss, type LossOptions, type Lost } from './loss.js';
import type { WireState } from './pipe.js';
import { type SocketTarget, type Target, targetOf, throughProxy } from './target.js';
import { Wire } from './wire.js';

/** What the network does until it is said otherwise. */
export interface NetworkFaults {
  /** What every piece takes longer. @default '0ms' */
  readonly delay?: Duration | undefined;
  /** Added to `delay`, between nothing and this much; pieces keep their order. @default '0ms' */
  readonly jitter?: Duration | undefined;
  /** Most bytes that arrive at a time; 0: as they are sent. @default 0 */
  readonly slice?: number | undefined;
  /**
   * Nothing passes, and no end either: in both directions, or in one. Connections are still accepted. What was sent meanwhile arrives when
   * it ends, as after a partition. @default false
   */
  readonly blackHole?: boolean | 'requests' | 'replies' | undefined;
  /** New connections are refused, as by a server that is not there. @default false */
  readonly refuse?: boolean | undefined;
}

/** Options of `startFaultProxy()`. */
export interface FaultProxyOptions {
  /** Of the random numbers that `jitter` takes, so that a run can be repeated. @default 1 */
  readonly seed?: number | undefined;
}

/** What has passed a proxy. A request begins when a client speaks after the server did, a reply the other way round. */
export interface FaultProxyCounts {
  /** Connections open now. */
  readonly open: number;
  readonly accepted: number;
  readonly requests: number;
  readonly replies: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

/** A bad network between a client and a server. */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** The same address through the proxy. Of `mongodb://` it says that the driver must not look for other members. */
  url(original: string): string;
  /** Sets every fault: those that are not named end. */
  set(faults: NetworkFaults): Promise<void>;
  /** Ends every fault, forgets the losses that have not happened, and resets connections that were silenced. */
  heal(): Promise<void>;
  /** The request never reaches the server. The promise resolves when it happened. */
  dropRequest(options?: LossOptions): Promise<void>;
  /** The server has carried the request out, and the client does not learn it. The promise resolves when it happened. */
  dropReply(options?: LossOptions): Promise<void>;
  /** Ends every open connection by RST. */
  reset(): void;
  /** Says on every open connection to one side that the other sends no more (FIN). */
  halfClose(toward: 'client' | 'server'): void;
  readonly counts: FaultProxyCounts;
  /** Ends its connections and stops listening. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A TCP proxy that does what networks do: it delays, cuts in pieces, swallows, resets, half-closes, refuses, and loses the very message
 * that a test names. It knows no protocol, so it serves every server.
 *
 * @throws TypeError for an address that names several hosts or a service.
 * @example
 * ```ts
 * import { PostgresDatabase } from 'trivet';
 * import { startFaultProxy } from 'trivet/testing';
 *
 * const url = 'postgres://localhost:5432/app';
 * const proxy = await startFaultProxy(url);
 * const database = new PostgresDatabase({ url: proxy.url(url) });
 * const lost = proxy.dropReply({ holding: 'insert into' });
 * await database.query('insert into t values (1)').catch((error) => console.log(error.outcome)); // 'unknown'
 * await lost;
 * await proxy.close();
 * ```
 */
export async function startFaultProxy(
  target: string | Target,
  { seed = 1 }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const proxy = new TcpProxy(targetOf(target), seed);
  await proxy.listen();
  return proxy;
}

const HEALTHY: Required<NetworkFaults> = { delay: '0ms', jitter: '0ms', slice: 0, blackHole: false, refuse: false };

class TcpProxy implements FaultProxy {
  readonly host = '127.0.0.1';
  port = 0;
  readonly #target: Target | SocketTarget;
  readonly #random: () => number;
  readonly #wires = new Set<Wire>();
  #server: Server | null = null;
  #state: Readonly<Record<'toServer' | 'toClient', WireState>> = statesOf(HEALTHY);
  #losses: Loss[] = [];
  #counts = { accepted: 0, requests: 0, replies: 0, bytesToServer: 0, bytesToClient: 0 };

  constructor(target: Target | SocketTarget, seed: number) {
    this.#target = target;
    this.#random = randomFrom(seed);
  }

  get counts(): FaultProxyCounts {
    return { open: this.#wires.size, ...this.#counts };
  }

  url(original: string): string {
    return throughProxy(original, this.host, this.port);
  }

  async listen(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // The same port again, after a time of refusing.
      server.listen(this.port, this.host, resolve);
    });
    this.port = (server.address() as { readonly port: number }).port;
  }

  #accept(near: Socket): void {
    this.#counts.accepted += 1;
    const far = dial({ ...this.#target, allowHalfOpen: true });
    const wire = new Wire(near, far, (direction) => this.#state[direction], this.#random, {
      request: (bytes) => {
        this.#counts.requests += 1;
        const index = this.#losses.findIndex((loss) => loss.hits(bytes));
        return index === -1 ? null : this.#losses.splice(index, 1)[0]!;
      },
      reply: () => {
        this.#counts.replies += 1;
      },
      bytes: (direction, count) => {
        this.#counts[direction === 'toServer' ? 'bytesToServer' : 'bytesToClient'] += count;
      },
      closed: () => this.#wires.delete(wire),
    });
    this.#wires.add(wire);
  }

  async set(faults: NetworkFaults): Promise<void> {
    const all = { ...HEALTHY, ...faults };
    this.#state = statesOf(all);
    for (const wire of this.#wires) wire.pump();
    if (all.refuse === true) await this.#stopListening(false);
    else await this.listen();
  }

  heal(): Promise<void> {
    this.#losses = [];
    for (const wire of [...this.#wires]) wire.heal();
    return this.set({});
  }

  dropRequest(options: LossOptions = {}): Promise<void> {
    return this.#drop('request', options);
  }

  dropReply(options: LossOptions = {}): Promise<void> {
    return this.#drop('reply', options);
  }

  #drop(what: Lost, options: LossOptions): Promise<void> {
    const loss = new Loss(what, options);
    this.#losses.push(loss);
    return loss.happened;
  }

  reset(): void {
    for (const wire of [...this.#wires]) wire.reset();
  }

  halfClose(toward: 'client' | 'server'): void {
    for (const wire of this.#wires) wire.halfClose(toward);
  }

  async close(): Promise<void> {
    this.#losses = [];
    await this.#stopListening(true);
  }

  async #stopListening(withConnections: boolean): Promise<void> {
    const server = this.#server;
    this.#server = null;
    // A server that stops listening goes on serving the connections that it has.
    const stopped =
      server === null || !server.listening
        ? null
        : new Promise<void>((resolve) => {
            server.close(() => resolve());
          });
    if (!withConnections) return;
    for (const wire of [...this.#wires]) wire.destroy();
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function statesOf({ delay, jitter, slice, blackHole }: Required<NetworkFaults>): {
  readonly toServer: WireState;
  readonly toClient: WireState;
} {
  if (!Number.isSafeInteger(slice) || slice! < 0) throw new TypeError('Expected `slice` to be an integer from 0');
  const common = {
    delayMs: parseDuration(delay!, 'delay'),
    jitterMs: parseDuration(jitter!, 'jitter'),
    slice: slice!,
  };
  return {
    toServer: { ...common, held: blackHole === true || blackHole === 'requests' },
    toClient: { ...common, held: blackHole === true || blackHole === 'replies' },
  };
}

/** Numbers from 0 to 1 that a seed repeats: a 32-bit linear congruential generator, its low bits left out. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
