export { type CacheContractOptions, cacheContract, cacheRules } from './cache-contract/contract.js';
export type { CacheRule } from './cache-contract/kit.js';
export type { ContractRunner, Rule } from './contract.js';
export type { LossOptions } from './faults/loss.js';
export {
  type FaultProxy,
  type FaultProxyCounts,
  type FaultProxyOptions,
  type NetworkFaults,
  startFaultProxy,
} from './faults/proxy.js';
export type { Target } from './faults/target.js';
export { type LockContractOptions, lockContract, lockContractCases } from './lock-contract/contract.js';
export type { LockContractCase, OpenedLocks } from './lock-contract/kit.js';
export { contractCases, type RepositoryContractOptions, repositoryContract } from './repository-contract/contract.js';
export type { ContractCase } from './repository-contract/kit.js';
export { type ServerAttempt, ServerNotFoundError } from './servers/error.js';
export { startMongo, startOwnMongo } from './servers/mongo.js';
export { startOwnPostgres, startPostgres } from './servers/postgres.js';
export { startOwnRedis, startRedis } from './servers/redis.js';
export type {
  MongoMember,
  OwnMongo,
  OwnMongoOptions,
  OwnPostgres,
  OwnRedis,
  OwnServer,
  OwnServerOptions,
  ServerControls,
  ServerOptions,
  ServerOrigin,
  StartedDatabase,
  StartedKeyspace,
  StartedMongo,
  StartedPostgres,
  StartedRedis,
  StartedServer,
} from './servers/types.js';
