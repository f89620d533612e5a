import {
  CacheManager,
  type Clock,
  ConnectionPoolManager,
  Locks,
  type Logger,
  type MemoryDatabase,
  MemoryLockStore,
  MemoryStore,
  type MongoDatabase,
  type PostgresDatabase,
  RedisLockStore,
  type RedisStore,
} from 'trivet';
import { type DomainClock, domainClock, systemClock } from './clock.js';
import { type CounterStore, MemoryCounter, RedisCounter } from './http/counters.js';
import { postRelations } from './relations.js';
import { type Repositories, repositoriesOf } from './repositories.js';
import { Accounts } from './services/accounts.js';
import { Analytics } from './services/analytics.js';
import { Directory } from './services/directory.js';
import { Discussion } from './services/discussion.js';
import { Feeds } from './services/feeds.js';
import { Importing } from './services/importing.js';
import { Profiles } from './services/profiles.js';
import { Publishing } from './services/publishing.js';
import { Reading } from './services/reading.js';
import { ViewCounts } from './services/view-counts.js';
import type { Settings } from './settings.js';
import { SlowQueries } from './slow-queries.js';

/** What is made outside: the servers differ, and a test brings its own. */
export interface Parts {
  readonly settings: Settings;
  readonly database: PostgresDatabase | MongoDatabase | MemoryDatabase;
  /** Without it, cache, locks and counters are those of this process alone. */
  readonly redis: RedisStore | null;
  /** What every key in Redis begins with. @default 'blog' */
  readonly prefix?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The service, ready to be used. Nothing in it is of one engine. */
export interface Service {
  readonly settings: Settings;
  readonly clock: DomainClock;
  readonly logger: Logger | null;
  readonly repositories: Repositories;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly directory: Directory;
  readonly publishing: Publishing;
  readonly discussion: Discussion;
  readonly reading: Reading;
  readonly feeds: Feeds;
  readonly analytics: Analytics;
  readonly viewCounts: ViewCounts;
  readonly importing: Importing;
  readonly cache: CacheManager;
  readonly locks: Locks;
  readonly counters: CounterStore;
  readonly pools: ConnectionPoolManager;
  readonly slowQueries: SlowQueries;
  /** Closes the database and Redis, too. */
  close(): Promise<void>;
}

const SLOW_MS = 100;

/** Puts the parts together. This module alone knows which engines there are. */
export function composeService({ settings, database, redis, prefix = 'blog', clock: given, logger }: Parts): Service {
  const clock = given === undefined ? systemClock : domainClock(given);
  const logged = { ...(logger && { logger }) };
  const pools = new ConnectionPoolManager(
    { database, ...(redis && { redis }) },
    // Without Redis the service is slower, and right.
    { healthCheck: { interval: '2s' }, optional: redis === null ? [] : ['redis'], ...logged },
  );
  // The service answers `/readyz` from its first moment on, and is ready when its database is there.
  void pools.connect({ mode: 'background' });

  const slowQueries = new SlowQueries(SLOW_MS, () => clock.date());
  const cache = new CacheManager(redis ?? new MemoryStore(), {
    prefix,
    ttl: '1m',
    stale: '1m',
    staleIfError: '10m',
    ...logged,
  });
  const locks = new Locks(redis === null ? new MemoryLockStore() : new RedisLockStore(redis, { prefix }));
  const counters = redis === null ? new MemoryCounter() : new RedisCounter(redis, `${prefix}:requests:`);

  const repositories = repositoriesOf(database, database, clock);
  const relations = postRelations(repositories);
  const feeds = new Feeds(repositories, relations, cache, logger);
  const viewCounts = new ViewCounts(repositories, clock);
  return {
    settings,
    clock,
    logger: logger ?? null,
    repositories,
    accounts: new Accounts(repositories.users, clock, feeds.changed),
    profiles: new Profiles(repositories),
    directory: new Directory(repositories.users, repositories.posts),
    publishing: new Publishing(repositories, clock, feeds.changed),
    discussion: new Discussion(repositories, feeds.changed),
    reading: new Reading(repositories, relations, clock, viewCounts.countOne),
    feeds,
    analytics: new Analytics(repositories, relations),
    viewCounts,
    importing: new Importing(repositories, locks, feeds.allChanged),
    cache,
    locks,
    counters,
    pools,
    slowQueries,
    async close() {
      slowQueries.close();
      await pools.close();
    },
  };
}
