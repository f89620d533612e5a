export type { CacheCodec } from './cache/codec.js';
export type { CacheEvents, CacheStats } from './cache/events.js';
export type { Explanation } from './cache/explain.js';
export { CacheKey, cacheKey, type KeyPart } from './cache/key.js';
export type { L1Options } from './cache/l1-options.js';
export type { Load, LoadContext } from './cache/load.js';
export type { Lock } from './cache/lock/lock.js';
export { type LockedWork, Locks } from './cache/lock/locks.js';
export type { AcquireOptions, LocksOptions } from './cache/lock/options.js';
export type { Acquired, ExtendedLock, LockCall, LockStore, OwnedLock } from './cache/lock/port.js';
export type { LockTime } from './cache/lock/time.js';
export { CacheManager, type GetOrSetManyOptions } from './cache/manager.js';
export type { LoadMany } from './cache/many.js';
export { MemoryLockStore, type MemoryLockStoreOptions } from './cache/memory/locks.js';
export { MemoryStore, type MemoryStoreOptions } from './cache/memory/store.js';
export type { CacheOptions, FreshnessOptions, GetOptions, GetOrSetOptions, SetOptions } from './cache/options.js';
export type {
  CacheStore,
  Capture,
  ChangeListener,
  EntryStore,
  Lease,
  LeaseRequest,
  Reading,
  Write,
} from './cache/ports.js';
export { type CacheReadsOptions, cacheReads } from './cache/reads.js';
export { entityTags } from './cache/reads-keys.js';
export type { RedisArgument, RedisCallOptions } from './cache/redis/call-options.js';
export type { RedisClientLike } from './cache/redis/client.js';
export { RedisLockStore, type RedisLockStoreOptions } from './cache/redis/locks.js';
export type { RedisOptions, RedisTls } from './cache/redis/options.js';
export { RedisStore } from './cache/redis/store.js';
export type {
  StoreClients,
  StoreKeyspace,
  StoreMemory,
  StoreNodeStats,
  StoreStats,
  StoreStatsOptions,
  StoreWarning,
} from './cache/store-stats.js';
export type { ClearOptions } from './cache/sweep.js';
export type { ConnectionEvent, ConnectionListener } from './core/connection-events.js';
export type { Fitting, Found, Includes, Ranked, Relation } from './core/found.js';
export type { Comparison, GroupKeyOf, GroupOptions, Keyed, KeyName, Measured, MeasureOf } from './core/group-types.js';
export type {
  ChangeOperator,
  DeleteContext,
  DeleteEvent,
  HookContext,
  SavingVerb,
  WriteEvent,
} from './core/hook-types.js';
export type { RepositoryOptions } from './core/hookable.js';
export type { CommandCall, Middleware, Next } from './core/middleware.js';
export { narrow } from './core/narrow.js';
export type { Logger, ObserverOptions } from './core/observer.js';
export type {
  CallOptions,
  CountOptions,
  DeletedOptions,
  DeleteOptions,
  FindByIdOptions,
  FindOneOptions,
  FindOptions,
  IncludeOptions,
  ManyOptions,
  NearOptions,
  OrderOptions,
  SearchOptions,
  SelectOptions,
  StreamOptions,
  UpdateOptions,
  UpsertManyOptions,
  UpsertOptions,
} from './core/options.js';
export type { CountMode, CursorPage, CursorPageOptions, Page, PaginateOptions } from './core/page.js';
export type {
  CloseOptions,
  Database,
  EngineName,
  IsolationLevel,
  Resource,
  RunOptions,
  ServerState,
  StreamRunOptions,
  Transaction,
  TransactionOptions,
} from './core/ports.js';
export {
  belongsTo,
  belongsToMany,
  type Has,
  hasMany,
  hasOne,
  type ListRelationOptions,
  manyToMany,
  type OrderedRelationOptions,
  type RelationOptions,
} from './core/relation.js';
export { Repository } from './core/repository.js';
export type { LockOptions } from './core/row-lock.js';
export { scopedBy } from './core/scoped-by.js';
export type { BulkWrite, EachPatch, Gotten, SearchText, Upserted, WriteCounts } from './core/verb-types.js';
export { CacheUnavailableError, LoadFailedError } from './errors/cache.js';
export {
  ConstraintError,
  DuplicateKeyError,
  ForeignKeyError,
  type Issue,
  NotFoundError,
  StaleFenceError,
  StaleVersionError,
  ValidationError,
} from './errors/data.js';
export { type Outcome, TrivetError } from './errors/error.js';
export { LockContendedError, LockLostError, LockUnavailableError } from './errors/lock.js';
export { PoolExhaustedError, type PoolHolder, type PoolStats, PoolUnavailableError } from './errors/pool.js';
export {
  AbortedError,
  AfterCommitError,
  AuthenticationError,
  ClosedError,
  ConflictError,
  ConnectionError,
  DriverMissingError,
  QueryError,
  SchemaError,
  TimeoutError,
  TransactionAbortedError,
  TransactionClosedError,
} from './errors/runtime.js';
export { MemoryDatabase, type MemoryOptions } from './memory/database.js';
export type {
  MongoConcernOptions,
  MongoReadConcern,
  MongoReadPreference,
  MongoWriteConcern,
} from './mongo/concerns.js';
export { MongoDatabase } from './mongo/database.js';
export type { MongoOptions } from './mongo/options.js';
export { MongoRepository } from './mongo/repository.js';
export type { MongoTransactionOptions } from './mongo/transaction.js';
export { PoolCloseError } from './pool/close.js';
export type { ConnectOptions } from './pool/connect-options.js';
export type { PoolEvents } from './pool/events.js';
export type { HealthReport, HealthStatus, Liveness, PoolHealth, PoolStatus, Pools, Readiness } from './pool/health.js';
export { ConnectionPoolManager } from './pool/manager.js';
export type { HealthCheckOptions, PoolManagerOptions } from './pool/options.js';
export type { ShutdownOptions } from './pool/shutdown.js';
export { PoolStartError } from './pool/start.js';
export { PostgresDatabase } from './postgres/database.js';
export type { Explained, PlanNode } from './postgres/explain.js';
export type { PostgresOptions } from './postgres/options.js';
export { type ExplainOptions, PostgresRepository } from './postgres/repository.js';
export { sql } from './postgres/sql.js';
export type { PostgresTransactionOptions } from './postgres/transaction.js';
export { and, type Group, not, or } from './query/and-or-not.js';
export type { Clause } from './query/clause.js';
export type { Command, FindCommand, ReadCommand, SchemaReport, WriteCommand } from './query/command.js';
export {
  anyOf,
  between,
  type Condition,
  contains,
  endsWith,
  eq,
  gt,
  gte,
  has,
  hasAll,
  hasAny,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  noneOf,
  startsWith,
} from './query/condition.js';
export {
  avg,
  type Bucket,
  type BucketOptions,
  bucket,
  count,
  countDistinct,
  type Each,
  each,
  type Measure,
  max,
  min,
  sum,
} from './query/group-by.js';
export { type ListQuery, parseListQuery } from './query/list-query.js';
export type { ListOperator, ListRules } from './query/list-rules.js';
export type { ListSource } from './query/list-source.js';
export { addToSet, increment, maximum, minimum, pull, push, type UpdateOperator } from './query/update-operator.js';
// Every type that a definition's inferred type names is exported, or applications could not emit their declarations.
export type { GeoPoint, GeoPointField, Json, JsonField, ListField, ObjectField } from './schema/composites.js';
export { geoPoint, json, list, object } from './schema/composites.js';
export { type EntityOptions, entity } from './schema/entity.js';
export type {
  AnyField,
  Anywhere,
  Defaulted,
  Fence,
  Field,
  Hidden,
  KeyField,
  OnMongo,
  OnPostgres,
  Optional,
  PrimaryKey,
  ReferenceOptions,
  ScalarField,
  SoftDelete,
  Supports,
  Unique,
  Version,
} from './schema/field.js';
export { type Index, index } from './schema/index-spec.js';
export { type JsonSchema, type JsonSchemaOptions, toJsonSchema } from './schema/json-schema.js';
export type { StoredRow } from './schema/model.js';
export type { BigintField, DecimalField, DecimalInput, IntegerField, RealField } from './schema/numbers.js';
export { bigint, bigserial, decimal, integer, real, serial } from './schema/numbers.js';
export { fenced, softDelete, type Timestamps, timestamps, versioned } from './schema/presets.js';
export type {
  BinaryField,
  BooleanField,
  DateField,
  EnumField,
  ObjectIdField,
  TimestampField,
  UuidField,
} from './schema/scalars.js';
export { binary, boolean, date, enumOf, objectId, timestamp, uuid } from './schema/scalars.js';
export type { StandardSchema } from './schema/standard.js';
export { type TextField, text } from './schema/text.js';
export type { AnyEntity, Change, Entity, EntityWith, Id, Insert, Patch, Row, Where } from './schema/types.js';
export type { CalendarUnit } from './util/calendar.js';
export type { Clock } from './util/clock.js';
export { type Duration, parseDuration } from './util/duration.js';
