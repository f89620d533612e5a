// A blog as an HTTP service on PostgreSQL or MongoDB (ENGINE), with Redis where there is one, that is migrated, filled, and ends in order.
import { once } from 'node:events';
import { MongoDatabase, PostgresDatabase, RedisStore } from 'trivet';
import { ServerNotFoundError, type StartedRedis, startMongo, startPostgres, startRedis } from 'trivet/testing';
import { composeService, type Parts } from './06-service/composition.js';
import { createApp } from './06-service/http/app.js';
import { drainable } from './06-service/http/drainable.js';
import { prepare } from './06-service/prepare.js';
import { DEMO_ADMIN } from './06-service/seeds/_people.js';
import { SettingsError, settingsOf } from './06-service/settings.js';
import { listening, PortTakenError } from './listening.js';
import { stoppable } from './stoppable.js';

/** How long requests that are under way have to be answered when the process ends. */
const DRAIN_MS = 10_000;
const log = console.log;

const TOLD = [ServerNotFoundError, SettingsError, PortTakenError];

await stoppable(main, (error) => TOLD.some((each) => error instanceof each));

async function main(signal: AbortSignal): Promise<void> {
  const settings = settingsOf(process.env, log);
  // What was begun first is ended last, whatever happens: the servers outlive the pools, and the pools the requests.
  await using server = await (settings.engine === 'postgres' ? startPostgres({ log }) : startMongo({ log }));
  if (!server.real) throw new Error('This example needs a PostgreSQL that takes more than one connection.');
  signal.throwIfAborted();
  await using redisServer = await redisIfThere();
  signal.throwIfAborted();

  const { url, database: name } = server;
  const database = settings.engine === 'postgres' ? new PostgresDatabase({ url }) : new MongoDatabase({ url, name });
  try {
    await prepare(database, { log, signal });
    await serve({ settings, database, redis: redisServer && new RedisStore({ url: redisServer.url }) }, signal);
  } finally {
    await database.close();
  }
}

/** Listens until the signal. */
async function serve(parts: Parts, signal: AbortSignal): Promise<void> {
  const service = composeService(parts);
  try {
    await service.pools.connect({ mode: 'wait' });
    // The first look at them: from then on `/readyz` tells of it.
    await service.pools.health();
    const { server, drain } = drainable(createApp(service));
    server.listen(parts.settings.port, '127.0.0.1');
    const address = `http://127.0.0.1:${await listening(server, signal)}`;
    log(`listening on ${address}`);
    log(`for the demonstration only: ${DEMO_ADMIN.email} is an admin, with the password ${DEMO_ADMIN.password}`);
    log(`try curl -s '${address}/posts?limit=2', and what examples/06-service/README.md shows; Ctrl-C ends it`);
    if (!signal.aborted) await once(signal, 'abort');
    log('ending: requests that are under way are answered');
    const cut = await drain(DRAIN_MS);
    log(cut === 0 ? 'ended' : `ended; ${cut} requests were cut`);
  } finally {
    await service.close();
  }
}

/**
 * A Redis of our own. The database is new in each run, so a cache that outlives it would tell of rows that are gone.
 */
async function redisIfThere(): Promise<StartedRedis | null> {
  try {
    return await startRedis({ log, skip: ['environment', 'local'] });
  } catch (error) {
    if (!(error instanceof ServerNotFoundError)) throw error;
    log('there is no Redis: cache, locks and limits are kept in memory, for this process alone');
    return null;
  }
}
