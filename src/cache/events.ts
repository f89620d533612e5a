/** What a cache tells of: the key, and what belongs to it. */
export type CacheEvents = {
  hit: [key: string];
  miss: [key: string];
  /** An old value was given. */
  stale: [key: string];
  load: [key: string, milliseconds: number];
  loadFailed: [key: string, error: unknown];
  set: [key: string];
  delete: [key: string];
  invalidate: [tags: readonly string[]];
  clear: [];
  /** A sweep that `clear` began has ended: how many entries it took away, and what it ended with before its end, if anything. */
  swept: [removed: number, error: unknown];
  /** Something was not stored, or not found, because of an error; the caller got its value all the same. */
  error: [error: unknown, key: string | null];
  /** The store does not answer: values are loaded until it does. */
  storeDown: [error: Error];
  storeUp: [];
};

export const CACHE_EVENTS: readonly (keyof CacheEvents)[] = [
  'hit',
  'miss',
  'stale',
  'load',
  'loadFailed',
  'set',
  'delete',
  'invalidate',
  'clear',
  'swept',
  'error',
  'storeDown',
  'storeUp',
];

/** Figures of a cache, since it was made; those of its namespaces are in them. */
export interface CacheStats {
  readonly hits: number;
  /** Those of them that were given from the memory of the process. */
  readonly nearHits: number;
  readonly misses: number;
  /** Old values given. */
  readonly stale: number;
  readonly loads: number;
  readonly loadsFailed: number;
  /** Milliseconds that loads took, those that failed left out. */
  readonly loadMs: number;
  /** Calls of the store that failed, and values that it could not hold. */
  readonly errors: number;
  /** Whether the store answers. */
  readonly isStoreUp: boolean;
}

/** Figures as they are counted. */
export type Counts = { -readonly [Name in Exclude<keyof CacheStats, 'isStoreUp'>]: number };

export function noCounts(): Counts {
  return { hits: 0, nearHits: 0, misses: 0, stale: 0, loads: 0, loadsFailed: 0, loadMs: 0, errors: 0 };
}
