// A cache and locks: a slow query, a write after commit, a stampede of four processes, and a lock that is lost, with what its fence did.
import {
  CacheManager,
  cacheReads,
  entity,
  entityTags,
  fenced,
  integer,
  LockLostError,
  MemoryStore,
  PostgresDatabase,
  RedisStore,
  Repository,
  StaleFenceError,
  text,
} from 'trivet';
import { ServerNotFoundError, type StartedRedis, startPostgres, startRedis } from 'trivet/testing';
import { stampede } from './04-cache-and-locks/stampede.js';
import { stoppable } from './stoppable.js';

const Account = entity('accounts', {
  id: text().max(20).primaryKey(),
  balance: integer().default(0),
  ...fenced(),
});

await stoppable(main, (error) => error instanceof ServerNotFoundError);

async function main(signal: AbortSignal): Promise<void> {
  await using postgres = await startPostgres({ log: console.log });
  const redis = await redisOrNull();
  const store = redis === null ? new MemoryStore() : new RedisStore({ url: redis.url });
  const sql = new PostgresDatabase({ url: postgres.url, max: 4 });
  try {
    // Its keys are deleted at the end.
    const prefix = redis?.createKeyspace().prefix ?? 'example';
    const cache = new CacheManager(store, { prefix, ttl: '10m', storeTimeout: '1s' });
    const accounts = new Repository(sql, Account, { use: [cacheReads(cache, { findById: '5m', find: '1m' })] });
    await accounts.ensureSchema();
    await slowQuery(sql, cache);
    await writeAfterCommit(sql, accounts, cache);
    signal.throwIfAborted();
    if (redis === null)
      console.log('\nA stampede of processes needs Redis: there is none here, so that it is left out.');
    else {
      console.log('\nA stampede: 4 processes, 250 callers in each, one key');
      const [loads, values] = await stampede(redis.url, prefix, signal);
      console.log(`  ${loads} load, ${values} value for 1,000 callers`);
    }
    await lostLock(accounts, cache);
  } finally {
    await sql.close();
    if (store instanceof RedisStore) await store.close();
    await redis?.stop();
  }
}

async function slowQuery(sql: PostgresDatabase, cache: CacheManager): Promise<void> {
  console.log('\nA slow query, three times');
  const report = () =>
    sql.query<{ sum: string }>('select sum(g)::text as sum, pg_sleep(0.3)::text from generate_series(1, 1000000) g');
  for (let i = 1; i <= 3; i++) {
    const startedAt = performance.now();
    const [row] = await cache.getOrSet('report', report, { tags: entityTags(Account) });
    console.log(`  ${i}: ${row!.sum} in ${Math.round(performance.now() - startedAt)} ms`);
  }
}

async function writeAfterCommit(
  sql: PostgresDatabase,
  accounts: Repository<typeof Account>,
  cache: CacheManager,
): Promise<void> {
  console.log('\nA write is seen when it has committed, and not before');
  await accounts.upsert({ id: 'ann', balance: 100 }, { on: 'id' });
  const outside = async () => (await sql.detached(() => accounts.get('ann'))).balance;
  console.log(`  before: ${await outside()}`);
  await sql.transaction(async () => {
    await accounts.update('ann', { balance: 250 });
    console.log(`  in the transaction: ${(await accounts.get('ann')).balance} inside, ${await outside()} outside`);
  });
  console.log(`  after: ${await outside()}`);
  console.log(`  the report of above is computed anew when it is asked for: ${(await cache.explain('report')).why}`);
}

async function lostLock(accounts: Repository<typeof Account>, cache: CacheManager): Promise<void> {
  console.log('\nA lock that is lost while its holder is not looking');
  const slow = await cache.acquireLock('account ann', { ttl: '200ms' });
  // As if the process was stopped: its lock ends, another one takes it and writes.
  const quick = await cache.acquireLock('account ann', { ttl: '10s', wait: '10s' });
  await accounts.update('ann', { balance: 300 }, { fence: quick.fence });
  console.log(`  the second holder has written with fence ${quick.fence}`);
  try {
    slow.assertHeld();
  } catch (error) {
    if (!(error instanceof LockLostError)) throw error;
    console.log('  the first is told that its lock is lost, if it asks');
  }
  try {
    await accounts.update('ann', { balance: 999 }, { fence: slow.fence });
  } catch (error) {
    if (!(error instanceof StaleFenceError)) throw error;
    console.log(
      `  it does not ask, and its write with fence ${slow.fence} is refused: the balance is ${(await accounts.get('ann')).balance}`,
    );
  }
  await quick.release();
}

async function redisOrNull(): Promise<StartedRedis | null> {
  try {
    return await startRedis({ log: console.log });
  } catch (error) {
    if (!(error instanceof ServerNotFoundError)) throw error;
    console.log('There is no Redis here: this runs on the store in memory.');
    return null;
  }
}
