'use strict';

const { PostgresDatabase } = require('trivet/postgres');
const { MongoDatabase } = require('trivet/mongo');
const { CacheManager, Locks, RedisLockStore, RedisStore } = require('trivet/cache');
const { refusal, story } = require('./readings.js');

const { POSTGRES_URL, MONGO_URL, REDIS_STORE_URL, KEY_PREFIX = 'script' } = process.env;

async function main() {
  const postgres = new PostgresDatabase({ url: POSTGRES_URL, max: 2 });
  const mongo = new MongoDatabase({ url: MONGO_URL });
  const redis = new RedisStore({ url: REDIS_STORE_URL });
  try {
    const cache = new CacheManager(redis, { prefix: KEY_PREFIX, storeTimeout: '10s' });
    const locks = new Locks(new RedisLockStore(redis, { prefix: KEY_PREFIX }));
    const found = {
      node: process.versions.node.split('.')[0],
      postgres: await story(postgres),
      mongo: await story(mongo),
      cached: [await cache.getOrSet('n', async () => 1), await cache.getOrSet('n', async () => 2)],
      locked: await locks.withLock('script', () => refusal(() => locks.acquire('script'))),
    };
    console.log(JSON.stringify(found));
  } finally {
    await Promise.all([postgres.close(), mongo.close(), redis.close()]);
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
