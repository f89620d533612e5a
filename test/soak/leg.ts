/** Most connections of each pool. */
export const MAX = 5;

/** One server of the soak: what is done to it, and how many connections it sees. */
export interface Leg {
  readonly name: string;
  /** The pool's own limit, and what its driver and its probe have besides. */
  readonly maxConnections: number;
  /** One small piece of work, with everything that can go wrong in it; it gives nothing, or throws an error of the library. */
  work(random: () => number): Promise<void>;
  /** Something happens to the network. */
  disturb(random: () => number): Promise<void>;
  /** No fault any more, and nothing open but the pools. */
  heal(): Promise<void>;
  /** Connections of ours that the server sees, by a client that is not ours. */
  connections(): Promise<number>;
  /** Closes what `open` made; only then is the base line the true one. */
  close(): Promise<void>;
}

/** Numbers from 0 to 1 that a seed repeats (a 32-bit linear congruential generator). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** A member of a list, by chance. */
export function oneOf<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}
