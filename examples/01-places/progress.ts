/** Where lines go: `process.stdout`, or a test's own. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** A bar that fills up on a terminal; elsewhere a line for each quarter. */
export class Progress {
  readonly #output: Output;
  readonly #label: string;
  readonly #total: number;
  readonly #started = performance.now();
  #quarters = 0;
  #open = false;

  constructor(output: Output, label: string, total: number) {
    this.#output = output;
    this.#label = label;
    this.#total = total;
  }

  show(done: number): void {
    const share = this.#total === 0 ? 1 : done / this.#total;
    const status = `${String(Math.floor(share * 100)).padStart(3)} %  ${this.rate(done)}`;
    if (this.#output.isTTY) {
      const filled = Math.round(share * 32);
      const bar = '█'.repeat(filled) + '░'.repeat(32 - filled);
      this.#output.write(`\r\x1b[K${this.#label}  ${bar} ${status}`);
      this.#open = true;
    } else if (Math.floor(share * 4) > this.#quarters) {
      this.#quarters = Math.floor(share * 4);
      this.#output.write(`${this.#label} ${status}\n`);
    }
  }

  /** Such as `12,000 a second`. */
  rate(done: number): string {
    const seconds = (performance.now() - this.#started) / 1_000;
    return `${Math.round(done / Math.max(seconds, 0.001)).toLocaleString('en')} a second`;
  }

  seconds(): string {
    return ((performance.now() - this.#started) / 1_000).toFixed(1);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#open) this.#output.write('\r\x1b[K');
    this.#open = false;
  }
}
