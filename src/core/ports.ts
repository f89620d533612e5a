import type { Command, FindCommand } from '../query/command.js';
import type { StoredRow } from '../schema/model.js';

/** The engines that the library ships. A third engine names itself. */
export type EngineName = 'postgres' | 'mongo' | 'memory';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call. */
  readonly timeoutMs?: number | undefined;
}

export interface StreamRunOptions extends RunOptions {
  /** Rows fetched at a time. @default 500 */
  readonly batch?: number | undefined;
}

/** An engine. Commands reach it checked: fields exist, values are canonical, filters are pushed down. */
export interface Database<N extends string = string> {
  readonly engine: N;
  /** Runs one command and gives what its interface says. */
  run<T>(command: Command, options?: RunOptions): Promise<T>;
  /** The rows of a find, `batch` at a time; nothing is held on the server after the loop ends or breaks. */
  stream(command: FindCommand, options?: StreamRunOptions): AsyncIterable<StoredRow>;
}

export interface PoolStats {
  readonly max: number;
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Something with connections that can be opened, asked and closed. */
export interface Resource {
  /** Opens at least one connection and logs in. Optional: the first command does it too. */
  connect(): Promise<void>;
  ping(signal?: AbortSignal): Promise<void>;
  stats(): PoolStats;
  /** Idempotent. A client or pool that the caller brought is left open. */
  close(): Promise<void>;
}
