import { unknownName } from '../../util/nearest.js';

/** An option of the command line, as parsing, help and the page know it. */
export interface OptionSpec {
  /** What stands for its value; null for a switch. */
  readonly value: string | null;
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly multiple?: boolean;
  readonly means: string;
  /** What is wrong with a value: the end of a sentence that begins with it; null when it is good. */
  readonly check?: (value: string) => string | null;
}

export const isVersion = (value: string): string | null =>
  /^\d{1,32}$/.test(value) ? null : 'is no version: it has digits only';

export const isCount = (value: string): string | null =>
  /^[1-9]\d{0,8}$/.test(value) ? null : 'is no whole number from 1';

const isDuration = (value: string): string | null =>
  /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(value) ? null : "is no duration such as '30s' (ms, s, m, h, d)";

export const KINDS: readonly string[] = ['sql', 'ts', 'js', 'mjs'];

const isKind = (value: string): string | null =>
  KINDS.includes(value) ? null : unknownName(value, KINDS, `is none of ${KINDS.join(', ')}`);

const isRename = (value: string): string | null =>
  /^[^=]+=[^=]+$/.test(value) ? null : 'is no rename: the old name, `=`, the new name';

export type OptionName =
  | 'config'
  | 'database'
  | 'json'
  | 'quiet'
  | 'verbose'
  | 'no-color'
  | 'help'
  | 'version'
  | 'to'
  | 'steps'
  | 'dry-run'
  | 'wait'
  | 'check'
  | 'down'
  | 'applied'
  | 'forget'
  | 'checksums'
  | 'kind'
  | 'yes'
  | 'only'
  | 'rename'
  | 'drop'
  | 'drop-table'
  | 'write';

/** Every option, by its name: one name means the same with each command. */
export const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  config: {
    value: 'file',
    short: 'c',
    means: 'the configuration; otherwise `trivet.config.*` is looked for, upward from here',
  },
  database: { value: 'name', short: 'd', means: 'which of the `databases` in the configuration' },
  json: { value: null, means: 'one JSON document on stdout, and nothing else there' },
  quiet: { value: null, short: 'q', means: 'says nothing but results of `plan` and the like, and errors' },
  verbose: { value: null, short: 'v', means: 'errors with their stack and their causes' },
  'no-color': { value: null, means: 'no colours, as with `NO_COLOR` in the environment' },
  help: { value: null, short: 'h', means: 'what a command does' },
  version: { value: null, short: 'V', means: 'the version of the package' },
  to: { value: 'version', means: 'the last migration that is applied then', check: isVersion },
  steps: { value: 'n', short: 'n', means: 'how many migrations', check: isCount },
  'dry-run': { value: null, means: 'says what would be done, with its SQL, and does nothing' },
  wait: {
    value: 'duration',
    means: 'how long to wait for who has the lock, such as `5m`; at once by default',
    check: isDuration,
  },
  check: { value: null, means: 'exit code 2 when migrations are pending, 4 when the history does not fit' },
  down: { value: null, means: 'the way back' },
  applied: {
    value: 'version',
    multiple: true,
    means: 'it is in the database as a whole: I have looked',
    check: isVersion,
  },
  forget: {
    value: 'version',
    multiple: true,
    means: 'nothing of it is in the database: I have looked',
    check: isVersion,
  },
  checksums: { value: null, means: 'takes the files as they are now for what was applied' },
  kind: { value: 'sql|ts|js|mjs', short: 'k', means: 'what the file is written in', check: isKind },
  yes: { value: null, short: 'y', means: 'yes, take it away: nothing is asked, and without it nothing is done' },
  only: { value: 'name', multiple: true, means: 'only this seed' },
  rename: {
    value: 'old=new',
    multiple: true,
    means: 'a rename, such as `users.name=users.full_name`, by the names on the server',
    check: isRename,
  },
  drop: { value: null, means: 'columns that no entity has are dropped, instead of being listed' },
  'drop-table': {
    value: 'name',
    multiple: true,
    means: 'a table or collection that is to go, by its name on the server',
  },
  write: { value: 'name', short: 'w', means: 'writes the difference as migration files of this name, for review' },
};

/** Those that every command has. */
export const COMMON: readonly OptionName[] = [
  'config',
  'database',
  'json',
  'quiet',
  'verbose',
  'no-color',
  'help',
  'version',
];

export type Values = Readonly<Partial<Record<OptionName, string | boolean | readonly string[]>>>;

/** What was given with a command, read by name. */
export class Given {
  readonly #values: Values;

  constructor(values: Values) {
    this.#values = values;
  }

  text(name: OptionName): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  is(name: OptionName): boolean {
    return this.#values[name] === true;
  }

  texts(name: OptionName): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }
}
