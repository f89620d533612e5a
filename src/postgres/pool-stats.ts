import type { PoolStats } from '../errors/pool.js';
import { Admission } from './admission.js';
import type { Adopted } from './adopted.js';
import type { PostgresPool } from './driver.js';
import type { Settings } from './options.js';

/** What the figures of a pool are counted from; the pool and its queue are null before the first use. */
export interface Counted {
  readonly settings: Settings;
  readonly pool: PostgresPool | null;
  readonly source: Admission | Adopted | null;
  /** Connections that callers of the library have. */
  readonly held: number;
  readonly timeouts: number;
}

/** The figures of a pool; of one that the application brought, with what its other callers have. */
export function statsOf({ settings, pool, source, held, timeouts }: Counted): PoolStats {
  const { options } = (pool ?? {}) as { readonly options?: { readonly max?: number; readonly min?: number } };
  const idle = (pool?.idleCount ?? 0) + (source instanceof Admission ? source.atHand : 0);
  const adopted = settings.pool !== null;
  const active = adopted ? (pool?.totalCount ?? 0) - idle : held;
  return {
    max: options?.max ?? settings.max,
    min: options?.min ?? settings.min,
    total: active + idle,
    active,
    idle,
    waiting: adopted ? (pool?.waitingCount ?? 0) : (source?.waiting ?? 0),
    timeouts,
  };
}
