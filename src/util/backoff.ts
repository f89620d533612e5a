/**
 * How long to wait before the next try: a random time up to a bound that doubles with each failure. Waiting between nothing and the bound keeps
 * many clients from trying at the same moment ("full jitter", M. Brooker, "Exponential Backoff And Jitter", AWS, 2015).
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs: number, mostMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds to wait after one more failure. */
  failed(): number {
    const bound = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures += 1;
    return this.#random() * bound;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
