import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { CacheManager } from '../../cache/manager.js';
import type { CacheOptions } from '../../cache/options.js';
import type { CacheStore, EntryStore } from '../../cache/ports.js';
import type { Rule } from '../contract.js';

/** A rule of caches over a store. Rules run one after another, each under prefixes of its own. */
export type CacheRule = Rule<CacheStore>;

/** A prefix that no other rule has. */
export function ownPrefix(): string {
  return `contract-${randomUUID()}`;
}

/** A cache that no other rule knows. */
export function cacheOn(store: CacheStore, options: CacheOptions = {}): CacheManager {
  return new CacheManager(store, { prefix: ownPrefix(), storeTimeout: '10s', ...options });
}

/** The entries of a store that no other rule knows. */
export function entriesOn(store: CacheStore): EntryStore {
  return store.entries(ownPrefix(), 10_000);
}

/** A store whose entries are those of another with some methods changed, and none of the methods that a store need not have. */
export function storeLike(
  store: CacheStore,
  changes: (entries: EntryStore, prefix: string) => Partial<EntryStore>,
): CacheStore {
  return {
    engine: store.engine,
    name: store.name,
    locks: (prefix) => store.locks(prefix),
    entries(prefix, timeoutMs) {
      const entries = store.entries(prefix, timeoutMs);
      return {
        read: (...args) => entries.read(...args),
        lease: (...args) => entries.lease(...args),
        capture: (...args) => entries.capture(...args),
        write: (...args) => entries.write(...args),
        invalidate: (...args) => entries.invalidate(...args),
        listen: (...args) => entries.listen(...args),
        ...changes(entries, prefix),
      };
    },
  };
}

/** Asks again and again until it is so: what ends by time ends in its own time. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
}

/** A promise that is settled from outside. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What a call fails with. */
export async function failure(call: Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  return assert.fail('the call should have failed');
}
