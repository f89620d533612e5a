import { AuthenticationError } from '../../errors/runtime.js';
import type { Reading } from '../ports.js';
import type { CommandOptions, GatheringCommands } from './commands.js';

/** Most values that one command asks for where several wanted them: who asked for one waits for no more than these. */
const MOST_VALUES = 32;

/** How entries and stamps are called on the server. */
export interface KeyNames {
  value(entry: string): string;
  stamp(name: string): string;
}

/** Somebody who wants entries and stamps. */
interface Reader {
  readonly entries: readonly string[];
  readonly stamps: readonly string[];
  /** Whether one of the entries is wanted by another reader too. */
  shares: boolean;
  resolve(reading: Reading): void;
  reject(error: unknown): void;
}

/** What is asked for together: each key once, with its place. */
class Batch {
  readonly readers: Reader[] = [];
  readonly entries = new Map<string, number>();
  readonly stamps = new Map<string, number>();

  add(reader: Reader): void {
    this.readers.push(reader);
    for (const entry of reader.entries) {
      if (this.entries.has(entry)) reader.shares = true;
      else this.entries.set(entry, this.entries.size);
    }
    for (const name of reader.stamps) if (!this.stamps.has(name)) this.stamps.set(name, this.stamps.size);
  }
}

/**
 * Reads that begin at the same time, as one command: what is written to the server and read from it costs much more than what is in it. All that one of
 * them reads is still read after it began, its values and stamps in one moment where they are on one server.
 */
export class GatheredReads {
  readonly #store: GatheringCommands;
  readonly #names: KeyNames;
  readonly #options: CommandOptions;
  #batch: Batch | null = null;
  readonly #send = (): void => {
    const batch = this.#batch;
    this.#batch = null;
    if (batch === null) return;
    if (this.#store.isCluster) this.#spread(batch);
    else void this.#together(batch);
  };

  constructor(store: GatheringCommands, names: KeyNames, options: CommandOptions) {
    this.#store = store;
    this.#names = names;
    this.#options = { ...options, bytes: true, isPart: true };
  }

  read(entries: readonly string[], stamps: readonly string[]): Promise<Reading> {
    return new Promise((resolve, reject) => {
      if (this.#batch !== null && this.#batch.entries.size + entries.length > MOST_VALUES) this.#send();
      if (this.#batch === null) {
        this.#batch = new Batch();
        this.#store.soon(this.#send);
      }
      this.#batch.add({ entries, stamps, shares: false, resolve, reject });
    });
  }

  async #together(batch: Batch): Promise<void> {
    const keys: string[] = [];
    for (const entry of batch.entries.keys()) keys.push(this.#names.value(entry));
    for (const name of batch.stamps.keys()) keys.push(this.#names.stamp(name));
    let replies: readonly (Buffer | null)[];
    try {
      replies = (await this.#store.run('MGET', keys, this.#options)) as (Buffer | null)[];
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    const values = replies.slice(0, batch.entries.size);
    const stamps = replies.slice(batch.entries.size).map(textOf);
    for (const reader of batch.readers) reader.resolve(readingOf(reader, batch, values, stamps));
  }

  #failed({ readers }: Batch, error: unknown): void {
    // One key that may not be read fails the command: the others are read without it.
    if (readers.length > 1 && error instanceof AuthenticationError && error.message.endsWith('NOPERM')) {
      for (const reader of readers) {
        const alone = new Batch();
        alone.add(reader);
        void this.#together(alone);
      }
      return;
    }
    for (const reader of readers) reader.reject(error);
  }

  /** Sent together; each to where its slot is. */
  #spread(batch: Batch): void {
    const stamped = this.#stampsOf(batch);
    for (const reader of batch.readers) {
      const found = reader.entries.map((entry) => this.#store.run('GET', [this.#names.value(entry)], this.#options));
      Promise.all([Promise.all(found), stamped]).then(([values, stamps]) => {
        reader.resolve({
          values: values as (Buffer | null)[],
          stamps: reader.stamps.map((name) => stamps[batch.stamps.get(name)!]!),
        });
      }, reader.reject);
    }
  }

  async #stampsOf({ stamps }: Batch): Promise<readonly (string | null)[]> {
    if (stamps.size === 0) return [];
    const keys = Array.from(stamps.keys(), (name) => this.#names.stamp(name));
    return ((await this.#store.run('MGET', keys, this.#options)) as (Buffer | null)[]).map(textOf);
  }
}

function readingOf(
  { entries, stamps, shares }: Reader,
  batch: Batch,
  values: readonly (Buffer | null)[],
  texts: readonly (string | null)[],
): Reading {
  const at = (entry: string): Buffer | null => {
    const value = values[batch.entries.get(entry)!] ?? null;
    // A codec may give parts of the bytes as the value, which is for one only.
    return shares && value !== null ? Buffer.from(value) : value;
  };
  return { values: entries.map(at), stamps: stamps.map((name) => texts[batch.stamps.get(name)!]!) };
}

function textOf(stamp: Buffer | null): string | null {
  return stamp === null ? null : stamp.toString('latin1');
}
