import type { Random } from './random.js';

/** What a value is made with. */
export interface Making {
  readonly random: Random;
  /** Number of the row, from 0: what must be different takes it. */
  readonly number: number;
  readonly base: Date;
}

export type Make = (making: Making) => unknown;

/** How the value of a field is made from its rules, or why it is not: the words that follow its name. */
export type Maker = { readonly make: Make } | { readonly refuses: string };
