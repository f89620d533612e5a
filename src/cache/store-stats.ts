import type { Duration } from '../util/duration.js';

/** Options of a question for the figures of a store. */
export interface StoreStatsOptions {
  /** Ends the question with `AbortedError`. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for it. @default the store's own `timeout` */
  readonly timeout?: Duration | undefined;
}

/** What about a store should be looked at. */
export interface StoreWarning {
  /** `eviction`: the server may take keys of locks away before their time. `silent`: a server of a cluster did not answer, and is not in the figures. */
  readonly code: 'eviction' | 'silent';
  /** The server that is meant. */
  readonly node: string;
  readonly message: string;
}

/** Memory of a store, in bytes. */
export interface StoreMemory {
  readonly used: number;
  /** Most that was used since the start; of a cluster, the sum of the most of each. Null where the store does not tell. */
  readonly peak: number | null;
  /** Null where there is no limit. */
  readonly max: number | null;
  /** What goes when there is no room, as the store calls it, such as `noeviction` or `allkeys-lru`; of a cluster whose servers differ, all of them. */
  readonly policy: string;
}

/** Connections that a server has, of all its users. */
export interface StoreClients {
  readonly connected: number;
  /** Those that wait for a blocking command. */
  readonly blocked: number;
}

/** Keys of a store; of a server, those of all its databases and users. */
export interface StoreKeyspace {
  readonly keys: number;
  /** Those of them that end by themselves. */
  readonly expiring: number;
  /** How long these live yet, in milliseconds, as the server reckons now and then by a sample; null where it has not yet. */
  readonly averageTtlMs: number | null;
  /** Keys that were taken away because there was no room. */
  readonly evicted: number;
  /** Keys that came to their end; null where it is not counted. */
  readonly expired: number | null;
  /** Keys that were asked for and found, by all users; null where it is not counted: `stats()` of a cache counts its own. */
  readonly hits: number | null;
  readonly misses: number | null;
}

/** Figures of one server. */
export interface StoreNodeStats {
  /** `host:port`, or the name of the store. */
  readonly node: string;
  /** Null where there is none. */
  readonly version: string | null;
  readonly memory: StoreMemory;
  /** Null in the memory of the process. */
  readonly clients: StoreClients | null;
  readonly keyspace: StoreKeyspace;
}

/** Figures of a store as it tells them itself; of a cluster, the sums of its masters. */
export interface StoreStats extends Omit<StoreNodeStats, 'node' | 'version'> {
  /** `redis`, `memory`, or what another store calls itself. */
  readonly engine: string;
  /** How long the question took. */
  readonly roundTripMs: number;
  /** One for each master of a cluster, else one. */
  readonly nodes: readonly StoreNodeStats[];
  /** Empty where nothing is wrong. */
  readonly warnings: readonly StoreWarning[];
}
