import { expected, refuseUnknown, timeLimit } from '../../core/engine-options.js';
import type { Document } from '../../mongo/client.js';
import type { MongoDatabase } from '../../mongo/database.js';
import type { RawCommands } from '../../mongo/raw.js';
import type { Duration } from '../../util/duration.js';
import { commandOf } from './extended-json.js';

/** Options of `runCommands`. */
export interface RunCommandsOptions {
  /** Ends the call with `AbortedError`; the command that runs is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time of each command. @default '1h' */
  readonly timeout?: Duration | undefined;
}

/** The defaults of `RunCommandsOptions`. */
export const RUN_COMMANDS_DEFAULTS: { readonly timeout: Duration } = Object.freeze({ timeout: '1h' });

const KNOWN: ReadonlySet<string> = new Set(['signal', 'timeout']);

/** Those that take a write concern, of the commands that a migration is made of. */
const WRITES: ReadonlySet<string> = new Set([
  'collMod',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropIndexes',
  'findAndModify',
  'insert',
  'renameCollection',
  'update',
]);

/**
 * Runs commands of MongoDB, one after the other, in the transaction of a migration that has one. What writes counts when a majority of the servers has it.
 *
 * Values that JSON does not have are written as MongoDB Extended JSON, such as `{ $numberLong: '5' }` and `{ $date: '2026-01-31T00:00:00Z' }`; values of the
 * driver's own classes may be given, too. `renameCollection` takes names of collections of this database: `{ renameCollection: 'people', to: 'users' }`.
 *
 * @throws TypeError for what is no list of commands
 * @throws DuplicateKeyError, SchemaError, QueryError for the first command that the server refuses: those before it are done
 * @example
 * ```ts
 * import type { MongoDatabase } from 'trivet';
 * import { type MigrationContext, runCommands } from 'trivet/migrate';
 *
 * export async function up({ db, signal }: MigrationContext<MongoDatabase>): Promise<void> {
 *   await runCommands(db, [{ createIndexes: 'users', indexes: [{ name: 'users_age_idx', key: { age: 1, _id: 1 } }] }], { signal });
 * }
 * ```
 */
export async function runCommands(
  db: MongoDatabase,
  commands: readonly Readonly<Record<string, unknown>>[],
  options: RunCommandsOptions = {},
): Promise<void> {
  refuseUnknown(options, KNOWN);
  const timeoutMs = timeLimit(options.timeout ?? RUN_COMMANDS_DEFAULTS.timeout, 'timeout');
  if (!Array.isArray(commands) || !commands.every((each) => typeof each === 'object' && each !== null))
    throw expected('commands', 'a list of commands, such as `[{ create: "users" }]`', commands);
  for (const command of commands)
    await db['~raw']({ signal: options.signal, timeoutMs }, (raw) => run(raw, commandOf(command, raw.bson)));
}

function run(raw: RawCommands, command: Document): Promise<Document> {
  const name = Object.keys(command)[0] ?? '';
  if (name === 'renameCollection') {
    const full = (collection: unknown): string => `${raw.databaseName}.${String(collection)}`;
    return raw.write({ ...command, renameCollection: full(command[name]), to: full(command['to']) }, { admin: true });
  }
  return WRITES.has(name) ? raw.write(command) : raw.send(command);
}
