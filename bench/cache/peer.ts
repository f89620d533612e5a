/** How a cache is opened for a measure. */
export interface Opening {
  readonly url: string;
  /** What all of its keys begin with, by the means that the cache has for it. */
  readonly prefix: string;
  /** Whether values are kept in the process too: the level that is called L1. */
  readonly near: boolean;
  /** Whether entries carry tags. A cache that has to be told so is told so only then. */
  readonly tags: boolean;
}

/** How a value is made where there is none. */
export type Load = () => unknown | Promise<unknown>;

/** A cache as the measures use it. */
export interface Opened {
  getOrSet(key: string, load: Load, tags?: readonly string[]): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** Takes away all that carries a tag; there where it was opened with `tags`. */
  invalidate?(tag: string): Promise<unknown>;
  /** Ends its connections. @throws the first error that the cache did not show to its callers */
  close(): Promise<void>;
}

/** A cache that is compared. */
export interface Peer {
  readonly name: string;
  /** Where its version is read; null for what has none. */
  readonly package: string | null;
  /** How it is set up, in a sentence. */
  readonly setup: string;
  /** Why a figure is missing. Of what is not named here it has all. */
  readonly lacks: { readonly near?: string; readonly tags?: string };
  open(opening: Opening): Promise<Opened>;
}

/** Most values that are kept in the process, and how long entries live: more than any measure needs. */
export const NEAR_MAX = 200_000;
export const TTL_MS = 600_000;

/** Errors that a cache tells of by an event and not to its caller: they end the measure and are no fast answers. */
export class Unheard {
  #first: unknown;

  readonly note = (error: unknown): void => {
    this.#first ??= error;
  };

  rethrow(): void {
    if (this.#first !== undefined) throw this.#first;
  }
}
