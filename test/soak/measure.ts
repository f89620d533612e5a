import { readdirSync } from 'node:fs';
import type { Leg } from './leg.js';

/** What must be the same before and after. */
export interface Figures {
  /** Bytes that are still reachable after the garbage was collected. */
  readonly heap: number;
  /** Null where the system does not tell. */
  readonly descriptors: number | null;
  readonly timers: number;
  readonly connections: Readonly<Record<string, number>>;
}

export async function measure(legs: readonly Leg[]): Promise<Figures> {
  const collect = (globalThis as { readonly gc?: () => void }).gc;
  if (collect === undefined) throw new Error('Run it with `node --expose-gc`, as `npm run soak` does');
  // What finalizers free is collected by the next round.
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const connections: Record<string, number> = {};
  for (const leg of legs) connections[leg.name] = await leg.connections();
  return {
    heap: process.memoryUsage().heapUsed,
    descriptors: descriptors(),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    connections,
  };
}

/** Open files and sockets of this process; null where the system does not tell. */
export function descriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

const MEGABYTE = 2 ** 20;

/** What has grown while the pools were open; empty when everything is back at its base line. Pools may have fewer connections than before. */
export function grown(before: Figures, after: Figures, legs: readonly Leg[]): readonly string[] {
  const problems: string[] = [];
  const heap = (after.heap - before.heap) / MEGABYTE;
  // Code that is compiled and caches that are filled for the first time; a leak of a few hundred bytes a call is far above.
  if (heap > 8) problems.push(`the heap grew by ${heap.toFixed(1)} MB`);
  for (const { name, maxConnections } of legs) {
    const now = after.connections[name]!;
    if (now > maxConnections)
      problems.push(`${name} sees ${now} connections of ours, at most ${maxConnections} are right`);
  }
  if (after.timers > before.timers) problems.push(`${after.timers - before.timers} timers are still set`);
  return problems;
}
