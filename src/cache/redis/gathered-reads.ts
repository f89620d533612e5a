import { AuthenticationError } from '../../errors/runtime.js';
import type { Reading } from '../ports.js';
import type { CommandOptions, GatheringCommands } from './commands.js';

/** Most values that one command asks for where several wanted them: who asked for one waits for no more than these. */
const MOST_VALUES = 32;
const STRANGE = 'Expected the reply to MGET to be a list with a value for each key';

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

/** What is asked for together: each key once, with its place. Of a reader that is alone nothing is made for it but what it gave. */
class Batch {
  readonly readers: Reader[];
  readonly #first: Reader;
  #entries: Map<string, number> | null = null;
  #stamps: Map<string, number> | null = null;

  constructor(first: Reader) {
    this.readers = [first];
    this.#first = first;
  }

  get isOfOne(): boolean {
    return this.readers.length === 1;
  }

  get entries(): readonly string[] {
    return this.#entries === null ? this.#first.entries : [...this.#entries.keys()];
  }

  get stamps(): readonly string[] {
    return this.#stamps === null ? this.#first.stamps : [...this.#stamps.keys()];
  }

  /** How many entries it asks for. */
  get size(): number {
    return this.#entries?.size ?? this.#first.entries.length;
  }

  add(reader: Reader): void {
    this.readers.push(reader);
    if (this.#entries === null || this.#stamps === null) {
      this.#entries = placed(this.#first.entries);
      this.#stamps = placed(this.#first.stamps);
      this.#first.shares = this.#entries.size < this.#first.entries.length;
    }
    for (const entry of reader.entries) {
      if (this.#entries.has(entry)) reader.shares = true;
      else this.#entries.set(entry, this.#entries.size);
    }
    for (const name of reader.stamps) if (!this.#stamps.has(name)) this.#stamps.set(name, this.#stamps.size);
  }

  entry(entry: string): number {
    return this.#entries!.get(entry)!;
  }

  stamp(name: string): number {
    return this.#stamps!.get(name)!;
  }
}

function placed(names: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const name of names) if (!places.has(name)) places.set(name, places.size);
  return places;
}

/**
 * Reads that begin at the same time, as one command: what is written to the server and read from it costs much more than what is in it. All that one of
 * them reads is still read after it began, its values and stamps in one moment where they are on one server. The time limit of each begins when it is sent.
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
    else this.#together(batch);
  };

  constructor(store: GatheringCommands, names: KeyNames, options: CommandOptions) {
    this.#store = store;
    this.#names = names;
    this.#options = { ...options, bytes: true, isPart: true };
  }

  read(entries: readonly string[], stamps: readonly string[]): Promise<Reading> {
    return new Promise((resolve, reject) => {
      const reader = { entries, stamps, shares: false, resolve, reject };
      if (this.#batch !== null && this.#batch.size + entries.length > MOST_VALUES) this.#send();
      if (this.#batch !== null) {
        this.#batch.add(reader);
        return;
      }
      this.#batch = new Batch(reader);
      this.#store.soon(this.#send);
    });
  }

  #together(batch: Batch): void {
    const keys: string[] = [];
    for (const entry of batch.entries) keys.push(this.#names.value(entry));
    const { length } = keys;
    for (const name of batch.stamps) keys.push(this.#names.stamp(name));
    this.#store.run('MGET', keys, this.#options).then(
      (reply) => {
        // What is between us and the server may answer anything: nobody waits for ever.
        if (!Array.isArray(reply) || reply.length !== keys.length) this.#failed(batch, new TypeError(STRANGE));
        else dealt(batch, reply.slice(0, length), reply.slice(length).map(textOf));
      },
      (error) => this.#failed(batch, error),
    );
  }

  #failed(batch: Batch, error: unknown): void {
    // One key that may not be read fails the command: the others are read without it.
    const isOfSome = !batch.isOfOne && error instanceof AuthenticationError && error.message.endsWith('NOPERM');
    for (const reader of batch.readers) {
      if (isOfSome) this.#together(new Batch(reader));
      else reader.reject(error);
    }
  }

  /** Sent together; each to where its slot is. */
  #spread(batch: Batch): void {
    const stamped = this.#stampsOf(batch);
    for (const reader of batch.readers) {
      const found = reader.entries.map((entry) => this.#store.run('GET', [this.#names.value(entry)], this.#options));
      Promise.all([Promise.all(found), stamped]).then(([values, stamps]) => {
        reader.resolve({ values: values as (Buffer | null)[], stamps: stampsFor(reader, batch, stamps) });
      }, reader.reject);
    }
  }

  async #stampsOf({ stamps }: Batch): Promise<readonly (string | null)[]> {
    if (stamps.length === 0) return [];
    const keys = stamps.map((name) => this.#names.stamp(name));
    return ((await this.#store.run('MGET', keys, this.#options)) as (Buffer | null)[]).map(textOf);
  }
}

function dealt(batch: Batch, values: readonly (Buffer | null)[], stamps: readonly (string | null)[]): void {
  if (batch.isOfOne) {
    batch.readers[0]!.resolve({ values, stamps });
    return;
  }
  for (const reader of batch.readers) {
    const given = reader.entries.map((entry) => {
      const value = values[batch.entry(entry)]!;
      // A codec may give parts of the bytes as the value, which is for one only.
      return reader.shares && value !== null ? Buffer.from(value) : value;
    });
    reader.resolve({ values: given, stamps: stampsFor(reader, batch, stamps) });
  }
}

function stampsFor({ stamps }: Reader, batch: Batch, texts: readonly (string | null)[]): readonly (string | null)[] {
  return batch.isOfOne ? texts : stamps.map((name) => texts[batch.stamp(name)]!);
}

function textOf(stamp: Buffer | null): string | null {
  return stamp === null ? null : stamp.toString('latin1');
}
