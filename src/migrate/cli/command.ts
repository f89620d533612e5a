import type { ExitCode, ExitName } from './exit-codes.js';
import type { Given, OptionName } from './options.js';
import type { Output } from './output.js';
import type { Target } from './target.js';
import type { World } from './world.js';

export interface ArgumentSpec {
  /** Such as `version`. */
  readonly name: string;
  readonly required: boolean;
  readonly means: string;
  /** What is wrong with a value: the end of a sentence that begins with the value; null when it is good. */
  check(value: string): string | null;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

/** What a command has to work with, for one database. */
export interface Job {
  readonly argument: string | undefined;
  readonly given: Given;
  readonly target: Target;
  readonly output: Output;
  readonly world: World;
}

/** How a command ended, for one database. */
export interface Result {
  readonly exit: ExitCode;
  /** What `--json` gives. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What people get on stdout. */
  readonly lines: readonly string[];
}

/** A command: parsing, help and the page are made from it. */
export interface CommandSpec {
  /** Its words, such as `migrate up`. */
  readonly name: string;
  /** A line for the list of commands. */
  readonly does: string;
  /** What it does, and when to use it: a paragraph each. */
  readonly about: readonly string[];
  readonly argument: ArgumentSpec | null;
  readonly options: readonly OptionName[];
  readonly examples: readonly Example[];
  readonly exits: readonly ExitName[];
  /** Whether it is about every database where none is chosen, or about one. */
  readonly databases: 'one' | 'every';
  /** What is wrong with what was given with it, such as a missing `--yes`; null when it is good. */
  check?(given: Given, argument: string | undefined): string | null;
  run(job: Job): Promise<Result>;
}

/** Commands that begin with the same word. */
export interface CommandGroup {
  readonly name: string;
  readonly does: string;
  readonly about: readonly string[];
}
