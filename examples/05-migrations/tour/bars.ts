/** Where lines go: `process.stdout`, or a test's own. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** One line that says how far long work is, on a terminal; elsewhere a line when it is done. */
export class Bars {
  readonly #output: Output;
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  show(what: string, done: number, total: number | null): void {
    const line = `  ${what}: ${done.toLocaleString('en')}${total === null ? '' : ` of ${total.toLocaleString('en')}`}`;
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[K${line}`);
      this.#open = true;
    } else if (done === total) this.#output.write(`${line}\n`);
  }

  end(): void {
    if (this.#open) this.#output.write('\r\x1b[K');
    this.#open = false;
  }
}
