/** What a change does to who uses the database meanwhile, or to what is in it. */
export type Risk =
  /** Reads and writes wait while it works through the rows. */
  | 'blocks'
  /** Writes wait, reads do not. */
  | 'blocks-writes'
  /** Values are lost that a way back does not bring again. */
  | 'destroys'
  /** It fails where rows that are there do not fit. */
  | 'may-fail'
  /** Programs that run now may fail: a name or a type that they use is gone. */
  | 'breaks-readers';

export interface Warning {
  readonly risk: Risk;
  /** A sentence that says what happens, and what to do instead where there is something better. */
  readonly message: string;
}

/** A command of MongoDB as it stands in a migration file: plain data, run by `db.command`. */
export interface MongoCommand {
  readonly command: Readonly<Record<string, unknown>>;
}

/** One difference between the entities and the database, and how it goes away. `C` is a statement of SQL, or a command of MongoDB. */
export interface SchemaChange<C = string | MongoCommand> {
  readonly action: 'create' | 'alter' | 'rename' | 'drop';
  /** Such as `column users.age`, `index users_email_key`. */
  readonly what: string;
  readonly up: readonly C[];
  /** Null: there is no way back. */
  readonly down: readonly C[] | null;
  /** Whether it may run in a transaction; `create index concurrently` may not. */
  readonly transaction: boolean;
  readonly warnings: readonly Warning[];
}

/** Something that may be a rename: a table or column (collection or field) is gone, and one like it is new. It is asked, never guessed. */
export interface RenameQuestion {
  /** `users` or `users.name`, as they are on the server. */
  readonly from: string;
  readonly to: readonly string[];
}

export interface SchemaDiff<C = string | MongoCommand> {
  /** In the order in which they can be carried out; empty when the database fits. */
  readonly changes: readonly SchemaChange<C>[];
  /** What is on the server and no entity's, a sentence each: it is left alone. */
  readonly foreign: readonly string[];
  readonly questions: readonly RenameQuestion[];
}

export interface DiffOptions {
  /**
   * Renames as they are known: `{ 'users.name': 'users.full_name', people: 'users' }`, by the names on the server. What is mapped to itself was not
   * renamed, and is not asked about.
   */
  readonly renames?: Readonly<Record<string, string>> | undefined;
  /** Whether columns of our tables that no field has are dropped; otherwise they are told as `foreign`. Indexes that are not ours never are. @default false */
  readonly drop?: boolean | undefined;
  /** Tables (collections) that are to go, by their names on the server: `old_users`. No other is ever dropped. @default [] */
  readonly dropTables?: readonly string[] | undefined;
}
