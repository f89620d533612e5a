import { told } from './data.js';
import { type ErrorDetails, TrivetError } from './error.js';

/** One thing that is wrong with a configuration. It never holds the value, which may be a secret. */
export interface ConfigProblem {
  /** Such as `databases.main.ledger`; empty for the whole. */
  readonly path: string;
  /** A sentence that says what was expected. */
  readonly message: string;
}

/** The configuration of the command line is not there, cannot be read, or is not what was expected. `problems` lists everything, by path. */
export class ConfigError extends TrivetError {
  static override readonly code: string = 'CONFIG';
  /** Path of the file; null where there is none. */
  readonly file: string | null;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string | null, problems: readonly ConfigProblem[], details: ErrorDetails = {}) {
    const where = file === null ? '' : `${file}: `;
    super(where + problems.map(told).join('; '), details);
    this.file = file;
    this.problems = problems;
  }
}
