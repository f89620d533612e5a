import type { RunOptions } from './ports.js';

/** The limits of what is still to run of a call that began at `startedAt`: it has at least a millisecond. */
export function timeLeft<R extends RunOptions>(run: R, startedAt: number): R {
  const { timeoutMs } = run;
  if (timeoutMs === undefined) return run;
  return { ...run, timeoutMs: Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt))) };
}
