import type { Opened } from './peer.js';

const AT_ONCE = 200;

/** Stores entries by misses, many at a time. */
export async function fill(
  cache: Opened,
  entries: number,
  value: (id: number) => unknown,
  tags?: (id: number) => readonly string[],
): Promise<void> {
  for (let from = 0; from < entries; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, entries - from) }, (_, i) => from + i);
    await Promise.all(some.map((id) => cache.getOrSet(`entry-${id}`, () => value(id), tags?.(id))));
  }
}
