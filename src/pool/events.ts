import type { PoolHealth } from './health.js';

/** What a manager tells of, by name, with what its listeners get. */
export type PoolEvents = {
  /** The first connection of a pool was made. */
  readonly connected: readonly [name: string];
  /** The server of a pool cannot be reached any more. */
  readonly disconnected: readonly [name: string, error: Error];
  readonly reconnected: readonly [name: string];
  /** Something broke that no caller learns otherwise. */
  readonly error: readonly [name: string, error: Error];
  readonly healthChanged: readonly [name: string, now: PoolHealth, before: PoolHealth];
  /** Everything is closed. */
  readonly closed: readonly [];
};

export const EVENTS: readonly (keyof PoolEvents)[] = [
  'connected',
  'disconnected',
  'reconnected',
  'error',
  'healthChanged',
  'closed',
];
