import {
  type ConnectConfig,
  type Driver,
  KEEP_ALIVE_MS,
  type PoolConfig,
  type PostgresPool,
  type WireClient,
} from './driver.js';
import type { Farewells } from './farewells.js';

/** How a pool of our own keeps its clients. */
export interface PoolLimits {
  readonly max: number;
  readonly min: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
}

/** The longest time that a timer takes, in seconds. */
const MAX_SECONDS = 2_147_483;

/**
 * A pool of our own. Waiting for a free connection is not its business, making one is bounded by `connectTimeoutMs`. It ends those that are idle for
 * too long or too old; `farewells` hears of each that ends.
 */
export function createPool(
  { Pool, Client }: Driver,
  config: ConnectConfig,
  { max, min, connectTimeoutMs, idleTimeoutMs, maxLifetimeMs }: PoolLimits,
  farewells: Farewells,
): PostgresPool {
  // The pool's own option would bound the wait for a busy pool too: the client gets it alone.
  class PoolClient extends Client {
    constructor(settings: PoolConfig) {
      // The pool hides the password from enumeration, so that a spread would lose it.
      super({ ...settings, password: settings.password, connectionTimeoutMillis: connectTimeoutMs } as PoolConfig);
    }

    override end(ended?: (error: Error) => void): Promise<void> {
      farewells.leaving((this as unknown as WireClient).connection.stream);
      return super.end(ended!) as unknown as Promise<void>;
    }
  }
  const settings = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS };
  const maxLifetimeSeconds = Math.min(maxLifetimeMs / 1_000, MAX_SECONDS);
  const limits = { max, min, idleTimeoutMillis: idleTimeoutMs, maxLifetimeSeconds };
  return new Pool({
    ...settings,
    ...limits,
    ...keepAlive,
    Client: PoolClient,
  } as unknown as PoolConfig) as PostgresPool;
}
