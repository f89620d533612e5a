import { isDeepStrictEqual } from 'node:util';
import { type Outcome, TrivetError } from '../../../src/index.js';

/** How a call ended: as said, or with the outcome of its error. */
export type End = 'done' | Outcome;

/** What a call said, and what is so. */
export interface Trial {
  readonly end: End;
  /** What it gave, where it ended well. */
  readonly given?: unknown;
  /** What it gives when it is executed once. */
  readonly right?: unknown;
  /** How often it is stored. */
  readonly times: number;
}

/** Ends a call, whatever becomes of it. What is no error of the library comes out. */
export async function ended<T>(call: Promise<T>): Promise<{ readonly end: End; readonly given?: T }> {
  try {
    return { end: 'done', given: await call };
  } catch (error) {
    if (!(error instanceof TrivetError)) throw error;
    return { end: error.outcome };
  }
}

/** Where what was said and what is stored do not agree, and what was executed more than once. Empty when all is well. */
export function lies({ end, given, right, times }: Trial): string[] {
  const found: string[] = [];
  if (times > 1) found.push(`it was executed ${times} times`);
  else if (times !== 0 && times !== 1) found.push('a part of it was executed');
  if ((end === 'done' || end === 'executed') && times === 0) found.push('it said that it was executed');
  if (end === 'not-executed' && times !== 0) found.push('it said that it was not executed');
  if (end === 'done' && !isDeepStrictEqual(given, right)) found.push('it gave what is not so');
  return found;
}
