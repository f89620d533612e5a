import type { Outcome } from '../errors/error.js';
import { AbortedError, TimeoutError } from '../errors/runtime.js';
import { LONGEST_DELAY_MS, type Patience, type Waiting } from '../util/patience.js';

type End = 'timeout' | 'abort';

/**
 * The end that a call must come to: its timeout, or its signal; told once. It has a timer of its own, unless it is given the `Patience` of many calls
 * that have the same timeout.
 */
export class Deadline {
  readonly #timeoutMs: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #started: number = performance.now();
  readonly #patience: Patience | null;
  #waiting: Waiting | null = null;
  #timer: NodeJS.Timeout | undefined;
  #listener: (() => void) | null = null;
  #end: End | null = null;
  readonly #abort: (() => void) | null = null;
  readonly #expire = (): void => this.#finish('timeout');

  constructor(timeout: number | Patience | undefined, signal: AbortSignal | undefined) {
    this.#patience = typeof timeout === 'object' ? timeout : null;
    this.#timeoutMs = typeof timeout === 'object' ? timeout.limitMs : timeout;
    this.#signal = signal;
    if (signal?.aborted) {
      this.#end = 'abort';
      return;
    }
    if (signal !== undefined) {
      this.#abort = () => this.#finish('abort');
      signal.addEventListener('abort', this.#abort, { once: true });
    }
    if (this.#patience !== null) this.#waiting = this.#patience.begin(this.#expire, this.#started);
    else if (this.#timeoutMs !== undefined)
      this.#timer = setTimeout(this.#expire, Math.min(this.#timeoutMs, LONGEST_DELAY_MS));
  }

  get timeoutMs(): number | undefined {
    return this.#timeoutMs;
  }

  /** Whether it was the timeout that came. */
  get timedOut(): boolean {
    return this.#end === 'timeout';
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#started);
  }

  /** Whom to tell: the step that the call is in. */
  listen(listener: (() => void) | null): void {
    this.#listener = listener;
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#waiting !== null) this.#patience!.end(this.#waiting);
    if (this.#abort !== null) this.#signal!.removeEventListener('abort', this.#abort);
    this.#listener = null;
  }

  /** What the call ended with. `doing` completes "did not finish within 5000 ms: …"; `cause` is why, of a timeout. */
  error(outcome: Outcome, resource: string, doing: string, cause?: Error): TimeoutError | AbortedError {
    const details = { outcome, resource, elapsedMs: this.elapsedMs, retryable: false };
    if (this.#end === 'abort')
      return new AbortedError(`The call was aborted by its signal: ${doing}`, {
        ...details,
        cause: this.#signal?.reason,
      });
    return new TimeoutError(`The call did not finish within ${this.#timeoutMs} ms: ${doing}`, {
      ...details,
      retryable: outcome === 'not-executed',
      cause,
    });
  }

  #finish(end: End): void {
    if (this.#end !== null) return;
    this.#end = end;
    const listener = this.#listener;
    this.clear();
    listener?.();
  }
}
