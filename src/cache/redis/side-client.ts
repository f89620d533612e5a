import { isCluster, type RedisClientLike, type SingleRedisClient } from './client.js';
import { clientOptions } from './connection.js';
import { askBeforeConnecting } from './credentials.js';
import { loadDriver } from './driver.js';
import type { Settings } from './options.js';

/**
 * A client beside the one that runs commands, with a login and settings like its own. `purpose` is told from others by its name on the server; `failed`
 * hears of a password that could not be had.
 */
export async function sideClient(
  settings: Settings,
  purpose: string,
  options: Readonly<Record<string, unknown>>,
  failed: (error: Error) => void,
): Promise<SingleRedisClient> {
  const { client: given, password, connectTimeoutMs, connectionName, resource } = settings;
  const own = {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    connectionName: `${connectionName}(${purpose})`,
    ...options,
  };
  const client =
    given === null
      ? new (await loadDriver()).Redis({ ...clientOptions(settings), ...own })
      : (await single(given)).duplicate(own);
  if (given === null && typeof password === 'function')
    askBeforeConnecting(client, password, connectTimeoutMs, resource, failed);
  // Without a listener the driver writes its errors to the console; they come out where they are waited for.
  client.on('error', () => {});
  return client;
}

/** A master of a cluster that was given, one that is connected before others; else the client itself. */
async function single(given: RedisClientLike): Promise<SingleRedisClient> {
  if (!isCluster(given)) return given as SingleRedisClient;
  if (given.status === 'wait') await given.connect();
  const masters = given.nodes('master');
  const master = masters.find(({ status }) => status === 'ready') ?? masters[0];
  if (master === undefined) throw new Error('no master of the cluster is known');
  return master;
}
