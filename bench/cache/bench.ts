import { Redis } from 'ioredis';
import { clearKeys } from './keys.js';
import type { Opened, Opening, Peer } from './peer.js';
import { slugOf } from './peers/index.js';
import { validate } from './validate.js';

/** How much is done. */
export interface Effort {
  readonly rounds: number;
  /** Hits of the level in Redis and of the one in the process, and misses, in each round. */
  readonly hits: number;
  readonly nearHits: number;
  readonly misses: number;
  /** Callers of a stampede, and stampedes. */
  readonly callers: number;
  readonly stampedes: number;
  /** Entries that carry the tag. */
  readonly tagged: readonly number[];
  /** Entries whose memory is measured, in Redis and in the process. */
  readonly entries: number;
  readonly nearEntries: number;
  /** Reads of each cache in each of the ways to invalidate. */
  readonly staleReads: number;
}

export const FULL: Effort = {
  rounds: 15,
  hits: 400,
  nearHits: 8_000,
  misses: 150,
  callers: 1_000,
  stampedes: 7,
  tagged: [1_000, 100_000],
  entries: 2_000,
  nearEntries: 20_000,
  staleReads: 40_000,
};

export const QUICK: Effort = {
  rounds: 5,
  hits: 100,
  nearHits: 5_000,
  misses: 40,
  callers: 200,
  stampedes: 2,
  tagged: [100, 2_000],
  entries: 200,
  nearEntries: 2_000,
  staleReads: 3_000,
};

/** What the measures have in common: where Redis is, which caches are compared, and how much is done. */
export class Bench {
  readonly url: string;
  readonly peers: readonly Peer[];
  readonly effort: Effort;
  /** For what a measure looks up beside the caches. */
  readonly client: Redis;
  readonly #prefix: string;
  readonly #opened = new Set<Opened>();
  #openings = 0;

  constructor(url: string, peers: readonly Peer[], effort: Effort) {
    this.url = url;
    this.peers = peers;
    this.effort = effort;
    this.client = new Redis(url);
    this.#prefix = `trivetbench_${process.pid}_${Date.now().toString(36)}`;
  }

  /** A prefix that nobody else has. */
  prefix(peer: Peer): string {
    // No character that a cache encodes or a pattern knows.
    return `${this.#prefix}_${++this.#openings}_${slugOf(peer).replaceAll('-', '')}_`;
  }

  /** Opens a cache and sees that it does what it should. */
  async open(peer: Peer, how: Omit<Opening, 'url' | 'prefix'>, prefix: string = this.prefix(peer)): Promise<Opened> {
    const opened = await peer.open({ url: this.url, prefix, ...how });
    this.#opened.add(opened);
    try {
      await validate(opened, how);
    } catch (error) {
      await opened.close().catch(() => {});
      throw new Error(`${peer.name} does not do what is measured: ${(error as Error).message}`, { cause: error });
    }
    return opened;
  }

  /** Opens those caches that have what is asked for, and closes them and deletes their keys after use. */
  async withAll<T>(
    how: Omit<Opening, 'url' | 'prefix'>,
    use: (opened: readonly { readonly peer: Peer; readonly cache: Opened }[]) => Promise<T>,
  ): Promise<T> {
    const opened: { readonly peer: Peer; readonly cache: Opened }[] = [];
    let closed: readonly PromiseSettledResult<void>[] = [];
    let result: T;
    try {
      for (const peer of this.peers) if (isAble(peer, how)) opened.push({ peer, cache: await this.open(peer, how) });
      result = await use(opened);
    } finally {
      closed = await Promise.allSettled(opened.map(({ cache }) => cache.close()));
      await this.clear();
    }
    for (const each of closed) if (each.status === 'rejected') throw each.reason;
    return result;
  }

  clear(prefix: string = this.#prefix): Promise<void> {
    return clearKeys(this.client, prefix);
  }

  /** In the midst of it: what is still being stored fails before the keys are deleted. */
  async interrupt(): Promise<void> {
    await Promise.allSettled([...this.#opened].map((cache) => cache.close()));
    await this.clear();
  }

  async close(): Promise<void> {
    await this.clear();
    await this.client.quit();
  }
}

/** Whether a cache has what is asked for. */
export function isAble({ lacks }: Peer, { near, tags }: Pick<Opening, 'near' | 'tags'>): boolean {
  return !(near && lacks.near !== undefined) && !(tags && lacks.tags !== undefined);
}
