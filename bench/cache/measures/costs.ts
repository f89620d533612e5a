import { compared, type Repeats, type Taken } from '../../kit/paired.js';
import { type Cell, rowsOf, type Table } from '../../kit/table.js';
import type { Bench } from '../bench.js';
import type { Opened, Peer } from '../peer.js';

/** What a way to use a cache costs, with and without tags, each beside the first cache in the same round. */
export interface Costs {
  readonly title: string;
  readonly about: string;
  readonly near: boolean;
  /** Each is a group of columns. */
  readonly groups: readonly { readonly name: string; readonly tags?: readonly string[] }[];
  readonly repeats: Repeats;
  /** Makes ready, and gives what is measured. */
  way(cache: Opened, tags: readonly string[] | undefined): Promise<() => Promise<unknown>>;
}

export async function costs(bench: Bench, { title, about, near, groups, repeats, way }: Costs): Promise<Table> {
  const taken: ReadonlyMap<string, Taken>[] = [];
  for (const { tags } of groups) {
    const rows = await bench.withAll({ near, tags: tags !== undefined }, async (opened) => {
      const ways: Record<string, () => Promise<unknown>> = {};
      for (const { peer, cache } of opened) ways[peer.name] = await way(cache, tags);
      return compared(ways, repeats);
    });
    taken.push(new Map(rows.map((row) => [row.name, row])));
  }
  return {
    title,
    about,
    columns: groups.flatMap(({ name }) => [`${name}: us`, 'x bare', 'CPU us', 'CPU x bare']),
    rows: rowsOf(bench.peers, (peer) =>
      groups.flatMap(({ tags }, i) => cellsOf(taken[i]!.get(peer.name), missing(peer, near, tags !== undefined))),
    ),
  };
}

function missing({ lacks }: Peer, near: boolean, tags: boolean): string {
  return (near ? lacks.near : undefined) ?? (tags ? lacks.tags : undefined) ?? 'it was not measured';
}

function cellsOf(taken: Taken | undefined, reason: string): readonly Cell[] {
  if (taken === undefined) return Array.from({ length: 4 }, () => ({ missing: reason }));
  const { microseconds, ratio, cpuMicroseconds, cpuRatio } = taken;
  return [digits(microseconds), ratio.toFixed(2), digits(cpuMicroseconds), cpuRatio.toFixed(2)];
}

/** Three digits that count. */
export function digits(number: number): string {
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}
