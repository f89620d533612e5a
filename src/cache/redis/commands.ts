import type { Patience } from '../../util/patience.js';
import type { RedisArgument, RedisCallOptions } from './call-options.js';
import type { ArgumentsFor, MasterReply } from './masters.js';
import type { Subscriber } from './subscriptions.js';

/** Options of a command that entries and locks give. */
export interface CommandOptions extends RedisCallOptions {
  /** The limit of many commands, in the place of `timeout`. */
  readonly patience?: Patience | undefined;
  /** Whether it is a part of what is observed already. */
  readonly isPart?: boolean | undefined;
}

/** What entries and locks need of the store that they are in. */
export interface Commands {
  /** In errors. */
  readonly name: string;
  /** Whether keys are spread over servers, so that a command reaches only those of one slot. */
  readonly isCluster: boolean;
  run(command: string, args: readonly RedisArgument[], options: CommandOptions): Promise<unknown>;
  script(
    lua: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CommandOptions,
  ): Promise<unknown>;
  /** Runs one command at each server that has keys. */
  onMasters(command: string, argumentsFor: ArgumentsFor, options: RedisCallOptions): Promise<readonly MasterReply[]>;
  /** Tells of the messages of a channel; gives the function that ends it. */
  subscribe(channel: string, listener: Subscriber): () => void;
}

/** What the store does besides for those that gather what is asked for at the same time. */
export interface GatheringCommands extends Commands {
  /** Tells who observes the store of `work` as of one command. */
  observed<T>(command: string, work: () => Promise<T>): Promise<T>;
  /** Calls `send` when all that goes on in the process now has asked for what it wants, and in any case before the store refuses commands. */
  soon(send: () => void): void;
}
