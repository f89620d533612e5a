import { ConflictError, type IsolationLevel, type Transaction } from '../../src/index.js';

interface Transacts {
  transaction<T>(work: (tx: Transaction) => Promise<T>, options: { readonly isolation: IsolationLevel }): Promise<T>;
}

/** What a transaction of a trial throws that is to be undone. */
export class Undone extends Error {}

/** The statements of one transaction; its end, a commit unless the last one throws, is a step of its own. */
export type Steps = readonly (() => Promise<void>)[];

export interface Trial {
  readonly a: Steps;
  readonly b: Steps;
  /** Whether what no serial order gives has come about. */
  happened(committed: { readonly a: boolean; readonly b: boolean }): Promise<boolean>;
}

/** Every order of `a` steps of one and `b` of another. */
export function orders(a: number, b: number): readonly string[] {
  if (a === 0 || b === 0) return ['a'.repeat(a) + 'b'.repeat(b)];
  return [...orders(a - 1, b).map((rest) => `a${rest}`), ...orders(a, b - 1).map((rest) => `b${rest}`)];
}

class Actor {
  readonly #gates: (() => void)[] = [];
  readonly #opened: Promise<void>[] = [];
  readonly #start: () => Promise<unknown>;
  #next = 0;
  #done = 0;
  #run: Promise<void> | null = null;
  ended = false;
  committed = false;
  /** Why it did not commit. */
  error: unknown = null;

  constructor(database: Transacts, isolation: IsolationLevel, steps: Steps) {
    for (let each = 0; each <= steps.length; each++) {
      this.#opened.push(new Promise((resolve) => this.#gates.push(resolve)));
    }
    const work = async (): Promise<void> => {
      for (const [at, step] of steps.entries()) {
        await this.#opened[at];
        await step();
        this.#done = at + 1;
      }
      await this.#opened[steps.length];
    };
    this.#start = () => database.transaction(work, { isolation });
  }

  /** Lets one more step go. */
  go(): void {
    this.#gates[this.#next++]!();
    this.#run ??= this.#start().then(
      () => {
        this.ended = this.committed = true;
      },
      (error: unknown) => {
        this.ended = true;
        this.error = error;
      },
    );
  }

  get settled(): boolean {
    return this.ended || this.#done === this.#next;
  }
}

/**
 * Runs the two in this order. A step that waits for the other transaction is left waiting, and goes on when it can.
 * `waits` says whether the engine holds back a statement now.
 */
export async function interleave(
  database: Transacts,
  isolation: IsolationLevel,
  order: string,
  steps: { readonly a: Steps; readonly b: Steps },
  waits: () => Promise<boolean>,
): Promise<{ readonly a: boolean; readonly b: boolean }> {
  const a = new Actor(database, isolation, steps.a);
  const b = new Actor(database, isolation, steps.b);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (const each of order) {
    (each === 'a' ? a : b).go();
    // At most one of two can wait for the other.
    while (!(a.settled && b.settled)) {
      if ((a.settled || b.settled) && (await waits())) break;
      await turn();
    }
  }
  while (!(a.ended && b.ended)) await turn();
  const isSerial = /^(?:a+b+|b+a+)$/.test(order);
  for (const { error } of [a, b]) {
    // One after the other, nobody loses; in any other order, only against the other one.
    if (error !== null && !(error instanceof Undone) && (isSerial || !(error instanceof ConflictError))) throw error;
  }
  return { a: a.committed, b: b.committed };
}

/** Runs every order from a fresh start; the anomalies that came about in at least one. */
export async function shown<T>(
  trials: Readonly<Record<string, (accounts: T) => Trial>>,
  accounts: T,
  fresh: () => Promise<unknown>,
  run: (order: string, trial: Trial) => Promise<{ readonly a: boolean; readonly b: boolean }>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const [name, make] of Object.entries(trials)) {
    const { a, b } = make(accounts);
    for (const order of orders(a.length + 1, b.length + 1)) {
      await fresh();
      const trial = make(accounts);
      if (await trial.happened(await run(order, trial))) found.add(name);
    }
  }
  return [...found];
}
