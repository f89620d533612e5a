import type { ArgumentSpec } from '../command.js';
import { type Given, isCount, isVersion } from '../options.js';

export const COUNT: ArgumentSpec = {
  name: 'n',
  required: false,
  means: 'how many migrations; one by default',
  check: isCount,
};

export const VERSION: ArgumentSpec = {
  name: 'version',
  required: true,
  means: 'the digits at the beginning of the name of a migration',
  check: isVersion,
};

/** What is wrong where how far was said in two ways. */
export function rangeProblem(given: Given, argument?: string): string | null {
  const said = [given.text('to'), given.text('steps'), argument].filter((each) => each !== undefined).length;
  return said > 1 ? 'How far was said twice: give one of a number, --steps and --to' : null;
}

export interface Range {
  readonly to?: string;
  readonly steps?: number;
}

/** How far, as a migrator is asked. */
export function rangeOf(given: Given, argument?: string): Range {
  const [to, steps] = [given.text('to'), argument ?? given.text('steps')];
  return { ...(to === undefined ? {} : { to }), ...(steps === undefined ? {} : { steps: Number(steps) }) };
}

/** A version cannot be in the database as a whole and not at all. */
export function versionsProblem(given: Given): string | null {
  const both = given.texts('applied').find((each) => given.texts('forget').includes(each));
  return both === undefined ? null : `${both} cannot be both --applied and --forget`;
}
