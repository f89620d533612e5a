import { createHash } from 'node:crypto';

/** Four words of 32 bits. */
export type RandomState = readonly [number, number, number, number];

/** How often a fresh generator is stepped before its first number: as many as it takes until every word depends on every other. */
const WARM_UP = 12;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Numbers that look random and are the same wherever they are made: `sfc32`, the small fast counting generator with three words and a counter that Chris
 * Doty-Humphrey published with PractRand. It is not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @internal */
  constructor([a, b, c, counter]: RandomState) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
    for (let step = 0; step < WARM_UP; step++) this.bits();
  }

  /** 32 random bits, as an integer from 0. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, and without, 1, with 53 bits. */
  fraction(): number {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** An integer from 0 up to, and without, `end`. @throws TypeError when there is none */
  below(end: number): number {
    if (!Number.isSafeInteger(end) || end < 1) throw new TypeError('Expected `end` to be an integer from 1');
    return Math.min(Math.floor(this.fraction() * end), end - 1);
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True so often: `chance(0.2)` one time in five. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items. @throws TypeError when there is none */
  pick<const T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** So many different items in a random order, or all of them. */
  some<const T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(this.below(left.length), 1)[0]!);
  }

  /** So many different integers from 0 up to, and without, `end`, or all of them. */
  numbers(end: number, count: number): number[] {
    if (count * 2 > end)
      return this.some(
        Array.from({ length: end }, (_, i) => i),
        count,
      );
    const found = new Set<number>();
    while (found.size < count) found.add(this.below(end));
    return [...found];
  }

  /** A moment from `from` to `to`, both included. */
  moment(from: Date, to: Date): Date {
    return new Date(this.between(from.getTime(), to.getTime()));
  }
}

/** What the number of a series comes to: half of it makes keys, half of it begins a generator. */
export interface Beginning {
  /** 16 bytes. */
  readonly key: Uint8Array;
  readonly state: RandomState;
}

/** The same for the same seed, series and number, whatever was asked before. */
export function beginningOf(seed: number | string, series: string, number: number): Beginning {
  const digest = createHash('sha256')
    .update(JSON.stringify([String(seed), series, number]))
    .digest();
  const word = (at: number): number => digest.readUInt32BE(at);
  return { key: new Uint8Array(digest.subarray(0, 16)), state: [word(16), word(20), word(24), word(28)] };
}

/** A generator for one field of a row: what the other fields take changes nothing for it. */
export function branch([a, b, c, counter]: RandomState, path: string): Random {
  // FNV-1a, of 32 bits (Fowler, Noll and Vo).
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at++) hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  return new Random([a ^ hash, b, c + hash, counter]);
}
