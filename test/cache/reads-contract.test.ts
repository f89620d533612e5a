import { afterAll, it } from 'vitest';
import { CacheManager, cacheReads, type Database, MemoryDatabase, MemoryStore } from '../../src/index.js';
import { repositoryContract } from '../../src/testing/index.js';

/** A database whose every command goes through the middleware, as if each repository of it had it. */
function cached(database: MemoryDatabase): Database<'memory'> {
  const cache = new CacheManager(new MemoryStore(), { l1: {} });
  const all = '1h';
  const middleware = cacheReads(cache, {
    findById: all,
    find: all,
    count: all,
    exists: all,
    distinct: all,
    groupBy: all,
    search: all,
    near: all,
  });
  return {
    engine: database.engine,
    get currentTransaction() {
      return database.currentTransaction;
    },
    run: <T>(command: Parameters<MemoryDatabase['run']>[0], options = {}) =>
      middleware(command, (next) => database.run(next, options), {
        ...options,
        stream: false,
        transaction: database.currentTransaction,
      }) as Promise<T>,
    stream: (command, options) => database.stream(command, options),
    transaction: (work, options) => database.transaction(work, options),
    detached: (work) => database.detached(work),
  };
}

// What is kept in a cache is what the engine would give: no rule of repositories notices it.
repositoryContract({
  test: it,
  after: afterAll,
  open: async () => ({ database: cached(new MemoryDatabase()), close: async () => {} }),
});
