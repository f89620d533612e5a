import { TrivetError } from '../../errors/error.js';
import type { ServerOrigin } from './types.js';

/** One thing that a `start…()` function tried, and why it did not do. */
export interface ServerAttempt {
  readonly origin: ServerOrigin;
  /** What was looked at: a variable, an address, a binary, a package. */
  readonly place: string;
  /** Never contains a password. */
  readonly reason: string;
}

/**
 * No usable server was found.
 *
 * Thrown by `startPostgres()`, `startMongo()` and `startRedis()` when every step failed, and at once when the
 * environment names a server that does not answer: falling back from there would test another server than the one
 * that was asked for.
 */
export class ServerNotFoundError extends TrivetError {
  static override readonly code: string = 'SERVER_NOT_FOUND';
  /** Each step that was tried, in order. */
  readonly tried: readonly ServerAttempt[];
  /** What to do about it: one line each. */
  readonly fixes: readonly string[];

  constructor(summary: string, tried: readonly ServerAttempt[], fixes: readonly string[]) {
    const steps = tried.map(({ origin, place, reason }) => `  ${origin}: ${place}: ${reason}`);
    super([summary, ...steps, 'Do one of:', ...fixes.map((fix) => `  - ${fix}`)].join('\n'));
    this.tried = tried;
    this.fixes = fixes;
  }
}

/** Says that a step has no server to offer, so the next one is tried. */
export class StepUnavailable extends Error {
  /** Set when the environment asked for this very server, so that no other may be used instead. */
  readonly final: boolean;

  constructor(reason: string, options: { readonly final?: boolean; readonly cause?: unknown } = {}) {
    super(reason, { cause: options.cause });
    this.final = options.final ?? false;
  }
}
