export { PostgresDatabase, type QueryOptions } from './database.js';
export type { PostgresClient, PostgresPool, Release } from './driver.js';
export type { Explained, PlanNode } from './explain.js';
export { POSTGRES_DEFAULTS, type PostgresOptions, type PostgresTls } from './options.js';
export { type ExplainOptions, PostgresRepository } from './repository.js';
export { type SqlFragment, type SqlValue, sql } from './sql.js';
export type { PostgresTransactionOptions } from './transaction.js';
