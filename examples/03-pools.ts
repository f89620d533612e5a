// Three pools while their servers are frozen, killed and restarted: their health, their figures, and what callers saw.
import { ConnectionPoolManager, MongoDatabase, PostgresDatabase, RedisStore } from 'trivet';
import { ServerNotFoundError, startOwnMongo, startOwnPostgres, startOwnRedis } from 'trivet/testing';
import { Callers } from './03-pools/callers.js';
import { scenes } from './03-pools/scenes.js';
import { Screen } from './03-pools/screen.js';
import { stoppable } from './stoppable.js';

await stoppable(main, (error) => error instanceof ServerNotFoundError);

async function main(signal: AbortSignal): Promise<void> {
  // Servers of its own: what is done to them here is not to be done to those of others.
  await using postgres = await startOwnPostgres({ log: console.log });
  signal.throwIfAborted();
  await using mongo = await startOwnMongo({ log: console.log });
  signal.throwIfAborted();
  await using redis = await startOwnRedis({ log: console.log });
  signal.throwIfAborted();

  const limits = { connectTimeout: '1s', timeout: '2s' } as const;
  await using pools = await new ConnectionPoolManager(
    {
      sql: new PostgresDatabase({ url: postgres.url, max: 4, acquireTimeout: '500ms', ...limits }),
      docs: new MongoDatabase({ url: mongo.url, max: 4, acquireTimeout: '500ms', ...limits }),
      redis: new RedisStore({ url: redis.url, ...limits }),
    },
    { healthCheck: { interval: '250ms', timeout: '500ms' } },
  ).connect();

  const callers = new Callers(pools);
  const screen = new Screen(pools, callers);
  try {
    for (const { title, play } of scenes({ postgres, mongo, redis, pools })) {
      signal.throwIfAborted();
      callers.forget();
      screen.begin(title);
      await play();
      screen.end();
    }
  } finally {
    screen.close();
    await callers.stop();
  }
  console.log(`\n${callers.total} calls: every one was answered or failed with an error that says what became of it.`);
  console.log(
    'not-executed: the server did nothing, so it is safe to try again. unknown: it may have done it (docs/failures.md).',
  );
}
