import { ConfigError } from '../../errors/config.js';
import {
  IrreversibleMigrationError,
  MigrationFailedError,
  MigrationFileError,
  MigrationHistoryError,
  MigrationLockedError,
  MigrationLockLostError,
} from '../../errors/migration.js';
import { AuthenticationError, ConnectionError } from '../../errors/runtime.js';
import { SeedFileError } from '../../errors/seed.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { UsageError } from './usage-error.js';
import { Interruption } from './world.js';

/** An error as the program tells it. */
export interface Failure {
  readonly exit: ExitCode;
  /** Stable, such as `MIGRATION_LOCKED`; `ERROR` for what is not the library's. */
  readonly code: string;
  readonly message: string;
  /** What to do next; null where nobody knows. */
  readonly next: string | null;
  /** What else `--json` gives. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What an error means to who called the program. `signal` is the process's own. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof UsageError) return usage(error.message, `trivet ${error.command} --help`.replace('  ', ' '));
  const message = messageOf(error);
  // Whatever an ended call says, it was ended.
  if (signal.aborted && signal.reason instanceof Interruption) {
    const { signal: name, message: why } = signal.reason;
    const exit = name === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    return {
      ...known(exit, error, `${why}. ${message}`),
      code: name,
      next: '`trivet migrate status` shows where it stands',
    };
  }
  return decided(error, message);
}

function decided(error: unknown, message: string): Failure {
  if (error instanceof ConfigError) {
    return { ...known(EXIT.config, error, message), details: { file: error.file, problems: error.problems } };
  }
  if (error instanceof MigrationFileError) {
    const { file, line, version } = error;
    return { ...known(EXIT.config, error, message), details: { file, line, version } };
  }
  if (error instanceof SeedFileError) {
    return { ...known(EXIT.config, error, message), details: { file: error.file } };
  }
  if (error instanceof MigrationLockedError) {
    const next = 'wait for it with `--wait 5m`; if it is gone for good, `trivet migrate unlock`';
    return { ...known(EXIT.locked, error, message), next, details: { holder: error.holder } };
  }
  if (error instanceof MigrationHistoryError) {
    const isDirty = error.problems.some(({ kind }) => kind === 'dirty');
    const next = isDirty
      ? 'look what of it is in the database, then `trivet migrate repair --applied <version>` or `--forget <version>`'
      : '`trivet migrate status` shows the whole of it, `trivet migrate repair --help` how it is mended';
    return { ...known(EXIT.history, error, message), next, details: { problems: error.problems } };
  }
  if (error instanceof MigrationFailedError) {
    const { version, direction, statement, dirty } = error;
    const next = dirty
      ? `look what of it is in the database, then \`trivet migrate repair --applied ${version}\` or \`--forget ${version}\``
      : 'correct it and run the same again: the migrations before it stay applied';
    return { ...known(EXIT.failed, error, message), next, details: { version, direction, statement, dirty } };
  }
  if (error instanceof IrreversibleMigrationError) {
    return { ...known(EXIT.failed, error, message), details: { version: error.version } };
  }
  if (error instanceof MigrationLockLostError) {
    return { ...known(EXIT.failed, error, message), next: '`trivet migrate status` shows where it stands' };
  }
  if (error instanceof AuthenticationError) {
    return { ...known(EXIT.failed, error, message), next: 'is the user right, and the password?' };
  }
  if (error instanceof ConnectionError) {
    return { ...known(EXIT.failed, error, message), next: 'does the server run, and is the address right?' };
  }
  // The library's answer to an option that is none, before anything was done.
  if (error instanceof TypeError && message.startsWith('Expected ')) return usage(message, null);
  return known(EXIT.failed, error, message);
}

function usage(message: string, help: string | null): Failure {
  const next = help === null ? null : `\`${help}\` says how`;
  return { exit: EXIT.usage, code: 'USAGE', message, next, details: {} };
}

function known(exit: ExitCode, error: unknown, message: string): Failure {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return { exit, code: typeof code === 'string' ? code : 'ERROR', message, next: null, details: {} };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Something was thrown that is no error';
  return error.message === '' ? error.name : error.message;
}

/** The stack and those of its causes, for `--verbose`. */
export function stackOf(error: unknown): string {
  const stacks: string[] = [];
  for (let each = error; each instanceof Error && stacks.length < 10; each = each.cause) {
    stacks.push(`${stacks.length === 0 ? '' : 'caused by '}${each.stack ?? String(each)}`);
  }
  return stacks.join('\n');
}
