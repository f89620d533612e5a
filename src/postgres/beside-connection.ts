import type { Deadline } from '../core/deadline.js';

/** What a connection beside the pool is called on the server, by what those of the pool are called. */
export type NameOf = (application: string) => string;

/**
 * A connection of its own beside the pool, for what has to outlive single calls: a lock of the session, settings that nobody else may meet. Statements run
 * one after the other.
 */
export interface BesideConnection {
  /** Of the server's process that serves it. */
  readonly processId: number;
  /** Whether nothing can run on it any more. */
  readonly ended: boolean;
  /** Whether the server says that no transaction is open. */
  readonly idle: boolean;
  /** Tells `listener` once when the connection ends, whoever ends it; at once when it has. */
  onEnd(listener: () => void): void;
  /**
   * Runs a statement; the error is the driver's. When the deadline ends first, it is cancelled on the server and the connection dropped. `tag` is what
   * the server says that it did.
   */
  run(
    text: string,
    values: readonly unknown[],
    deadline: Deadline,
  ): Promise<{ readonly rows: Record<string, unknown>[]; readonly tag: string }>;
  /** An error of `run` as one of the library's. */
  map(error: unknown, elapsedMs?: number): unknown;
  /** Ends the connection at once, and with `cancel` what runs on it. */
  destroy(cancel: boolean): void;
  /** Says goodbye and waits until the server has heard it, for a while. */
  close(): Promise<void>;
}
