import { constants } from 'node:os';
import type { CloseOptions } from '../core/ports.js';

/** Options of `shutdownOn`. */
export interface ShutdownOptions extends CloseOptions {
  /**
   * What comes before the pools close, such as closing the HTTP server; `readiness()` says no meanwhile. It has no part in the deadline of the pools.
   * @default nothing
   */
  readonly drain?: (() => unknown) | undefined;
}

/** The process as shutting down needs it. */
export interface Host {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): unknown;
}

/**
 * At the first of the signals, drains, closes and ends the process with 0, or with 1 when something went wrong; at a second one ends it at once,
 * with 128 and the number of the signal. Gives the function that takes the handlers away; a shutdown that is under way keeps them.
 */
export function shutdownOn(
  signals: readonly NodeJS.Signals[],
  close: () => Promise<void>,
  { drain }: ShutdownOptions,
  host: Host = process,
): () => void {
  let isFirst = true;
  const ends = signals.map((signal) => {
    const number = constants.signals[signal];
    if (number === undefined)
      throw new TypeError(`Expected \`signals\` to be names such as 'SIGTERM', got \`${signal}\``);
    const listener = (): void => {
      if (!isFirst) {
        host.exit(128 + number);
        return;
      }
      isFirst = false;
      void end();
    };
    host.on(signal, listener);
    return () => void host.off(signal, listener);
  });
  async function end(): Promise<void> {
    let code = 0;
    for (const step of [drain, close]) {
      try {
        await step?.();
      } catch {
        // The pools close although draining failed; who wants the error catches it in `drain`.
        code = 1;
      }
    }
    host.exit(code);
  }
  return () => {
    if (!isFirst) return;
    for (const stop of ends) stop();
  };
}
