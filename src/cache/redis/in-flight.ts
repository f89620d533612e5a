import type { Deadline } from '../../core/deadline.js';
import { Chain, type Link } from '../../util/chain.js';
import type { RedisClientLike, SingleRedisClient } from './client.js';
import { mapError } from './errors.js';

/** The commands that were sent and not answered. */
export class InFlight {
  readonly #resource: string;
  /** Whether the client is ours to end. */
  readonly #own: boolean;
  /** What fails each of them. */
  readonly #running = new Chain<(error: Error) => void>();
  #drained: (() => void) | null = null;

  constructor(resource: string, own: boolean) {
    this.#resource = resource;
    this.#own = own;
  }

  get size(): number {
    return this.#running.size;
  }

  /**
   * Sends, and gives the reply within the deadline. A late reply reaches nobody: replies come in the order of their commands, and the place of this one
   * is kept. A connection on which nothing at all was heard since is dead, and is dropped, so that those behind it do not wait for it too.
   */
  send(
    client: RedisClientLike,
    send: (client: RedisClientLike) => Promise<unknown>,
    deadline: Deadline,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const resource = this.#resource;
      if (deadline.ended) {
        reject(deadline.error('not-executed', resource, 'nothing was sent'));
        return;
      }
      const { stream } = client as SingleRedisClient;
      const heard = stream?.bytesRead;
      const fail = (error: Error): void => {
        if (this.#over(place, deadline)) reject(error);
      };
      const place = this.#running.add(fail);
      deadline.listen(() => {
        const isDead = deadline.timedOut && this.#own && heard !== undefined && stream?.bytesRead === heard;
        fail(deadline.error('unknown', resource, 'the command was sent, and its reply did not come'));
        if (isDead) stream.destroy();
      });
      send(client).then(
        (reply) => {
          if (this.#over(place, deadline)) resolve(reply);
        },
        (error) => {
          if (!this.#running.has(place)) return;
          const { elapsedMs } = deadline;
          fail(mapError(error, { resource, elapsedMs, sent: !isUnsent(error) }) as Error);
        },
      );
    });
  }

  /** Whether it is over by this, and was not before. */
  #over(place: Link<(error: Error) => void>, deadline: Deadline): boolean {
    if (!this.#running.delete(place)) return false;
    deadline.listen(null);
    if (this.#running.size === 0) this.#drained?.();
    return true;
  }

  /** Resolves when nothing is under way; what is at the deadline ends with `error`. */
  async drained(deadlineMs: number, error: () => Error): Promise<void> {
    if (this.#running.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      timer = setTimeout(() => {
        for (const fail of this.#running.values()) fail(error());
      }, deadlineMs);
    });
    clearTimeout(timer);
  }
}

/** What the driver says when it had no connection to write to. */
function isUnsent(error: unknown): boolean {
  return /isn't (writeable|ready)/.test(String((error as { readonly message?: unknown }).message));
}
