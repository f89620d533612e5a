import { DriverMissingError } from '../../errors/runtime.js';
import type { SingleRedisClient } from './client.js';

const PACKAGE = 'ioredis';
const RANGE = '^6.0.0';

/** What is used of the npm package. */
export interface Driver {
  readonly Redis: new (options: Readonly<Record<string, unknown>>) => SingleRedisClient;
}

/** Loads `ioredis` at the first connection, so that importing the library needs no driver. @throws DriverMissingError */
export async function loadDriver(load: () => Promise<unknown> = () => import('ioredis')): Promise<Driver> {
  try {
    const module = (await load()) as Driver & { readonly default?: Driver };
    return module.Redis === undefined ? module.default! : module;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new DriverMissingError(PACKAGE, RANGE, { cause: error });
  }
}
