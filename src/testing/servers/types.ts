/**
 * Where a server came from: an address in the environment, the standard local port, a binary on this machine, or a
 * package that carries one.
 */
export type ServerOrigin = 'environment' | 'local' | 'binary' | 'embedded';

/** Options that `startPostgres()`, `startMongo()` and `startRedis()` share. */
export interface ServerOptions {
  /**
   * Receives one line per step, without passwords.
   * @default console.error
   */
  readonly log?: (line: string) => void;
  /**
   * Where addresses, credentials, `PATH` and `XDG_CACHE_HOME` are read from.
   * @default process.env
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Steps to leave out, for instance to force a server of one's own.
   * @default []
   */
  readonly skip?: readonly ServerOrigin[];
}

/** A running server, and a database of our own on it. */
export interface StartedServer {
  /** Address of `database`; it may contain a password, so it is not for logs. */
  readonly url: string;
  readonly origin: ServerOrigin;
  /** False for PGlite only, which is one session of a PostgreSQL that was compiled to WebAssembly. */
  readonly real: boolean;
  /** As the server itself reports it, such as `15.20`. */
  readonly version: string;
  /** Made by the start function, dropped by `stop()`. */
  readonly database: string;
  /**
   * Drops what was made, then ends the process and removes its folder when the server is ours.
   * Calling it again does nothing.
   */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A database that belongs to its creator alone. */
export interface StartedDatabase {
  readonly url: string;
  readonly name: string;
  /** Drops it; sessions that are still open in it are ended. Calling it again does nothing. */
  drop(): Promise<void>;
}

/** What {@link StartedServer} adds on PostgreSQL. */
export interface StartedPostgres extends StartedServer {
  /** Makes an empty UTF-8 database with a unique name; `stop()` drops those that are left. */
  createDatabase(): Promise<StartedDatabase>;
}

/** What {@link StartedServer} adds on MongoDB: the server is a replica set, so transactions work. */
export interface StartedMongo extends StartedServer {
  /** Reserves a unique database name; `stop()` drops those that are left. */
  createDatabase(): Promise<StartedDatabase>;
}

/** A share of a Redis database: every key of it starts with `prefix`. */
export interface StartedKeyspace {
  readonly url: string;
  /** Such as `trivet_mb2k1x9c_5f0e9a1b:`. */
  readonly prefix: string;
  /** Deletes every key that starts with `prefix`. */
  clear(): Promise<void>;
}

/** What {@link StartedServer} adds on Redis; `database` is the number of the logical database. */
export interface StartedRedis extends StartedServer {
  /** Reserves a key prefix; `stop()` deletes its keys. */
  createKeyspace(): StartedKeyspace;
}

/** What happens to servers, done to one of our own. Each resolves when it is so. */
export interface ServerControls {
  /** Of the leading process. */
  readonly pid: number;
  /** Neither ended nor frozen. */
  readonly running: boolean;
  /** The leading process first, then all that it started. */
  pids(): readonly number[];
  /** SIGKILL to all of them: nothing is written or said any more. */
  kill(): Promise<void>;
  /** Ends it in order, without waiting for its clients. */
  terminate(): Promise<void>;
  /** SIGSTOP to all of them: connections stay open and are still accepted, and nothing answers. Not on Windows. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /**
   * Starts it on the same port with the same data, after it was ended or killed; what runs is terminated first. Resolves when logins work.
   * `further` are arguments of the program beside those that it has, from now on.
   */
  restart(further?: readonly string[]): Promise<void>;
}

/** Options of `startOwnPostgres()`, `startOwnMongo()` and `startOwnRedis()`. */
export interface OwnServerOptions extends Pick<ServerOptions, 'log' | 'env'> {
  /**
   * Files for the server, such as certificates, by name: for PostgreSQL in its data folder, else in the folder that the server is started in.
   * Only the server's user can read them.
   * @default {}
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What was acknowledged outlives `kill()`. Otherwise it may be lost, as it is on servers for tests. @default false */
  readonly durable?: boolean;
  /**
   * Arguments of the program, beside our own: `['-c', 'max_connections=20']`, `['--auth']`, `['--maxmemory', '10mb']`. Redis has a random password, unless
   * `--requirepass` gives one; it is in `url`.
   * @default []
   */
  readonly arguments?: readonly string[];
}

/** Options of `startOwnMongo()`. */
export interface OwnMongoOptions extends OwnServerOptions {
  /**
   * Members of the replica set, each a process: with three of them another one becomes primary when one is lost, within seconds. A small server each.
   * @default 1
   * @minimum 1
   * @maximum 7
   */
  readonly members?: number;
}

/** A member of a replica set of our own. */
export interface MongoMember {
  /** Such as `127.0.0.1:41234`, as the set names it. */
  readonly host: string;
  readonly process: ServerControls;
}

/** A server that nobody else uses, with its process. */
export interface OwnServer {
  readonly process: ServerControls;
}

export interface OwnPostgres extends StartedPostgres, OwnServer {}

/** A replica set that nobody else uses; `process` is that of its first member. */
export interface OwnMongo extends StartedMongo, OwnServer {
  /** All of them, the first one first. */
  readonly members: readonly MongoMember[];
  /** The member that takes writes, as soon as there is one. @throws Error when there is none within a minute */
  primary(): Promise<MongoMember>;
}

export interface OwnRedis extends StartedRedis, OwnServer {}
