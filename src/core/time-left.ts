import { TimeoutError } from '../errors/runtime.js';
import type { RunOptions } from './ports.js';

/** The limits of what is still to run of a call that began at `startedAt`: it has at least a millisecond. */
export function timeLeft<R extends RunOptions>(run: R, startedAt: number): R {
  const { timeoutMs } = run;
  if (timeoutMs === undefined) return run;
  return { ...run, timeoutMs: Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt))) };
}

/** The limits of a call, for each of its queries what is left of them. */
export class Limits {
  readonly #options: RunOptions;
  readonly #end: number;

  constructor(options: RunOptions, startedAt: number) {
    this.#options = options;
    this.#end = startedAt + (options.timeoutMs ?? 0);
  }

  /** @throws TimeoutError when nothing is left. */
  left(): RunOptions {
    const { signal, timeoutMs } = this.#options;
    if (timeoutMs === undefined) return this.#options;
    const left = Math.ceil(this.#end - performance.now());
    if (left > 0) return { signal, timeoutMs: left };
    throw new TimeoutError(`The call did not end within ${timeoutMs} ms: its relations were not read`, {
      outcome: 'executed',
    });
  }
}
