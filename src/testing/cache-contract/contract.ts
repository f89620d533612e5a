import type { CacheStore } from '../../cache/ports.js';
import { type ContractRunner, runContract } from '../contract.js';
import { invalidating } from './invalidating.js';
import type { CacheRule } from './kit.js';
import { loading } from './loading.js';
import { storing } from './storing.js';
import { values } from './values.js';

/** What `cacheContract` needs. */
export interface CacheContractOptions extends ContractRunner {
  /** Opens the store. Called once, by the first test. Each rule uses prefixes of its own, `contract-` and a UUID, and takes nothing away in the end. */
  readonly open: () => Promise<{ readonly store: CacheStore; close(): Promise<void> }>;
}

const RULES: readonly CacheRule[] = [...values, ...loading, ...invalidating, ...storing];

/** Every rule of the cache contract, to be run by hand, one after another on one store. */
export function cacheRules(): readonly CacheRule[] {
  return RULES;
}

/**
 * The rules that every store of a cache keeps, a test each: when they pass, a `CacheManager` means the same on this store as on `RedisStore` and
 * `MemoryStore`. It needs no particular test runner.
 *
 * @throws RangeError when `except` names something that is no rule.
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { MemoryStore } from 'trivet';
 * import { cacheContract } from 'trivet/testing';
 *
 * cacheContract({ test, open: async () => ({ store: new MemoryStore(), close: async () => {} }) });
 * ```
 */
export function cacheContract({ open, ...runner }: CacheContractOptions): void {
  const opened = async () => {
    const { store, close } = await open();
    return { subject: store, close };
  };
  runContract(RULES, runner, opened, 'store');
}
