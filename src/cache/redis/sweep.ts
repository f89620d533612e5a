import type { RedisCallOptions } from './call-options.js';
import type { Commands } from './commands.js';

/** Keys that the server looks at for one answer of SCAN. */
const LOOKED_AT = 500;
/** Within these bytes an entry has the stamps of its namespaces. */
const HEAD = 4_096;

/** KEYS value... | ARGV stamp. What carries the stamp is good. */
const SWEEP = `
local gone = 0
for _, key in ipairs(KEYS) do
  local head = redis.pcall('GETRANGE', key, 0, ${HEAD - 1})
  if type(head) == 'string' and head ~= '' and not head:find(ARGV[1], 1, true) then gone = gone + redis.call('UNLINK', key) end
end
return gone`;

/** What is swept. */
export interface Swept {
  readonly prefix: string;
  /** Of the namespace; those in it are swept with it. */
  readonly path: string;
  /** What a good entry carries. */
  readonly stamp: string;
  readonly signal: AbortSignal;
}

/**
 * Takes away the entries of a namespace that do not carry its stamp, some hundred keys at a time, on each master of a cluster; gives how many went with each
 * step. The server never works on it for longer than a step.
 */
export async function* sweepEntries(
  store: Commands,
  { prefix, path, stamp, signal }: Swept,
): AsyncGenerator<number, void, undefined> {
  const options: RedisCallOptions = { signal, idempotent: true };
  const pattern = `{${literal(prefix + path)}[:/]*}:v`;
  const cursors = new Map<string, string | null>();
  let failure: Error | null = null;
  do {
    const asked = (node: string) => {
      const cursor = cursors.get(node);
      return cursor === null ? null : [cursor ?? '0', 'MATCH', pattern, 'COUNT', LOOKED_AT];
    };
    const keys: string[] = [];
    for (const each of await store.onMasters('SCAN', asked, options)) {
      if (each.error !== undefined) {
        // The others are swept all the same.
        failure = each.error;
        cursors.set(each.node, null);
        continue;
      }
      const [cursor, found] = each.reply as [string, string[]];
      cursors.set(each.node, String(cursor) === '0' ? null : String(cursor));
      keys.push(...found);
    }
    yield await gone(store, keys, stamp, options);
  } while ([...cursors.values()].some((cursor) => cursor !== null));
  if (failure !== null) throw failure;
}

async function gone(
  store: Commands,
  keys: readonly string[],
  stamp: string,
  options: RedisCallOptions,
): Promise<number> {
  if (keys.length === 0) return 0;
  // On a cluster each entry has a slot of its own, and a script has one.
  const parts = store.isCluster ? keys.map((key) => [key]) : [keys];
  const counts = await Promise.all(parts.map((part) => store.script(SWEEP, part, [stamp], options)));
  return counts.reduce((sum: number, count) => sum + Number(count), 0);
}

/** A text in which nothing is a pattern. */
function literal(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
