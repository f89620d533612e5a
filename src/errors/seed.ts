import { reasonOf } from '../util/describe.js';
import { type ErrorDetails, TrivetError } from './error.js';

/** What is known of a seed that failed. */
export interface SeedFailure extends ErrorDetails {
  readonly seed: string;
  readonly direction: 'run' | 'undo';
  /** Rows that were written, or taken away, before: their batches stay. */
  readonly done: number;
  /** What else there is to say, as a sentence. */
  readonly advice?: string | undefined;
}

/** A seed failed. Batches that were stored before stay; running it again writes what is missing. `cause` is what was thrown. */
export class SeedFailedError extends TrivetError {
  static override readonly code: string = 'SEED_FAILED';
  readonly seed: string;
  readonly direction: 'run' | 'undo';
  /** Rows that were written, or taken away, before. */
  readonly done: number;

  constructor({ seed, direction, done, advice, ...details }: SeedFailure) {
    const what = direction === 'run' ? `Seed \`${seed}\`` : `The undo of seed \`${seed}\``;
    const rows = done === 1 ? '1 row' : `${done} rows`;
    const state =
      done === 0
        ? 'Nothing of it was done'
        : `What was done before stays (${rows}), and running it again goes on from there`;
    super(`${what} failed: ${reasonOf(details.cause)}. ${advice ?? state}`, details);
    this.seed = seed;
    this.direction = direction;
    this.done = done;
  }
}

/** A file or a folder of seeds cannot be read, or is none. Nothing was done. */
export class SeedFileError extends TrivetError {
  static override readonly code: string = 'SEED_FILE';
  /** Path of the file or the folder. */
  readonly file: string;

  constructor(message: string, { file, ...details }: ErrorDetails & { readonly file: string }) {
    super(`${file}: ${message}`, details);
    this.file = file;
  }
}
