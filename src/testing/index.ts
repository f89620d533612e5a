export { contractCases, type RepositoryContractOptions, repositoryContract } from './repository-contract/contract.js';
export type { ContractCase } from './repository-contract/kit.js';
export { type ServerAttempt, ServerNotFoundError } from './servers/error.js';
export { startMongo } from './servers/mongo.js';
export { startPostgres } from './servers/postgres.js';
export { startRedis } from './servers/redis.js';
export type {
  ServerOptions,
  ServerOrigin,
  StartedDatabase,
  StartedKeyspace,
  StartedMongo,
  StartedPostgres,
  StartedRedis,
  StartedServer,
} from './servers/types.js';
