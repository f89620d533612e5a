import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { keysOf } from './keys.js';
import type { Opened, Peer } from './peer.js';

/** How what changed is taken away. */
export type Way = 'delete' | 'tag' | 'tag, evicted';

export interface Counts {
  reads: number;
  stale: number;
  loads: number;
}

const KEYS = 12;
const NODES = 3;
const READERS = 24;

/**
 * Readers, writers and evictions on caches that share a prefix, as those of several processes do. The truth of a key is a version: a writer raises it, takes
 * the cached value away, and then notes the version as known to all. A reader that knows of a version and is given an older one was served what is stale.
 */
export class Stress {
  readonly counts: Counts = { reads: 0, stale: 0, loads: 0 };
  readonly #bench: Bench;
  readonly #prefix: string;
  readonly #way: Way;
  readonly #nodes: readonly Opened[];
  readonly #truth: number[] = new Array(KEYS).fill(0);
  readonly #known: number[] = new Array(KEYS).fill(0);
  readonly #random = mulberry(1);

  private constructor(bench: Bench, prefix: string, way: Way, nodes: readonly Opened[]) {
    this.#bench = bench;
    this.#prefix = prefix;
    this.#way = way;
    this.#nodes = nodes;
  }

  static async open(bench: Bench, peer: Peer, way: Way): Promise<Stress> {
    const prefix = bench.prefix(peer);
    const nodes: Opened[] = [];
    for (let i = 0; i < NODES; i++) nodes.push(await bench.open(peer, { near: false, tags: way !== 'delete' }, prefix));
    return new Stress(bench, prefix, way, nodes);
  }

  /** Goes on until so many more reads are done. */
  async run(reads: number): Promise<void> {
    const until = this.counts.reads + reads;
    const state = { going: true };
    const others = [
      ...this.#nodes.map((node, i) => this.#write(node, i, state)),
      ...(this.#way === 'tag, evicted' ? [this.#evict(state)] : []),
    ];
    try {
      await Promise.all(Array.from({ length: READERS }, (_, i) => this.#read(this.#nodes[i % NODES]!, until)));
    } finally {
      state.going = false;
      await Promise.all(others);
    }
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) await node.close();
  }

  async #read(node: Opened, until: number): Promise<void> {
    while (this.counts.reads < until) {
      const key = this.#key();
      const known = this.#known[key]!;
      const load = async (): Promise<unknown> => {
        this.counts.loads += 1;
        const version = this.#truth[key]!;
        // A load is as slow as what happens meanwhile: every other one waits for a turn or two.
        if (this.#random() < 0.5) await delay(this.#random() * 3);
        return { version };
      };
      const tags = this.#way === 'delete' ? undefined : [`tag-${key}`];
      const { version } = (await node.getOrSet(`key-${key}`, load, tags)) as { readonly version: number };
      this.counts.reads += 1;
      if (version < known) this.counts.stale += 1;
    }
  }

  /** Each has keys of its own, so that what it notes only grows. */
  async #write(node: Opened, own: number, state: { readonly going: boolean }): Promise<void> {
    while (state.going) {
      const key = this.#key();
      if (key % NODES === own) {
        const version = (this.#truth[key]! += 1);
        if (this.#way === 'delete') await node.delete(`key-${key}`);
        else await node.invalidate!(`tag-${key}`);
        this.#known[key] = version;
      }
      await delay(this.#random() * 4);
    }
  }

  /** Takes keys away as a server without memory does: entries, and what is remembered beside them. */
  async #evict(state: { readonly going: boolean }): Promise<void> {
    while (state.going) {
      const keys: string[] = [];
      for await (const some of keysOf(this.#bench.client, this.#prefix)) keys.push(...some);
      if (keys.length > 0) await this.#bench.client.unlink(keys[Math.floor(this.#random() * keys.length)]!);
      await delay(this.#random() * 20);
    }
  }

  #key(): number {
    return Math.floor(this.#random() * KEYS);
  }
}

/** A fixed sequence, the same for every cache. */
function mulberry(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
