/** What the program's exit codes are called in its code. */
export interface ExitCodes {
  readonly done: 0;
  readonly failed: 1;
  readonly work: 2;
  readonly locked: 3;
  readonly history: 4;
  readonly usage: 64;
  readonly config: 78;
  readonly interrupted: 130;
  readonly terminated: 143;
}

export const EXIT: ExitCodes = Object.freeze({
  done: 0,
  failed: 1,
  work: 2,
  locked: 3,
  history: 4,
  usage: 64,
  config: 78,
  interrupted: 130,
  terminated: 143,
});

export type ExitName = keyof ExitCodes;
export type ExitCode = ExitCodes[ExitName];

/** The one table of what they mean: the help and the page are made from it. */
export const MEANINGS: Readonly<Record<ExitName, string>> = Object.freeze({
  done: 'done, or there was nothing to do',
  failed: 'something failed: a migration, a seed, a connection',
  work: 'there is something to do (`migrate plan`, `migrate status --check`, `schema diff`)',
  locked: 'somebody else migrates this database, and did not end within `--wait`',
  history: 'the history does not fit the files: edited, missing, out of order, dirty, or a ledger of a newer version',
  usage: 'the command line is wrong, or `--yes` is missing; nothing was done',
  config: 'the configuration, or the file of a migration, is not there or not what was expected; nothing was done',
  interrupted: 'ended by SIGINT (Ctrl-C): what ran was ended and the lock given back',
  terminated: 'ended by SIGTERM: what ran was ended and the lock given back',
});

// Of several databases the worst counts: a failure before a history that does not fit, that before a lock, that before work.
const SEVERITY: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.usage,
  EXIT.config,
  EXIT.failed,
  EXIT.history,
  EXIT.locked,
  EXIT.work,
];

export function worst(codes: readonly ExitCode[]): ExitCode {
  return SEVERITY.find((code) => codes.includes(code)) ?? EXIT.done;
}
