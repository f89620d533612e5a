import type { StoreMemory, StoreNodeStats, StoreStats, StoreStatsOptions, StoreWarning } from '../store-stats.js';
import type { RedisCallOptions } from './call-options.js';
import type { ArgumentsFor, MasterReply } from './masters.js';

/** Who can ask every server that has keys. */
export interface Asked {
  onMasters(command: string, argumentsFor: ArgumentsFor, options: RedisCallOptions): Promise<readonly MasterReply[]>;
}

/** What a server, or each master of a cluster, tells of itself. */
export async function serverStats(store: Asked, { signal, timeout }: StoreStatsOptions): Promise<StoreStats> {
  const startedAt = performance.now();
  const replies = await store.onMasters('INFO', () => [], { signal, timeout, idempotent: true });
  const roundTripMs = performance.now() - startedAt;
  const nodes: StoreNodeStats[] = [];
  const warnings: StoreWarning[] = [];
  for (const each of replies) {
    const { node, error } = each;
    if (error !== undefined) {
      warnings.push({ code: 'silent', node, message: `${node} did not say how it is: ${error.message}` });
      continue;
    }
    const stats = statsOf(node, String(each.reply));
    nodes.push(stats);
    const warning = evictionOf(stats);
    if (warning !== null) warnings.push(warning);
  }
  return { engine: 'redis', roundTripMs, ...summed(nodes), nodes, warnings };
}

/** Every key of a lock has an end, so that each policy but `noeviction` may choose it. Without a limit nothing is ever evicted. */
function evictionOf({ node, memory: { max, policy } }: StoreNodeStats): StoreWarning | null {
  if (max === null || policy === 'noeviction') return null;
  const message = `${node} evicts by ${policy} when its ${max} bytes are full, keys of locks too: a lock may end before its time. Keep locks on a server with noeviction, or rely on the fence`;
  return { code: 'eviction', node, message };
}

function statsOf(node: string, info: string): StoreNodeStats {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  let keys = 0;
  let expiring = 0;
  let ttlMs = 0;
  for (const [name, text] of fields) {
    if (!/^db\d+$/.test(name)) continue;
    const counted = (what: string): number => Number(new RegExp(`(?:^|,)${what}=(\\d+)`).exec(text)?.[1] ?? 0);
    keys += counted('keys');
    expiring += counted('expires');
    ttlMs += counted('expires') * counted('avg_ttl');
  }
  return {
    node,
    version: fields.get('redis_version') ?? null,
    memory: {
      used: number('used_memory'),
      peak: number('used_memory_peak'),
      max: number('maxmemory') || null,
      policy: fields.get('maxmemory_policy') ?? 'unknown',
    },
    clients: { connected: number('connected_clients'), blocked: number('blocked_clients') },
    keyspace: {
      keys,
      expiring,
      averageTtlMs: ttlMs === 0 ? null : Math.round(ttlMs / expiring),
      evicted: number('evicted_keys'),
      expired: number('expired_keys'),
      hits: number('keyspace_hits'),
      misses: number('keyspace_misses'),
    },
  };
}

function summed(nodes: readonly StoreNodeStats[]): Pick<StoreStats, 'memory' | 'clients' | 'keyspace'> {
  const sum = (of: (node: StoreNodeStats) => number | null): number =>
    nodes.reduce((total, node) => total + (of(node) ?? 0), 0);
  const expiring = sum(({ keyspace }) => keyspace.expiring);
  const ttlMs = sum(({ keyspace }) => keyspace.expiring * (keyspace.averageTtlMs ?? 0));
  return {
    memory: {
      used: sum(({ memory }) => memory.used),
      peak: sum(({ memory }) => memory.peak),
      // One without a limit has room for what it wants.
      max: nodes.some(({ memory }) => memory.max === null) ? null : sum(({ memory }) => memory.max),
      policy: policiesOf(nodes.map(({ memory }) => memory)),
    },
    clients: {
      connected: sum(({ clients }) => clients!.connected),
      blocked: sum(({ clients }) => clients!.blocked),
    },
    keyspace: {
      keys: sum(({ keyspace }) => keyspace.keys),
      expiring,
      averageTtlMs: ttlMs === 0 ? null : Math.round(ttlMs / expiring),
      evicted: sum(({ keyspace }) => keyspace.evicted),
      expired: sum(({ keyspace }) => keyspace.expired),
      hits: sum(({ keyspace }) => keyspace.hits),
      misses: sum(({ keyspace }) => keyspace.misses),
    },
  };
}

function policiesOf(memories: readonly StoreMemory[]): string {
  return [...new Set(memories.map(({ policy }) => policy))].sort().join(', ');
}
