import { channels, traced } from '../core/channels.js';
import type { PostgresPool, Taken } from './driver.js';

/** Where clients come from. */
export interface Supply {
  /** Connections that are open and that nobody has. */
  readonly idleCount: number;
  /** Connections that are open or being made. */
  readonly totalCount: number;
  /** Gives an idle client; if there is none any more, a new one. */
  take(taken: Taken): void;
  /** Makes a new client, although there may be idle ones. */
  make(taken: Taken): void;
}

/** The clients of `pg-pool`. Whoever listens is told of the connections that are made. `map` makes one of the library's errors of the driver's. */
export function supplyOf(pool: PostgresPool, resource: string, map: (error: unknown) => Error): Supply {
  const make = (taken: Taken): void => {
    // What `connect` does when no client is idle.
    if (pool.newClient !== undefined) pool.newClient({ callback: taken });
    else pool.connect(taken);
  };
  return {
    take: (taken) => pool.connect(taken),
    make(taken) {
      if (!channels.connect.hasSubscribers) {
        make(taken);
        return;
      }
      const made = (): Promise<void> =>
        new Promise((resolve, reject) => {
          make((error, client, release) => {
            if (client === undefined) reject(map(error));
            else resolve();
            taken(error, client, release);
          });
        });
      // The callback has told of it.
      traced(channels.connect, () => ({ engine: 'postgres', resource }), made).catch(() => {});
    },
    get idleCount() {
      return pool.idleCount;
    },
    get totalCount() {
      return pool.totalCount;
    },
  };
}
