import { LRUCache } from 'lru-cache';
import type { Body } from './body.js';
import type { ChangeListener } from './ports.js';

/** A value at hand. */
interface Kept {
  /** Frozen; undefined where the value cannot be, and `body` is read each time. */
  readonly value: unknown;
  readonly body: Body;
  readonly stamps: readonly string[];
  /** By the local clock. */
  readonly until: number;
}

/** What is kept of a value. */
export interface Nearby {
  readonly value: unknown;
  readonly body: Body;
  /** Names of the stamps that it carries. */
  readonly stamps: readonly string[];
  /** How long it is fresh, in milliseconds. */
  readonly freshForMs: number;
  /** `seen` of before it was read. */
  readonly since: number;
}

/** How long after the last sign of life of the store's messages values are given without asking: what was invalidated without a word reaching us is given no longer. */
const TRUSTED_MS = 1_000;
/** Changes that are remembered for values that are being read. */
const REMEMBERED = 1_000;

/**
 * Values of a cache in the memory of the process, kept in step by the messages of its store. While these do not come, nothing is given from here; what
 * was here when they stopped is forgotten.
 */
export class Near implements ChangeListener {
  readonly #kept: LRUCache<string, Kept>;
  readonly #ttlMs: number;
  readonly #now: () => number;
  /** Which entries carry a stamp. */
  readonly #byStamp = new Map<string, Set<string>>();
  readonly #changed = new Map<string, number>();
  #seen = 0;
  /** Changes of before are not remembered. */
  #floor = 0;
  #hears = false;
  #trustedUntil = 0;

  constructor(max: number, ttlMs: number, now: () => number = () => performance.now()) {
    this.#kept = new LRUCache({ max, dispose: ({ stamps }, entry) => this.#unlink(entry, stamps) });
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** How many changes were heard of: told again when a value that is read now is kept. */
  get seen(): number {
    return this.#seen;
  }

  /** The most values that are kept. */
  get max(): number {
    return this.#kept.max;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The value of an entry, if it is here and good. */
  get(entry: string): { readonly value: unknown; readonly body: Body } | undefined {
    const kept = this.#kept.get(entry);
    if (kept === undefined) return undefined;
    const now = this.#now();
    if (now >= this.#trustedUntil) return undefined;
    if (now < kept.until) return kept;
    this.#kept.delete(entry);
    return undefined;
  }

  /** Keeps a value, unless it may have changed since it was read. Gives whether its own object is kept: nobody may change it then. */
  keep(entry: string, { value, body, stamps, freshForMs, since }: Nearby): boolean {
    if (!this.#hears || since < this.#floor || freshForMs <= 0) return false;
    if ([entry, ...stamps].some((name) => (this.#changed.get(name) ?? 0) > since)) return false;
    const isFrozen = freeze(value);
    const until = this.#now() + Math.min(freshForMs, this.#ttlMs);
    this.#kept.set(entry, { value: isFrozen ? value : undefined, body, stamps, until });
    for (const stamp of stamps) {
      const entries = this.#byStamp.get(stamp);
      if (entries === undefined) this.#byStamp.set(stamp, new Set([entry]));
      else entries.add(entry);
    }
    return isFrozen;
  }

  entry(entry: string): void {
    this.#note(entry);
    this.#kept.delete(entry);
  }

  stamps(stamps: readonly string[]): void {
    for (const stamp of stamps) {
      this.#note(stamp);
      for (const entry of [...(this.#byStamp.get(stamp) ?? [])]) this.#kept.delete(entry);
    }
  }

  heard(): void {
    this.#hears = true;
    // Of what happened before nothing is known.
    this.#floor = ++this.#seen;
  }

  current(sentAt: number): void {
    this.#trustedUntil = sentAt + TRUSTED_MS;
  }

  deaf(): void {
    this.#hears = false;
    this.#trustedUntil = 0;
    this.#kept.clear();
  }

  #note(name: string): void {
    this.#seen += 1;
    // The latest last.
    this.#changed.delete(name);
    this.#changed.set(name, this.#seen);
    if (this.#changed.size <= REMEMBERED) return;
    const [oldest, at] = this.#changed.entries().next().value!;
    this.#changed.delete(oldest);
    this.#floor = at;
  }

  #unlink(entry: string, stamps: readonly string[]): void {
    for (const stamp of stamps) {
      const entries = this.#byStamp.get(stamp);
      if (entries?.delete(entry) === true && entries.size === 0) this.#byStamp.delete(stamp);
    }
  }
}

/** Makes a value that many will have unchangeable; false where it has parts that cannot be made so. */
function freeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (!canBeFrozen(value)) return false;
  deepFreeze(value);
  return true;
}

/** Deeper values are read anew each time: one that is deeper than the stack must not fail whoever asks for it. */
const DEEPEST = 1_000;

function canBeFrozen(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === DEEPEST) return false;
  const inner = (each: unknown): boolean => canBeFrozen(each, depth + 1);
  if (Array.isArray(value)) return value.every(inner);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(inner);
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) deepFreeze(each);
}
