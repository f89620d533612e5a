import type { ConnectionPoolManager, MongoDatabase, PostgresDatabase, RedisStore } from 'trivet';

/** The three of the example. */
export type Pools = ConnectionPoolManager<{ sql: PostgresDatabase; docs: MongoDatabase; redis: RedisStore }>;

export const NAMES = ['sql', 'docs', 'redis'] as const;

export type Name = (typeof NAMES)[number];
