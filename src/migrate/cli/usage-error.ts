/** The command line is not understood. Nothing was done. */
export class UsageError extends Error {
  /** The command whose help tells more, such as `migrate up`; empty for the program's. */
  readonly command: string;

  constructor(message: string, command: string) {
    super(message);
    this.name = 'UsageError';
    this.command = command;
  }
}
