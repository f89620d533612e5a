import type { Outcome } from '../errors/error.js';
import { AbortedError, TimeoutError } from '../errors/runtime.js';
import { LONGEST_DELAY_MS } from '../util/patience.js';

/** The end that a transaction must come to: its timeout, the caller's signal, or the end of the transaction around it. */
export class Limit {
  readonly #controller = new AbortController();
  readonly #resource: string;
  readonly #startedAt: number = performance.now();
  readonly #timeoutMs: number | null;
  readonly #sources: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout | undefined;
  #end: 'timeout' | AbortSignal | null = null;

  constructor(resource: string, timeoutMs: number | null, sources: readonly (AbortSignal | undefined)[]) {
    this.#resource = resource;
    this.#timeoutMs = timeoutMs;
    this.#sources = sources.filter((each) => each !== undefined);
    if (timeoutMs !== null)
      this.#timer = setTimeout(() => this.#finish('timeout'), Math.min(timeoutMs, LONGEST_DELAY_MS));
    for (const each of this.#sources) {
      if (each.aborted) this.#finish(each);
      else each.addEventListener('abort', this.#abort, { once: true });
    }
  }

  readonly #abort = (event: Event): void => this.#finish(event.target as AbortSignal);

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  /** Milliseconds left, at least 1. */
  get leftMs(): number {
    return Math.max(1, Math.ceil(this.#startedAt + (this.#timeoutMs ?? LONGEST_DELAY_MS) - performance.now()));
  }

  /** What the transaction ended with. */
  error(outcome: Outcome = 'not-executed'): Error {
    const details = { resource: this.#resource, outcome, elapsedMs: Math.round(performance.now() - this.#startedAt) };
    const what = outcome === 'not-executed' ? ': nothing of it is stored' : ' at its end';
    if (this.#end === 'timeout') {
      const retryable = outcome === 'not-executed';
      return new TimeoutError(`The transaction did not end within ${this.#timeoutMs} ms${what}`, {
        ...details,
        retryable,
      });
    }
    // Of the transaction around, the reason is an error of the library already.
    const cause: unknown = this.#end?.reason;
    return cause instanceof TimeoutError || cause instanceof AbortedError
      ? cause
      : new AbortedError(`The transaction was aborted by its signal${what}`, { ...details, cause });
  }

  /** What `promise` gives, or the limit's error if that comes first. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(this.error());
      if (this.ended) stop();
      this.signal.addEventListener('abort', stop, { once: true });
      promise.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', stop));
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
    for (const each of this.#sources) each.removeEventListener('abort', this.#abort);
  }

  #finish(end: 'timeout' | AbortSignal): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.clear();
    this.#controller.abort(this.error());
  }
}
