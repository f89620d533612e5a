import { LRUCache } from 'lru-cache';
import { TOKEN_LENGTH } from '../envelope.js';
import type { Capture, ChangeListener, EntryStore, Lease, LeaseRequest, Reading, Write } from '../ports.js';

interface Held {
  readonly by: string;
  readonly until: number;
  /** Why the load failed, once it has. */
  readonly reason: string | null;
}

interface Stamp {
  readonly text: string;
  readonly until: number;
}

/** How long those who wait can learn that a load failed. */
const FAILED_FOR_MS = 1_000;
/** How long invalidations are remembered for loads that name their tags afterwards: a load that takes longer is not stored. */
const REMEMBERED_US = 600_000_000;
/** Leases and stamps that ended are looked for when this many more have come. */
const SWEEP_AT = 1_000;

/** Entries in the memory of the process. Nothing in it is awaited, so that each call is one step. */
export class MemoryEntries implements EntryStore {
  readonly #values: LRUCache<string, { readonly payload: Buffer; readonly until: number }>;
  readonly #leases = new Map<string, Held>();
  readonly #stamps = new Map<string, Stamp>();
  /** When tags were invalidated last, for loads that name their tags afterwards. */
  readonly #invalidated = new Map<string, number>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #clock: () => number;
  /** What was invalidated before is not remembered. */
  #floor: number;
  #ticks = 0;
  #evicted = 0;
  #sweepAt = SWEEP_AT;

  constructor(max: number, clock: () => number) {
    this.#values = new LRUCache({
      max,
      dispose: (_value, _entry, reason) => {
        if (reason === 'evict') this.#evicted += 1;
      },
    });
    this.#clock = clock;
    this.#floor = this.#tick();
  }

  /** What is held: entries, their bytes, how long they live yet all together, and how many had to go for others. */
  held(): { readonly keys: number; readonly bytes: number; readonly leftMs: number; readonly evicted: number } {
    const now = this.#clock();
    let keys = 0;
    let bytes = 0;
    let leftMs = 0;
    for (const { payload, until } of this.#values.values()) {
      if (until <= now) continue;
      keys += 1;
      bytes += payload.length;
      leftMs += until - now;
    }
    return { keys, bytes, leftMs, evicted: this.#evicted };
  }

  async read(entries: readonly string[], stamps: readonly string[]): Promise<Reading> {
    return { values: entries.map((entry) => this.#value(entry)), stamps: stamps.map((name) => this.#stamp(name)) };
  }

  async lease(entry: string, { token, leaseMs, seen, waitedFor, renew = false }: LeaseRequest): Promise<Lease> {
    const now = this.#clock();
    const lease = this.#lease(entry);
    const ours: Held = { by: token, until: now + leaseMs, reason: null };
    if (renew) {
      if (lease?.by !== token || lease.reason !== null) return { state: 'taken', by: lease?.by ?? '', leftMs: 0 };
      this.#leases.set(entry, ours);
      return { state: 'ours' };
    }
    const id = this.#value(entry)?.toString('latin1', 0, TOKEN_LENGTH) ?? null;
    if (id !== null && id !== seen) return { state: 'refreshed' };
    if (lease !== null && lease.reason === null) return { state: 'taken', by: lease.by, leftMs: lease.until - now };
    if (lease !== null && lease.by === waitedFor) return { state: 'failed', reason: lease.reason! };
    this.#leases.set(entry, ours);
    this.#sweep();
    return { state: 'ours' };
  }

  async capture(stamps: readonly string[], ttlMs: number, since: number | null): Promise<Capture | null> {
    const clock = this.#tick();
    const isUnsure = (name: string): boolean => (this.#invalidated.get(name) ?? 0) > since!;
    if (since !== null && (since < this.#floor || stamps.some(isUnsure))) return null;
    // Tags may be made of what users type, and a cache that is only set asks for no lease.
    this.#sweep();
    const until = this.#clock() + ttlMs;
    const texts = stamps.map((name) => {
      const text = this.#stamp(name) ?? `${clock}-${this.#tick()}`;
      this.#stamps.set(name, { text, until: Math.max(until, this.#stamps.get(name)?.until ?? 0) });
      return text;
    });
    return { clock, stamps: texts };
  }

  async write(entry: string, write: Write): Promise<boolean> {
    const lease = this.#lease(entry);
    if (write.kind === 'fill' || write.kind === 'release') {
      if (lease === null || lease.by !== write.token || lease.reason !== null) return false;
    }
    this.#leases.delete(entry);
    switch (write.kind) {
      case 'fill':
        this.#put(entry, write.payload, write.ttlMs);
        return true;
      case 'set':
        this.#put(entry, write.payload, write.ttlMs);
        for (const listener of this.#listeners) listener.entry(entry);
        return true;
      case 'delete':
        for (const listener of this.#listeners) listener.entry(entry);
        return this.#values.delete(entry);
      case 'release':
        if (write.reason !== null)
          this.#leases.set(entry, { by: write.token, until: this.#clock() + FAILED_FOR_MS, reason: write.reason });
        return true;
    }
  }

  async invalidate(stamps: readonly string[]): Promise<void> {
    const clock = this.#tick();
    for (const name of stamps) {
      this.#stamps.delete(name);
      this.#invalidated.set(name, clock);
    }
    for (const listener of this.#listeners) listener.stamps(stamps);
    this.#sweep();
  }

  async *sweep(path: string, stamp: string): AsyncGenerator<number, void, undefined> {
    let gone = 0;
    for (const [entry, { payload }] of [...this.#values]) {
      const isIn = entry.startsWith(`${path}:`) || entry.startsWith(`${path}/`);
      // It stands in the head, which is text.
      if (isIn && payload.indexOf(stamp, 0, 'latin1') === -1 && this.#values.delete(entry)) gone += 1;
    }
    yield gone;
  }

  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    listener.heard();
    // In the same process each change is told as it happens.
    listener.current(Number.POSITIVE_INFINITY);
    return () => void this.#listeners.delete(listener);
  }

  #put(entry: string, payload: Buffer, ttlMs: number): void {
    this.#values.set(entry, { payload, until: this.#clock() + ttlMs });
  }

  #value(entry: string): Buffer | null {
    const held = this.#values.get(entry);
    if (held === undefined) return null;
    if (held.until > this.#clock()) return held.payload;
    this.#values.delete(entry);
    return null;
  }

  #lease(entry: string): Held | null {
    const held = this.#leases.get(entry);
    return held !== undefined && held.until > this.#clock() ? held : null;
  }

  #stamp(name: string): string | null {
    const stamp = this.#stamps.get(name);
    return stamp !== undefined && stamp.until > this.#clock() ? stamp.text : null;
  }

  /** The clock in microseconds; never twice the same. */
  #tick(): number {
    this.#ticks = Math.max(this.#ticks + 1, Math.floor(this.#clock() * 1_000));
    return this.#ticks;
  }

  /** Forgets what has ended, when much has come since the last time. */
  #sweep(): void {
    if (this.#size < this.#sweepAt) return;
    const now = this.#clock();
    for (const [name, { until }] of this.#leases) if (until <= now) this.#leases.delete(name);
    for (const [name, { until }] of this.#stamps) if (until <= now) this.#stamps.delete(name);
    this.#floor = this.#ticks - REMEMBERED_US;
    for (const [name, clock] of this.#invalidated) if (clock <= this.#floor) this.#invalidated.delete(name);
    this.#sweepAt = this.#size + SWEEP_AT;
  }

  get #size(): number {
    return this.#leases.size + this.#stamps.size + this.#invalidated.size;
  }
}
