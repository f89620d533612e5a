import type { RedisArgument, RedisCallOptions } from './call-options.js';
import type { Subscriber } from './subscriptions.js';

/** What entries and locks need of the store that they are in. */
export interface Commands {
  /** In errors. */
  readonly name: string;
  /** Whether keys are spread over servers, so that a command reaches only those of one slot. */
  readonly isCluster: boolean;
  run(command: string, args: readonly RedisArgument[], options: RedisCallOptions): Promise<unknown>;
  script(
    lua: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: RedisCallOptions,
  ): Promise<unknown>;
  /** Tells of the messages of a channel; gives the function that ends it. */
  subscribe(channel: string, listener: Subscriber): () => void;
}
