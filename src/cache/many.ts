import type { CacheOutcome, CacheTrace } from '../core/channels.js';
import type { Fill } from './fill.js';
import type { CallSettings } from './options.js';
import type { Part } from './part.js';

/** Gives the values of keys, in their order; `undefined` is not stored. */
export type LoadMany<K, T> = (
  keys: readonly K[],
  context: { readonly signal: AbortSignal },
) => readonly (T | undefined)[] | Promise<readonly (T | undefined)[]>;

/** The loads of several keys, as one: it begins when it is known of every key whether it is loaded here. */
class Batch<K> {
  readonly #load: (keys: readonly K[]) => Promise<readonly unknown[]>;
  #unknown: number;
  #waiting: { readonly at: number; readonly key: K; resolve(value: unknown): void; reject(error: unknown): void }[] =
    [];

  constructor(size: number, load: (keys: readonly K[]) => Promise<readonly unknown[]>) {
    this.#unknown = size;
    this.#load = load;
  }

  /** Once for each key. */
  answered(): void {
    this.#unknown -= 1;
    this.#begin();
  }

  /** `at` is its place among all keys: those that are loaded keep their order, whichever is answered first. */
  load(key: K, at: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ at, key, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    // Those that are answered in this turn ask for their load in it, too.
    if (this.#unknown <= 0) setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const all = this.#waiting.splice(0).sort((a, b) => a.at - b.at);
    if (all.length === 0) return;
    try {
      const values = await this.#load(all.map(({ key }) => key));
      if (!Array.isArray(values) || values.length !== all.length)
        throw new TypeError(`Expected the load of ${all.length} keys to give a list of as many values`);
      for (const [i, { resolve }] of all.entries()) resolve(values[i]);
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }
}

/** The values of several keys: one round trip for what is there, one load for what is not. */
export async function fillMany<K>(
  part: Part,
  fill: Fill,
  keys: readonly { readonly key: K; readonly text: string }[],
  load: LoadMany<K, unknown>,
  call: CallSettings,
  trace: CacheTrace | null,
): Promise<unknown[]> {
  const { heard } = part;
  const looks = await part.looks(
    keys.map(({ text }) => text),
    call.tags,
  );
  const signal = call.signal ?? new AbortController().signal;
  const batch = new Batch<K>(keys.length, async (missing) => load(missing, { signal }));
  const outcomes = keys.map((): CacheOutcome | null => (trace === null ? null : {}));
  const settled = await Promise.allSettled(
    keys.map(({ key, text }, i) => {
      let isAnswered = false;
      const answered = (): void => {
        if (isAnswered) return;
        isAnswered = true;
        batch.answered();
      };
      const want = { text, call, answered, heard, load: () => batch.load(key, i), outcome: outcomes[i]! };
      return fill.value(want, looks[i]!).finally(answered);
    }),
  );
  if (trace !== null) counted(trace, outcomes.filter((each) => each?.result !== 'load').length, keys.length);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** Writes down how many of the values were there. */
export function counted(trace: CacheTrace, hits: number, keys: number): void {
  trace.hits = hits;
  trace.misses = keys - hits;
}
