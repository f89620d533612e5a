/** Which message is lost. */
export interface LossOptions {
  /** Which of those that fit, counted from now over all connections. @default 1 */
  readonly nth?: number | undefined;
  /** Only requests that hold this text, or replies to such. It must come in one piece. @default every one */
  readonly holding?: string | undefined;
  /** Nothing more passes on the connection, instead of a reset: the client learns nothing. @default false */
  readonly silent?: boolean | undefined;
}

export type Lost = 'request' | 'reply';

/** A loss that is still to come. */
export class Loss {
  readonly what: Lost;
  readonly silent: boolean;
  /** Settles when it has happened. */
  readonly happened: Promise<void>;
  readonly #holding: string | undefined;
  #left: number;
  #tell: () => void = () => {};

  constructor(what: Lost, { nth = 1, holding, silent = false }: LossOptions) {
    if (!Number.isSafeInteger(nth) || nth < 1) throw new TypeError('Expected `nth` to be an integer from 1');
    this.what = what;
    this.silent = silent;
    this.#holding = holding;
    this.#left = nth;
    this.happened = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** Counts a request that a connection sends. Gives whether this one, or its reply, is lost. */
  hits(request: Buffer): boolean {
    if (this.#left === 0) return false;
    if (this.#holding !== undefined && !request.includes(this.#holding)) return false;
    this.#left -= 1;
    return this.#left === 0;
  }

  happen(): void {
    this.#tell();
  }
}
