import { Patience } from '../../util/patience.js';
import type { Capture, ChangeListener, EntryStore, Lease, LeaseRequest, Reading, Write } from '../ports.js';
import type { RedisArgument } from './call-options.js';
import type { CommandOptions, GatheringCommands } from './commands.js';
import { CAPTURE, DELETE, FILL, INVALIDATE, LEASE, RELEASE, RENEW, SET } from './entry-scripts.js';
import { GatheredReads } from './gathered-reads.js';
import { sweepEntries } from './sweep.js';

const AT_ONCE = 1_000;
const NOTHING: Reading = Object.freeze({ values: [], stamps: [] });

/** Entries in Redis: `{prefix:entry}:v` and `{prefix:entry}:l`, stamps `{prefix}:s:name`, clock `{prefix}:clock`, invalidations `{prefix}:recent`. */
export class RedisEntries implements EntryStore {
  readonly #store: GatheringCommands;
  readonly #prefix: string;
  readonly #once: CommandOptions;
  /** Read again where the reply got lost: twice does what once does. */
  readonly #again: CommandOptions;
  readonly #reads: GatheredReads;

  constructor(store: GatheringCommands, prefix: string, timeoutMs: number) {
    this.#store = store;
    this.#prefix = prefix;
    this.#once = { patience: new Patience(timeoutMs) };
    this.#again = { ...this.#once, idempotent: true };
    const names = { value: (entry: string) => this.#valueKey(entry), stamp: (name: string) => this.#stampKey(name) };
    this.#reads = new GatheredReads(store, names, this.#again);
  }

  read(entries: readonly string[], stamps: readonly string[]): Promise<Reading> {
    if (entries.length + stamps.length === 0) return Promise.resolve(NOTHING);
    return this.#store.observed('MGET', () => this.#reads.read(entries, stamps));
  }

  async lease(entry: string, { token, leaseMs, seen, waitedFor, renew = false }: LeaseRequest): Promise<Lease> {
    const lease = this.#leaseKey(entry);
    if (renew) {
      const kept = await this.#store.script(RENEW, [lease], [token, leaseMs], this.#again);
      return kept === 1 ? { state: 'ours' } : { state: 'taken', by: '', leftMs: 0 };
    }
    const keys = [this.#valueKey(entry), lease];
    const args = [token, leaseMs, seen ?? '-', waitedFor ?? '-'];
    const [state, detail, leftMs] = (await this.#store.script(LEASE, keys, args, this.#once)) as [
      string,
      string,
      number,
    ];
    switch (state) {
      case 'taken':
        // Our own, where the reply to its taking was lost.
        return detail === token ? { state: 'ours' } : { state, by: detail, leftMs };
      case 'failed':
        return { state, reason: detail };
      default:
        return { state: state as 'ours' | 'refreshed' };
    }
  }

  async capture(stamps: readonly string[], ttlMs: number, since: number | null): Promise<Capture | null> {
    const args = [Math.ceil(ttlMs), nonce(), since ?? ''];
    const reply = await this.#store.script(CAPTURE, this.#clockAnd(stamps), args, this.#again);
    if (reply === null) return null;
    const [clock, ...texts] = reply as [string, ...string[]];
    return { clock: Number(clock), stamps: texts };
  }

  async write(entry: string, write: Write): Promise<boolean> {
    const value = this.#valueKey(entry);
    const lease = this.#leaseKey(entry);
    const run = (lua: string, keys: readonly string[], args: readonly RedisArgument[], options: CommandOptions) =>
      this.#store.script(lua, keys, args, options);
    switch (write.kind) {
      case 'fill':
        return (await run(FILL, [value, lease], [write.token, write.payload, whole(write.ttlMs)], this.#once)) === 1;
      case 'set': {
        const args = [write.payload, whole(write.ttlMs), this.#channel, entry];
        return (await run(SET, [value, lease], args, this.#again)) === 1;
      }
      case 'delete':
        return (await run(DELETE, [value, lease], [this.#channel, entry], this.#again)) === 1;
      case 'release':
        return (await run(RELEASE, [lease], [write.token, write.reason ?? ''], this.#once)) === 1;
    }
  }

  async invalidate(stamps: readonly string[]): Promise<void> {
    // Lua takes a few thousand values at once.
    for (let from = 0; from < stamps.length; from += AT_ONCE) {
      const some = stamps.slice(from, from + AT_ONCE);
      const args = [this.#channel, `s${JSON.stringify(some)}`];
      await this.#store.script(INVALIDATE, this.#clockAnd(some), args, this.#again);
    }
  }

  sweep(path: string, stamp: string, signal: AbortSignal): AsyncIterable<number> {
    return sweepEntries(this.#store, { prefix: this.#prefix, path, stamp, signal });
  }

  listen(listener: ChangeListener): () => void {
    return this.#store.subscribe(this.#channel, {
      message(text) {
        if (text.startsWith('e')) listener.entry(text.slice(1));
        else changed(listener, text);
      },
      heard: () => listener.heard(),
      current: (sentAt) => listener.current(sentAt),
      deaf: () => listener.deaf(),
    });
  }

  #clockAnd(stamps: readonly string[]): readonly string[] {
    const head = `{${this.#prefix}}`;
    return [`${head}:clock`, `${head}:recent`, ...stamps.map((name) => this.#stampKey(name))];
  }

  #valueKey(entry: string): string {
    return `{${this.#prefix}${entry}}:v`;
  }

  #leaseKey(entry: string): string {
    return `{${this.#prefix}${entry}}:l`;
  }

  #stampKey(name: string): string {
    return `{${this.#prefix}}:s:${name}`;
  }

  get #channel(): string {
    return `{${this.#prefix}}:changes`;
  }
}

/** Anybody may publish to a channel. What a message says that is none of ours is not known: nothing is given from before it. */
function changed(listener: ChangeListener, text: string): void {
  let stamps: unknown;
  try {
    stamps = text.startsWith('s') ? JSON.parse(text.slice(1)) : null;
  } catch {
    stamps = null;
  }
  if (Array.isArray(stamps)) listener.stamps(stamps as string[]);
  else {
    listener.deaf();
    listener.heard();
  }
}

/** The server takes whole milliseconds, from one. */
function whole(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds));
}

let count = 0;
const thisProcess = Math.random().toString(36).slice(2);

/** Two stamps that are made at the same time differ: the clock may have been evicted and put back in between. */
function nonce(): string {
  count += 1;
  return `${thisProcess}${count.toString(36)}`;
}
