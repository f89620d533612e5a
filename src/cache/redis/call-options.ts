import type { Duration } from '../../util/duration.js';

/** Options of one command. */
export interface RedisCallOptions {
  /** Ends the call with `AbortedError`; what was sent may be executed all the same. */
  readonly signal?: AbortSignal | undefined;
  /** For waiting and running together. @default the store's `timeout` */
  readonly timeout?: Duration | undefined;
  /** Whether the command may be sent a second time when its reply got lost, because executing it twice is the same as once. @default false */
  readonly idempotent?: boolean | undefined;
  /** Whether the texts of the reply come as bytes. @default false */
  readonly bytes?: boolean | undefined;
}

/** An argument of a command. */
export type RedisArgument = string | number | Buffer;
