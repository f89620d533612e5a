import type { LockStore } from './lock/port.js';
import type { StoreStats, StoreStatsOptions } from './store-stats.js';

/** What was found, in the order in which it was asked for. */
export interface Reading {
  /** Null where there is none. */
  readonly values: readonly (Buffer | null)[];
  /** The stamp that each tag has now; null where it has none. */
  readonly stamps: readonly (string | null)[];
}

/** Who asks for the lease of an entry. */
export interface LeaseRequest {
  /** Of the one who asks, 16 hexadecimal characters; entries begin with the token of who wrote them. */
  readonly token: string;
  readonly leaseMs: number;
  /** Token of the entry that was seen and is not good enough, if there was one: another one in its place is to be looked at. */
  readonly seen: string | null;
  /** Whose lease was waited for, if any: the one who asks is told when that load failed. */
  readonly waitedFor: string | null;
  /** The lease is held, and to be kept for longer. One that was taken away is not given again. */
  readonly renew?: boolean;
}

/** The answer to who asks for a lease. */
export type Lease =
  /** Who asks has it, and loads. */
  | { readonly state: 'ours' }
  /** Another entry is there than the one that was seen. */
  | { readonly state: 'refreshed' }
  /** Another one loads. */
  | { readonly state: 'taken'; readonly by: string; readonly leftMs: number }
  /** The load that was waited for failed. */
  | { readonly state: 'failed'; readonly reason: string };

/** Stamps before the source is read. */
export interface Capture {
  /** The store's clock, in microseconds; it never goes back. */
  readonly clock: number;
  /** One for each tag; tags that had none have one from now on. */
  readonly stamps: readonly string[];
}

/** A change of one entry. Each takes its lease away, so that a load that goes on does not overwrite it. */
export type Write =
  /** Stores only while the lease is held by `token`. */
  | { readonly kind: 'fill'; readonly token: string; readonly payload: Buffer; readonly ttlMs: number }
  | { readonly kind: 'set'; readonly payload: Buffer; readonly ttlMs: number }
  | { readonly kind: 'delete' }
  /** Gives the lease back, if `token` holds it; with a reason, those who wait for it learn that the load failed. */
  | { readonly kind: 'release'; readonly token: string; readonly reason: string | null };

/** What a store tells of changes that others make. */
export interface ChangeListener {
  /** An entry was set or deleted. */
  entry(entry: string): void;
  /** Tags got new stamps. */
  stamps(stamps: readonly string[]): void;
  /** From now on changes are heard of; what happened before may not have been. */
  heard(): void;
  /** Every change of before `sentAt`, by the monotonic clock, was told. */
  current(sentAt: number): void;
  /** Changes may be missed from now on. */
  deaf(): void;
}

/**
 * Where entries are: values under names, each with a lease for the one who loads it, and stamps of tags. Names are encoded: any text that comes is
 * fine. A call that cannot be carried out rejects; none waits for ever.
 */
export interface EntryStore {
  /** Entries and stamps, in one round trip. */
  read(entries: readonly string[], stamps: readonly string[]): Promise<Reading>;
  lease(entry: string, request: LeaseRequest): Promise<Lease>;
  /**
   * The stamps of tags, which live for at least `ttlMs`. With `since`, a clock of before, null when one of them may have been invalidated after
   * it.
   */
  capture(stamps: readonly string[], ttlMs: number, since: number | null): Promise<Capture | null>;
  /** Whether it was done: a fill without its lease is not, and to delete what is not there does nothing. */
  write(entry: string, write: Write): Promise<boolean>;
  /** Takes the stamps of tags away: what carries them is no more served. */
  invalidate(stamps: readonly string[]): Promise<void>;
  /**
   * Takes away, bit by bit, the entries under a path that do not carry a stamp, of the namespaces in it too; gives how many went with each bit. Nothing in
   * it makes others wait. A store where they go by themselves need not have it.
   */
  sweep?(path: string, stamp: string, signal: AbortSignal): AsyncIterable<number>;
  /** Tells of changes; gives the function that ends it. */
  listen(listener: ChangeListener): () => void;
}

/** What a `CacheManager` is built on: `RedisStore` or `MemoryStore`. */
export interface CacheStore {
  readonly engine: string;
  readonly name: string;
  /** The entries under a prefix; each call of it ends within `timeoutMs`. */
  entries(prefix: string, timeoutMs: number): EntryStore;
  /** The locks under a prefix. */
  locks(prefix: string): LockStore;
  /** What the store tells of itself: memory, clients, keys. A store that cannot tell has no such method. */
  storeStats?(options?: StoreStatsOptions): Promise<StoreStats>;
}
