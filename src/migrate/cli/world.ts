import type { Parts } from './parts.js';

/** Where text goes: a stream of the process, or a test's. */
export interface Screen {
  write(text: string): unknown;
  /** Whether a person looks at it. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** All that the command line has of the process that it runs in. */
export interface World {
  /** What stands behind the program's name. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** Ends what runs; its reason is an `Interruption`. */
  readonly signal: AbortSignal;
  /** Milliseconds, for how often progress is shown. */
  now(): number;
  /** Of the package. */
  readonly version: string;
  readonly parts: Parts;
  /** How a file of code is imported. @default the process's own import, with `tsx` where it has to be */
  readonly load?: ((file: string) => Promise<unknown>) | undefined;
}

/** Why the process was told to end. */
export class Interruption extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`Ended by ${signal}`);
    this.name = 'Interruption';
    this.signal = signal;
  }
}
