import type { FilePlace } from './file.js';
import type { Places } from './place.js';

export interface LoadOptions {
  /** Places per `insertMany`, each of which is all or nothing. */
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of places that are in so far. */
  readonly onProgress?: ((loaded: number) => void) | undefined;
}

/** Inserts the places batch by batch. */
export async function loadPlaces(places: Places, file: readonly FilePlace[], options: LoadOptions): Promise<void> {
  const { batch, signal, onProgress } = options;
  for (let start = 0; start < file.length; start += batch) {
    const drafts = file.slice(start, start + batch);
    await places.insertMany(drafts, { signal });
    onProgress?.(start + drafts.length);
  }
}
