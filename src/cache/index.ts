export { CacheUnavailableError, LoadFailedError } from '../errors/cache.js';
export { LockContendedError, LockLostError, LockUnavailableError } from '../errors/lock.js';
export type { CacheCodec } from './codec.js';
export type { CacheEvents, CacheStats } from './events.js';
export type { Explanation } from './explain.js';
export { CacheKey, cacheKey, type KeyPart } from './key.js';
export type { L1Options } from './l1-options.js';
export type { Load, LoadContext } from './load.js';
export type { Lock } from './lock/lock.js';
export { type LockedWork, Locks } from './lock/locks.js';
export type { AcquireOptions, LocksOptions } from './lock/options.js';
export type { Acquired, ExtendedLock, LockCall, LockStore, OwnedLock } from './lock/port.js';
export type { LockTime } from './lock/time.js';
export { CacheManager, type GetOrSetManyOptions } from './manager.js';
export type { LoadMany } from './many.js';
export { MemoryLockStore, type MemoryLockStoreOptions } from './memory/locks.js';
export { MemoryStore, type MemoryStoreOptions } from './memory/store.js';
export type { CacheOptions, FreshnessOptions, GetOptions, GetOrSetOptions, SetOptions } from './options.js';
export type {
  CacheStore,
  Capture,
  ChangeListener,
  EntryStore,
  Lease,
  LeaseRequest,
  Reading,
  Write,
} from './ports.js';
export { type CacheReadsOptions, cacheReads } from './reads.js';
export { entityTags } from './reads-keys.js';
export type { RedisArgument, RedisCallOptions } from './redis/call-options.js';
export type { RedisClientLike } from './redis/client.js';
export { RedisLockStore, type RedisLockStoreOptions } from './redis/locks.js';
export type { RedisOptions, RedisTls } from './redis/options.js';
export { RedisStore } from './redis/store.js';
export type {
  StoreClients,
  StoreKeyspace,
  StoreMemory,
  StoreNodeStats,
  StoreStats,
  StoreStatsOptions,
  StoreWarning,
} from './store-stats.js';
export type { ClearOptions } from './sweep.js';
