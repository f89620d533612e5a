import { Redis } from 'ioredis';
import { afterAll } from 'vitest';
import type { RedisStore } from '../../src/index.js';
import { type OwnRedis, startOwnRedis } from '../../src/testing/index.js';
import { until } from '../postgres/kit.js';
import { atEnd } from '../setup/at-end.js';
import { openedAt } from './kit.js';

const LOGIN = { username: 'ann', password: 'planted' };
const NAME = 'main';
const log = (): void => {};

export const portOf = ({ url }: OwnRedis): number => Number(new URL(url).port);

/** A primary with its replica, and the sentinel that watches them. */
export interface Watched {
  /** The primary at first. */
  readonly first: OwnRedis;
  readonly second: OwnRedis;
  readonly atFirst: RedisStore;
  readonly atSecond: RedisStore;
  /** The sentinel. */
  readonly watcher: RedisStore;
  /** The port of the primary, as the sentinel says. */
  primary(): Promise<number>;
  /** Asks the sentinel to make the replica the primary, and waits until it says so. */
  failover(to: OwnRedis): Promise<void>;
  /** A client of the application: the sentinels tell it where the primary is. Its settings are those that send nothing twice. */
  client(more?: { readonly role?: 'master' | 'slave' }): Redis;
}

/** Two servers, and a sentinel that finds out within half a second when the primary is gone. They are stopped when the file is done. */
export async function startWatched(): Promise<Watched> {
  const user = ['--user', LOGIN.username, 'on', `>${LOGIN.password}`, '~*', '&*', '+@all'];
  const asReplica = ['--masteruser', LOGIN.username, '--masterauth', LOGIN.password];
  const [first, second, sentinel] = await Promise.all([
    startOwnRedis({ log, durable: true, arguments: [...user, ...asReplica] }),
    startOwnRedis({ log, durable: true, arguments: [...user, ...asReplica] }),
    startOwnRedis({ log, arguments: ['--sentinel'] }),
  ]);
  const alone = { timeout: '30s' } as const;
  const atFirst = openedAt(first.url, alone);
  const atSecond = openedAt(second.url, alone);
  const watcher = openedAt(sentinel.url, alone);
  afterAll(() => Promise.all([first.stop(), second.stop(), sentinel.stop()]));
  await atSecond.run('REPLICAOF', ['127.0.0.1', portOf(first)]);
  await until(async () => String(await atSecond.run('INFO', ['replication'])).includes('master_link_status:up'));
  await watcher.run('SENTINEL', ['MONITOR', NAME, '127.0.0.1', portOf(first), 1]);
  for (const [option, value] of Object.entries({
    'auth-user': LOGIN.username,
    'auth-pass': LOGIN.password,
    'down-after-milliseconds': 300,
    'failover-timeout': 2_000,
  }))
    await watcher.run('SENTINEL', ['SET', NAME, option, value]);
  // Redis 7 can be told to look more often than every ten seconds whether a server is what it should be.
  await watcher.run('SENTINEL', ['DEBUG', 'INFO-PERIOD', 200, 'PUBLISH-PERIOD', 200]).catch(() => {});
  const primary = async (): Promise<number> => {
    const [, port] = (await watcher.run('SENTINEL', ['GET-MASTER-ADDR-BY-NAME', NAME])) as [string, string];
    return Number(port);
  };
  return {
    ...{ first, second, atFirst, atSecond, watcher, primary },
    async failover(to) {
      await until(() =>
        watcher.run('SENTINEL', ['FAILOVER', NAME]).then(
          () => true,
          // It does not know the replica well enough yet.
          () => false,
        ),
      );
      await until(async () => (await primary()) === portOf(to));
    },
    client(more = {}) {
      const { hostname, port, password } = new URL(sentinel.url);
      const made = new Redis({
        sentinels: [{ host: hostname, port: Number(port) }],
        sentinelPassword: password,
        name: NAME,
        ...LOGIN,
        lazyConnect: true,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
        enableOfflineQueue: false,
        retryStrategy: () => 50,
        sentinelRetryStrategy: () => 50,
        ...more,
      });
      made.on('error', () => {});
      atEnd(() => made.disconnect());
      return made;
    },
  };
}
